// What was done and dismissed of late, looked up once it is asked for, with a way to open it again.

import { moment } from "./dates.js";
import { button, dotted, folded, h, written } from "./dom.js";
import { explain } from "./problems.js";
import { t } from "./texts.js";
import { nameOf } from "./words.js";

export class ClosedActions {
  #open = false;
  #items = null;
  #problem = null;

  /**
   * @param {import("./element.js").RelElement} element
   * @param {() => [string, Record<string, any>]} asked the list's path, and what narrows it
   * @param {(action: any) => any} reopened
   */
  constructor(element, asked, reopened) {
    Object.assign(this, { element, asked, reopened });
  }

  forget() {
    this.#open = false;
    this.#items = this.#problem = null;
  }

  draw() {
    return folded(
      t("Done and dismissed"),
      { open: this.#open, told: (open) => this.#told(open), key: "closed" },
      this.#problem && h("p", { class: "alert", role: "alert" }, explain(this.#problem)),
      this.#items &&
        (this.#items.length
          ? h(
              "ul",
              { class: "rows" },
              this.#items.map((action) => this.#row(action)),
            )
          : h("p", { class: "empty" }, t("Nothing yet."))),
    );
  }

  #row(action) {
    const name = this.element.hasAttribute("contact-id") ? "" : nameOf(action);
    return h(
      "li",
      { part: "row" },
      h(
        "div",
        { class: "grow" },
        written(action.title, "span", { class: "title" }),
        h(
          "div",
          { class: "muted small" },
          dotted(
            action.status === "done" ? t("Done") : t("Dismissed"),
            action.completed_at && h("time", { datetime: action.completed_at }, moment(action.completed_at)),
            name && written(name),
          ),
        ),
      ),
      this.element.may("update") &&
        button(t("Open again"), () => this.#reopen(action), {
          key: `reopen-${action.id}`,
          kind: "quiet",
          about: action.title,
        }),
    );
  }

  #told(open) {
    if (open === this.#open) return;
    this.#open = open;
    this.look();
  }

  /** Look up what was closed last, where it is shown: the newest done and the newest dismissed. */
  async look() {
    if (!this.#open) return;
    const [path, filters] = this.asked();
    try {
      const pages = await Promise.all(
        ["done", "dismissed"].map((status) =>
          this.element.client.page(path, "actions", { status, sort: "-created_at", limit: 20, ...filters }),
        ),
      );
      this.#items = pages
        .flatMap((page) => page.items)
        .sort((a, b) => (b.completed_at ?? "").localeCompare(a.completed_at ?? ""));
      this.#problem = null;
    } catch (problem) {
      this.#problem = problem;
    }
    this.element.paint();
  }

  #reopen(action) {
    const { element } = this;
    return element.attempt(async () => {
      await element.client.post(`/relationship-actions/${action.id}/reopen`, {});
      this.#items = this.#items.filter(({ id }) => id !== action.id);
      await element.refresh();
      element.tell("actions");
      this.reopened(action);
      element.say(t("“{title}” is open again.", { title: action.title }));
    });
  }
}
