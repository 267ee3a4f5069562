// Follow-ups that were done or dismissed lately, loaded once the user opens them, with a button that reopens each.

import { formatMoment } from "./dates.js";
import { button, disclosure, h, joinWithDots, userText } from "./dom.js";
import { contactName } from "./labels.js";
import { explain, logFault } from "./problems.js";
import { t } from "./texts.js";

/** @import { Action } from "../types/api.js" */
/** @import { Page, Query } from "../types/elements.js" */
/** @import { RelElement } from "./element.js" */

/** How many of each status are shown. */
const MAX_ROWS = 20;

export class ClosedActions {
  #isOpen = false;
  /** @type {Action[] | null} */
  #items = null;
  /** @type {unknown} */
  #problem = null;

  /**
   * @param {RelElement<unknown>} element
   * @param {() => { path: string, filters: Query }} source where the list is
   * @param {(action: Action) => void} onReopened
   */
  constructor(element, source, onReopened) {
    this.element = element;
    this.source = source;
    this.onReopened = onReopened;
  }

  reset() {
    this.#isOpen = false;
    this.#items = this.#problem = null;
  }

  render() {
    return disclosure(
      t("Done and dismissed"),
      { open: this.#isOpen, onToggle: (isOpen) => this.#toggle(isOpen), key: "closed" },
      this.#problem ? h("p", { class: "alert", role: "alert" }, explain(this.#problem)) : null,
      this.#items && this.#list(this.#items),
    );
  }

  /** @param {Action[]} items */
  #list(items) {
    if (!items.length) return h("p", { class: "empty" }, t("Nothing yet."));
    const rows = items.map((action) => this.#row(action));
    return h("ul", { class: "rows" }, rows);
  }

  /** @param {Action} action */
  #row(action) {
    const name = this.element.hasAttribute("contact-id") ? "" : contactName(action);
    const { completed_at: at } = action;
    const about = joinWithDots(
      action.status === "done" ? t("Done") : t("Dismissed"),
      at && h("time", { datetime: at }, formatMoment(at)),
      name && userText(name),
    );
    return h(
      "li",
      { part: "row" },
      h(
        "div",
        { class: "grow" },
        userText(action.title, "span", { class: "title" }),
        h("div", { class: "muted small" }, about),
      ),
      this.element.can("update") &&
        button(t("Reopen"), () => this.#reopen(action), {
          key: `reopen-${action.id}`,
          kind: "quiet",
          about: action.title,
        }),
    );
  }

  /** @param {boolean} isOpen */
  #toggle(isOpen) {
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    this.load();
  }

  /** Load the list where it is shown: the newest done and the newest dismissed. */
  async load() {
    if (!this.#isOpen) return;
    const { path, filters } = this.source();
    try {
      const pages = await Promise.all(
        ["done", "dismissed"].map((status) => {
          /** @type {Promise<Page<Action>>} */
          const page = this.element.client.page(path, "actions", {
            status,
            sort: "-created_at",
            limit: MAX_ROWS,
            ...filters,
          });
          return page;
        }),
      );
      this.#items = pages
        .flatMap((page) => page.items)
        .sort((one, other) => (other.completed_at ?? "").localeCompare(one.completed_at ?? ""));
      this.#problem = null;
    } catch (error) {
      logFault(error);
      this.#problem = error;
    }
    this.element.requestRender();
  }

  /** @param {Action} action */
  #reopen(action) {
    const { element } = this;
    return element.attempt(async () => {
      await element.client.post(`/relationship-actions/${action.id}/reopen`, {});
      this.#items = this.#items?.filter(({ id }) => id !== action.id) ?? null;
      await element.refresh();
      element.publish("actions");
      this.onReopened(action);
      element.notify(t("“{title}” is open again.", { title: action.title }));
    });
  }
}
