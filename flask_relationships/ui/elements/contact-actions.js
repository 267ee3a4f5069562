// <rel-contact-actions contact-id="…">: the follow-ups of a contact; done and dismissed with a way back.

import { actionFields, actionValues } from "./action-form.js";
import { ClosedActions } from "./closed-actions.js";
import { holdClosed } from "./closing.js";
import { button, dotted, h, written } from "./dom.js";
import { RelElement, define } from "./element.js";
import { due } from "./due.js";
import { enter, form, hasDraft } from "./form.js";
import { t } from "./texts.js";
import { css } from "./theme.js";
import { actionName } from "./words.js";

const contactActionsSheet = css`
  .rows > li.action {
    display: block;
  }
  .line {
    display: flex;
    justify-content: space-between;
    align-items: baseline;
    gap: 0.15rem 0.8rem;
  }
  .action .buttons {
    margin-top: 0.45rem;
  }
`;

const MOST_SHOWN = 50;

export class RelContactActions extends RelElement {
  static sheets = [contactActionsSheet];

  /** The form of a new action, while it is open. @type {HTMLFormElement | null} */
  adding = null;
  /** Those that were closed here, which the API is told of in a moment. @type {Set<string>} */
  held = new Set();
  closed = new ClosedActions(
    this,
    () => [`${this.contactPath}/relationship-actions`, {}],
    (action) => this.focusOn(`done-${action.id}`),
  );

  connected(signal) {
    this.hear("actions", () => this.#again(), signal);
    this.hear("life-events", () => this.#again(), signal);
    this.hear("messages", () => this.#again(), signal);
    this.hear("draft-action", ({ title }) => this.#add({ title }), signal);
  }

  reset() {
    this.adding = null;
    this.closed.forget();
    this.held.clear();
  }

  async load() {
    const page = await this.client.page(`${this.contactPath}/relationship-actions`, "actions", {
      status: "pending",
      limit: MOST_SHOWN,
    });
    if (this.may("update") && !this.adding && hasDraft(this, "new")) this.adding = this.#form({});
    return page;
  }

  words() {
    const count = this.#open.length;
    return [t("Follow-ups"), " ", count > 0 && h("span", { class: "count" }, this.data.next ? `${count}+` : count)];
  }

  tools() {
    return [
      this.may("update") &&
        !this.adding &&
        button(t("Add"), () => this.#add({}), { key: "add", about: t("a follow-up") }),
    ];
  }

  get #open() {
    return (this.data?.items ?? []).filter(({ id }) => !this.held.has(id));
  }

  draw() {
    const open = this.#open;
    return [
      this.adding,
      open.length
        ? h(
            "ul",
            { class: "rows" },
            open.map((action) => this.#row(action)),
          )
        : !this.adding && this.empty(t("Nothing is open.")),
      this.data.next && button(t("Show more"), () => this.#more(), { key: "more", kind: "quiet" }),
      this.closed.draw(),
    ];
  }

  #row(action) {
    const sends = action.message_body && this.may("update");
    return h(
      "li",
      { class: "action", part: "row" },
      h(
        "div",
        { class: "line" },
        written(action.title, "span", { class: "title" }),
        due(action.due_date, this.getAttribute("time-zone")),
      ),
      h(
        "div",
        { class: "muted small" },
        dotted(written(actionName(action.action_type)), action.assigned_to_name && written(action.assigned_to_name)),
      ),
      action.description && written(action.description, "div", { class: "muted small" }),
      action.message_body && written(action.message_body, "blockquote", { class: "quote" }),
      this.may("update") &&
        h(
          "div",
          { class: "buttons" },
          sends &&
            button(t("Review and send"), () => this.tell("compose", { action }), {
              key: `send-${action.id}`,
              about: action.title,
            }),
          button(t("Done"), () => this.#close(action, "done"), { key: `done-${action.id}`, about: action.title }),
          button(t("Dismiss"), () => this.#close(action, "dismissed"), {
            key: `dismiss-${action.id}`,
            kind: "quiet",
            about: action.title,
          }),
        ),
    );
  }

  #more() {
    return this.attempt(async () => {
      const { next } = this.data;
      const page = await next();
      if (this.data.next !== next) return;
      this.data = { items: [...this.data.items, ...page.items], next: page.next };
      this.paint();
    });
  }

  #again() {
    this.closed.look();
    return this.refresh();
  }

  #close(action, status) {
    holdClosed(this, [action], status, {
      focus: true,
      back: `done-${action.id}`,
      send: async (options) => {
        await this.client.patch(`/relationship-actions/${action.id}`, { status }, options);
        await this.refresh();
        this.tell("actions");
      },
    });
    this.paint();
  }

  #add(values) {
    if (!this.may("update")) return;
    this.adding = this.#form(values);
    this.paint();
    enter(this.adding);
  }

  #form(values) {
    return form(this, {
      draft: "new",
      whole: true,
      label: t("Add"),
      name: t("New follow-up"),
      values,
      fields: actionFields(),
      save: async (given) => {
        await this.client.post(`${this.contactPath}/relationship-actions`, actionValues(given));
        await this.refresh();
        this.tell("actions");
      },
      close: () => {
        this.adding = null;
        this.paint();
        this.focusOn("add");
      },
    });
  }
}

define("rel-contact-actions", RelContactActions);
