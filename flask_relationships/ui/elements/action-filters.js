// Which follow-ups the board shows: whose, and of which type. Kept for as long as the tab is open.

import { button, h } from "./dom.js";
import { t } from "./texts.js";
import { actionName, actionTypes } from "./words.js";

export class ActionFilters {
  /** @param {import("./actions.js").RelActions} board */
  constructor(board) {
    const whose = board.getAttribute("whose") === "all" ? "all" : "me";
    this.board = board;
    this.kept = `board:${whose}`;
    this.chosen = { whose, person: "", type: "", ...board.client.kept.get(this.kept) };
    if (this.scope === "own") this.chosen.whose = "me";
  }

  /** How far the board reaches: own, users or everyone. Who may not see others' has no switch. */
  get scope() {
    return this.board.getAttribute("scope") ?? "own";
  }

  get all() {
    return this.chosen.whose === "all";
  }

  /** Whether anything but the switch narrows the board. */
  get narrowed() {
    return this.chosen.type !== "" || (this.all && this.chosen.person !== "");
  }

  query() {
    const { type, person } = this.chosen;
    const whose = !this.all
      ? { assignee: "me" }
      : person === "nobody"
        ? { assignee: "nobody" }
        : person
          ? { assigned_to_user_id: person }
          : {};
    return { ...whose, ...(type ? { action_type: type } : {}) };
  }

  choose(given) {
    Object.assign(this.chosen, given);
    this.board.client.kept.set(this.kept, this.chosen);
    this.board.chosen();
  }

  /** @param {string[]} types those that are shown @returns {any[]} */
  draw(types) {
    const { type, person } = this.chosen;
    return [
      h(
        "div",
        { class: "filters", role: "group", "aria-label": t("Which follow-ups") },
        this.scope !== "own" &&
          h(
            "div",
            { class: "switch", role: "group", "aria-label": t("Whose") },
            this.#side("me", t("Mine")),
            this.#side("all", this.scope === "everyone" ? t("Everybody’s") : t("My team’s")),
          ),
        this.all &&
          this.#select("person", t("Assigned to"), person, [
            ["", t("Anybody")],
            ...(this.scope === "everyone" ? [["nobody", t("Nobody")]] : []),
            ...this.board.assignees().filter(([key]) => key),
          ]),
        this.#select("type", t("Type"), type, [["", t("All types")], ...this.#types(types)]),
      ),
    ];
  }

  #side(whose, words) {
    return button(words, () => this.choose({ whose }), {
      key: `whose-${whose}`,
      "aria-pressed": String(this.chosen.whose === whose),
    });
  }

  #select(name, words, value, options) {
    return h(
      "label",
      { class: "filter small" },
      h("span", { class: "away" }, words),
      h(
        "select",
        { "data-key": `filter-${name}`, on: { change: (event) => this.choose({ [name]: event.target.value }) } },
        options.map(([one, text]) => h("option", { value: one, selected: one === value }, text)),
      ),
    );
  }

  #types(types) {
    const known = new Map(actionTypes());
    for (const type of [...types, this.chosen.type]) if (type && !known.has(type)) known.set(type, actionName(type));
    return [...known];
  }
}
