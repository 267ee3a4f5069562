// <rel-contact-actions contact-id="…">: the follow-ups of a contact. Closing one can be undone.

import { actionFields, actionValues } from "./action-form.js";
import { ClosedActions } from "./closed-actions.js";
import { button, h, joinWithDots, userText } from "./dom.js";
import { dueBadge } from "./due-badge.js";
import { RelElement, define } from "./element.js";
import { focusFirstField, form, hasDraft } from "./form.js";
import { holdClosed } from "./hold-closed.js";
import { actionName } from "./labels.js";
import { HiddenRows } from "./optimistic.js";
import { t } from "./texts.js";
import { css } from "./theme.js";

/** @import { Action } from "../types/api.js" */
/** @import { Page } from "../types/elements.js" */
/** @import { ClosedStatus } from "./hold-closed.js" */

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

const PAGE_SIZE = 50;

/** @extends {RelElement<Page<Action>>} */
export class RelContactActions extends RelElement {
  static sheets = [contactActionsSheet];

  /** Follow-ups that were closed here and which are not sent to the API yet. */
  held = new HiddenRows();

  /** The form of a new follow-up, while it is open. @type {HTMLFormElement | null} */
  #adding = null;
  #closed = new ClosedActions(
    this,
    () => ({ path: `${this.contactPath}/relationship-actions`, filters: {} }),
    (action) => this.focusOn(`done-${action.id}`),
  );

  /** @param {AbortSignal} signal */
  onConnect(signal) {
    this.subscribe("actions", () => this.#reload(), signal);
    this.subscribe("life-events", () => this.#reload(), signal);
    this.subscribe("messages", () => this.#reload(), signal);
    this.subscribe("draft-action", ({ title }) => this.#add({ title }), signal);
  }

  reset() {
    this.#adding = null;
    this.#closed.reset();
    this.held.clear();
  }

  async load() {
    /** @type {Page<Action>} */
    const page = await this.client.page(`${this.contactPath}/relationship-actions`, "actions", {
      status: "pending",
      limit: PAGE_SIZE,
    });
    if (this.can("update") && !this.#adding && hasDraft(this, "new")) this.#adding = this.#form({});
    return page;
  }

  renderHeading() {
    const count = this.#open.length;
    const text = this.data?.next ? `${count}+` : count;
    return [t("Follow-ups"), " ", count > 0 && h("span", { class: "count" }, text)];
  }

  renderControls() {
    const isOffered = this.can("update") && !this.#adding;
    return isOffered && button(t("Add"), () => this.#add({}), { key: "add", about: t("a follow-up") });
  }

  get #open() {
    return this.held.visible(this.data?.items ?? []);
  }

  /** @param {Page<Action>} page */
  renderBody({ next }) {
    const rows = this.#open.map((action) => this.#row(action));
    return [
      this.#adding,
      rows.length > 0 ? h("ul", { class: "rows" }, rows) : !this.#adding && this.renderEmpty(t("No open follow-ups.")),
      next && button(t("Show more"), () => this.#showMore(), { key: "more", kind: "quiet" }),
      this.#closed.render(),
    ];
  }

  /** @param {Action} action */
  #row(action) {
    const about = joinWithDots(
      userText(actionName(action.action_type)),
      action.assigned_to_name && userText(action.assigned_to_name),
    );
    return h(
      "li",
      { class: "action", part: "row" },
      h(
        "div",
        { class: "line" },
        userText(action.title, "span", { class: "title" }),
        dueBadge(action.due_date, this.timeZone),
      ),
      h("div", { class: "muted small" }, about),
      action.description && userText(action.description, "div", { class: "muted small" }),
      action.message_body && userText(action.message_body, "blockquote", { class: "quote" }),
      this.can("update") && h("div", { class: "buttons" }, this.#buttons(action)),
    );
  }

  /** @param {Action} action */
  #buttons(action) {
    const { id, title: about } = action;
    const compose = () => this.publish("compose", { action });
    return [
      action.message_body && button(t("Review and send"), compose, { key: `send-${id}`, about }),
      button(t("Done"), () => this.#close(action, "done"), { key: `done-${id}`, about }),
      button(t("Dismiss"), () => this.#close(action, "dismissed"), { key: `dismiss-${id}`, kind: "quiet", about }),
    ];
  }

  #showMore() {
    return this.attempt(async () => {
      const next = this.data?.next;
      if (!next) return;
      const page = await next();
      if (this.data?.next !== next) return;
      this.data = { items: [...this.data.items, ...page.items], next: page.next };
      this.requestRender();
    });
  }

  #reload() {
    this.#closed.load();
    return this.refresh();
  }

  /** @param {Action} action @param {ClosedStatus} status */
  #close(action, status) {
    holdClosed(this, [action], status, {
      focus: true,
      back: `done-${action.id}`,
      send: async (options) => {
        await this.client.patch(`/relationship-actions/${action.id}`, { status }, options);
        await this.refresh();
        this.publish("actions");
      },
    });
    this.requestRender();
  }

  /** @param {Partial<Action>} values */
  #add(values) {
    if (!this.can("update")) return;
    this.#adding = this.#form(values);
    this.requestRender();
    focusFirstField(this.#adding);
  }

  /** @param {Partial<Action>} values */
  #form(values) {
    return form(this, {
      draft: "new",
      whole: true,
      label: t("Add"),
      name: t("New follow-up"),
      values,
      fields: actionFields(),
      save: async (typed) => {
        await this.client.post(`${this.contactPath}/relationship-actions`, actionValues(typed));
        await this.refresh();
        this.publish("actions");
      },
      close: () => {
        this.#adding = null;
        this.requestRender();
        this.focusOn("add");
      },
    });
  }
}

define("rel-contact-actions", RelContactActions);
