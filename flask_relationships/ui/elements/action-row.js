// One follow-up on the board: a line, and below it what was opened of it.

import { actionFields, actionValues } from "./action-form.js";
import { actionHistory } from "./action-history.js";
import { button, dotted, h, written } from "./dom.js";
import { PARTS } from "./element.js";
import { due } from "./due.js";
import { enter, form, hasDraft } from "./form.js";
import { rearrange } from "./rearrange.js";
import { t } from "./texts.js";
import { actionName, nameOf } from "./words.js";
import "./thread.js";

/** What a thread inside a row is told of the board's attributes. */
const HANDED = ["api", "permissions", "viewer", "time-zone", "csrf-token", "lang", "templates"];

export class ActionRow {
  /** What is open below the line: more, edit or send. @type {string | null} */
  open = null;
  /** What the API said of it last. @type {any} */
  action = null;
  #told = "";

  /** @param {import("./actions.js").RelActions} board */
  constructor(board, action) {
    const { id } = action;
    this.board = board;
    this.check = h("input", { type: "checkbox", "data-key": `check-${id}`, on: { change: () => board.ticked.tell() } });
    this.tickWords = h("span", { class: "away" });
    this.words = h("div", { class: "grow" });
    this.buttons = h("div", { class: "buttons" });
    this.place = h("div", { class: "opened", hidden: true });
    this.node = h(
      "li",
      { class: "action", part: "row", tabindex: "-1", "data-key": `row-${id}`, "data-id": id },
      board.may("update") && h("label", { class: "tick" }, this.check, this.tickWords),
      h("div", { class: "line" }, this.words, this.buttons),
      this.place,
    );
    this.update(action);
    if (board.may("update") && hasDraft(board, id)) this.show("edit", { focus: false });
  }

  /** Say what the API says now; what is open stays open. */
  update(action) {
    if (action === this.action) return;
    const told = JSON.stringify(action);
    if (told === this.#told) {
      this.action = action;
      return;
    }
    this.#told = told;
    this.action = action;
    const { board } = this;
    this.tickWords.textContent = t("Tick {title}", { title: action.title });
    const contact = nameOf(action);
    const address = board.contactAddress(action.contact_id);
    this.words.replaceChildren(
      h(
        "div",
        { class: "what" },
        written(action.title, "span", { class: "title" }),
        due(action.due_date, board.getAttribute("time-zone")),
      ),
      h(
        "div",
        { class: "muted small" },
        dotted(
          contact && (address ? h("a", { href: address }, h("bdi", {}, contact)) : written(contact)),
          action.company_name && written(action.company_name),
          actionName(action.action_type),
          board.all && (action.assigned_to_name ? written(action.assigned_to_name) : t("nobody’s")),
        ),
      ),
    );
    if (action.message_body) this.words.append(written(action.message_body, "div", { class: "muted small draft" }));
    if (!board.may("update")) return;
    const { id, title: about } = action;
    this.more = button("⋯", () => this.toggle("more"), {
      key: `more-${id}`,
      kind: "quiet dots",
      "aria-label": t("More about {title}", { title: about }),
      title: t("Put off, give, edit, history"),
      "aria-expanded": String(this.open !== null),
    });
    this.buttons.replaceChildren(
      ...[
        action.message_body && button(t("Review and send"), () => this.toggle("send"), { key: `send-${id}`, about }),
        button(t("Done"), () => board.close([action], "done"), { key: `done-${id}`, about }),
        button(t("Dismiss"), () => board.close([action], "dismissed"), {
          key: `dismissed-${id}`,
          kind: "quiet",
          about,
        }),
        this.more,
      ].filter(Boolean),
    );
  }

  toggle(what) {
    if (this.open === what) this.shut();
    else this.show(what);
  }

  shut() {
    const had = this.place.contains(this.board.shadowRoot.activeElement);
    this.open = null;
    this.place.hidden = true;
    this.place.replaceChildren();
    this.more?.setAttribute("aria-expanded", "false");
    if (had) this.more.focus();
  }

  /** Open something below the line. @param {"more" | "edit" | "send"} what */
  show(what, { focus = true } = {}) {
    this.open = what;
    this.place.replaceChildren(
      ...{ more: () => this.#more(), edit: () => [this.#edit()], send: () => [this.#send()] }[what](),
    );
    this.place.hidden = false;
    this.more?.setAttribute("aria-expanded", "true");
    if (focus && what !== "send") enter(this.place);
    if (focus && what === "more") this.place.querySelector("button")?.focus();
  }

  #more() {
    const { action, board } = this;
    const history = h(
      "details",
      {
        on: {
          toggle: (event) =>
            event.target.open && history.children.length === 1 && history.append(actionHistory(board, action)),
        },
      },
      h("summary", {}, t("History")),
    );
    return [
      action.description && written(action.description, "p", { class: "small" }),
      action.message_body && written(action.message_body, "blockquote", { class: "quote" }),
      h(
        "div",
        { class: "all-of-it" },
        rearrange(board, () => [this.action], action.title),
        button(t("Edit"), () => this.show("edit"), { about: action.title }),
      ),
      history,
    ].filter(Boolean);
  }

  #edit() {
    const { action, board } = this;
    return form(board, {
      draft: action.id,
      label: t("Save"),
      name: action.title,
      values: { ...action, action_type: actionName(action.action_type) },
      fields: actionFields(action),
      save: async (values) => {
        if (!Object.keys(values).length) return;
        await board.client.patch(
          `/contacts/${encodeURIComponent(action.contact_id)}/relationship-actions/${action.id}`,
          actionValues(values),
        );
        await board.changed();
      },
      close: () => {
        this.shut();
        if (this.node.isConnected) this.more.focus();
      },
    });
  }

  /** The messages of the contact, here, with the draft taken over. */
  #send() {
    const { action, board } = this;
    const given = Object.fromEntries(HANDED.map((name) => [name, board.getAttribute(name)]));
    const thread = h("rel-thread", {
      ...given,
      "contact-id": action.contact_id,
      name: nameOf(action),
      exportparts: PARTS,
    });
    thread.compose(action);
    return thread;
  }
}
