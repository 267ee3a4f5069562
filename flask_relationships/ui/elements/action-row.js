// One follow-up on the board: a line, and below it the part that is open.

import { actionFields, actionValues } from "./action-form.js";
import { actionHistory } from "./action-history.js";
import { button, flat, h, joinWithDots, userText } from "./dom.js";
import { dueBadge } from "./due-badge.js";
import { PARTS } from "./element.js";
import { focusFirstField, form, hasDraft } from "./form.js";
import { actionName, contactName } from "./labels.js";
import { snoozeAndAssign } from "./snooze-assign.js";
import { t } from "./texts.js";
import "./thread.js";

/** @import { Action } from "../types/api.js" */
/** @import { RelActions } from "./actions.js" */

/** @typedef {"more" | "edit" | "send"} Opened */

/** Attributes of the board that a thread inside a row gets too. */
const THREAD_ATTRIBUTES = ["api", "permissions", "viewer", "time-zone", "csrf-token", "lang", "templates"];

export class ActionRow {
  /** What is open below the line. @type {Opened | null} */
  open = null;

  #tickLabel = h("span", { class: "away" });
  #text = h("div", { class: "grow" });
  #buttons = h("div", { class: "buttons" });
  #opened = h("div", { class: "opened", hidden: true });
  /** The button that opens more; a new one after each change. @type {HTMLButtonElement | null} */
  #moreButton = null;
  /** What is rendered, as JSON. */
  #rendered = "";

  /** @param {RelActions} board @param {Action} action */
  constructor(board, action) {
    const { id } = action;
    this.board = board;
    /** What the API answered last. */
    this.action = action;
    this.check = h("input", {
      type: "checkbox",
      "data-key": `check-${id}`,
      on: { change: () => board.selection.update() },
    });
    this.node = h(
      "li",
      { class: "action", part: "row", tabindex: "-1", "data-key": `row-${id}`, "data-id": id },
      board.can("update") && h("label", { class: "tick" }, this.check, this.#tickLabel),
      h("div", { class: "line" }, this.#text, this.#buttons),
      this.#opened,
    );
    this.update(action);
    if (board.can("update") && hasDraft(board, id)) this.show("edit", { focus: false });
  }

  /** Show what the API answers now. What is open stays open. @param {Action} action */
  update(action) {
    this.action = action;
    const content = JSON.stringify(action);
    if (content === this.#rendered) return;
    this.#rendered = content;
    this.#tickLabel.textContent = t("Select {title}", { title: action.title });
    this.#text.replaceChildren(...flat([this.#textNodes(action)]));
    if (this.board.can("update")) this.#buttons.replaceChildren(...flat([this.#buttonNodes(action)]));
  }

  /** @param {Action} action */
  #textNodes(action) {
    const { board } = this;
    const contact = contactName(action);
    const url = board.contactUrl(action.contact_id);
    const about = joinWithDots(
      contact && (url ? h("a", { href: url }, h("bdi", {}, contact)) : userText(contact)),
      action.company_name && userText(action.company_name),
      actionName(action.action_type),
      board.filters.showsAll && (action.assigned_to_name ? userText(action.assigned_to_name) : t("unassigned")),
    );
    return [
      h(
        "div",
        { class: "what" },
        userText(action.title, "span", { class: "title" }),
        dueBadge(action.due_date, board.timeZone),
      ),
      h("div", { class: "muted small" }, about),
      action.message_body && userText(action.message_body, "div", { class: "muted small draft" }),
    ];
  }

  /** @param {Action} action */
  #buttonNodes(action) {
    const { board } = this;
    const { id, title: about } = action;
    this.#moreButton = button("⋯", () => this.toggle("more"), {
      key: `more-${id}`,
      kind: "quiet dots",
      "aria-label": t("More about {title}", { title: about }),
      title: t("Snooze, assign, edit, history"),
      "aria-expanded": String(this.open !== null),
    });
    return [
      action.message_body && button(t("Review and send"), () => this.toggle("send"), { key: `send-${id}`, about }),
      button(t("Done"), () => board.close([action], "done"), { key: `done-${id}`, about }),
      button(t("Dismiss"), () => board.close([action], "dismissed"), { key: `dismissed-${id}`, kind: "quiet", about }),
      this.#moreButton,
    ];
  }

  /** @param {Opened} what */
  toggle(what) {
    if (this.open === what) this.close();
    else this.show(what);
  }

  close() {
    const hadFocus = this.#opened.contains(this.board.root.activeElement);
    this.open = null;
    this.#opened.hidden = true;
    this.#opened.replaceChildren();
    this.#moreButton?.setAttribute("aria-expanded", "false");
    if (hadFocus) this.#moreButton?.focus();
  }

  /** Open something below the line. @param {Opened} what @param {{ focus?: boolean }} [options] */
  show(what, { focus = true } = {}) {
    this.open = what;
    this.#opened.replaceChildren(...flat([this.#openedNodes(what)]));
    this.#opened.hidden = false;
    this.#moreButton?.setAttribute("aria-expanded", "true");
    if (focus && what !== "send") focusFirstField(this.#opened);
    if (focus && what === "more") this.#opened.querySelector("button")?.focus();
  }

  /** @param {Opened} what */
  #openedNodes(what) {
    if (what === "more") return this.#more();
    return what === "edit" ? this.#form() : this.#thread();
  }

  #more() {
    const { action, board } = this;
    return [
      action.description && userText(action.description, "p", { class: "small" }),
      action.message_body && userText(action.message_body, "blockquote", { class: "quote" }),
      h(
        "div",
        { class: "all-of-it" },
        snoozeAndAssign(board, () => [this.action], action.title),
        button(t("Edit"), () => this.show("edit"), { about: action.title }),
      ),
      this.#history(),
    ];
  }

  /** The history is loaded when it is opened first. */
  #history() {
    const { action, board } = this;
    const loadOnce = () => {
      if (history.open && history.children.length === 1) history.append(actionHistory(board, action));
    };
    /** @type {HTMLDetailsElement} */
    const history = h("details", { on: { toggle: loadOnce } }, h("summary", {}, t("History")));
    return history;
  }

  #form() {
    const { action, board } = this;
    const path = `/contacts/${encodeURIComponent(action.contact_id)}/relationship-actions/${action.id}`;
    return form(board, {
      draft: action.id,
      label: t("Save"),
      name: action.title,
      values: { ...action, action_type: actionName(action.action_type) },
      fields: actionFields(action),
      save: async (values) => {
        if (!Object.keys(values).length) return;
        await board.client.patch(path, actionValues(values));
        await board.refreshAndPublish();
      },
      close: () => {
        this.close();
        if (this.node.isConnected) this.#moreButton?.focus();
      },
    });
  }

  /** Return the messages of the contact, with the draft of the follow-up in the composer. */
  #thread() {
    const { action, board } = this;
    const attributes = Object.fromEntries(THREAD_ATTRIBUTES.map((name) => [name, board.getAttribute(name)]));
    const thread = h("rel-thread", {
      ...attributes,
      "contact-id": action.contact_id,
      name: contactName(action),
      exportparts: PARTS,
    });
    thread.compose(action);
    return thread;
  }
}
