// Filters of the board: whose follow-ups, and of which type. They are stored for as long as the tab is open.

import { button, h } from "./dom.js";
import { actionName, actionTypeOptions } from "./labels.js";
import { t } from "./texts.js";

/** @import { Query } from "../types/elements.js" */
/** @import { RelActions } from "./actions.js" */

/**
 * @typedef {object} Chosen
 * @property {"me" | "all"} whose
 * @property {string} person key of a user, "nobody", or "" for anybody
 * @property {string} type "" for all types
 */

export class ActionFilters {
  /** @param {RelActions} board */
  constructor(board) {
    const whose = board.getAttribute("whose") === "all" ? "all" : "me";
    this.board = board;
    this.key = `board:${whose}`;
    /** @type {Partial<Chosen> | undefined} */
    const stored = board.client.storage.get(this.key);
    /** @type {Chosen} */
    this.chosen = { whose, person: "", type: "", ...stored };
    if (this.scope === "own") this.chosen.whose = "me";
  }

  /** How far the board reaches: own, users or everyone. A user who sees no others' follow-ups has no switch. */
  get scope() {
    return this.board.getAttribute("scope") ?? "own";
  }

  get showsAll() {
    return this.chosen.whose === "all";
  }

  /** Whether a filter but the switch is set. */
  get isFiltered() {
    return this.chosen.type !== "" || (this.showsAll && this.chosen.person !== "");
  }

  /** @returns {Query} */
  query() {
    return { ...this.#assigneeQuery(), action_type: this.chosen.type };
  }

  /** @returns {Query} */
  #assigneeQuery() {
    const { person } = this.chosen;
    if (!this.showsAll) return { assignee: "me" };
    return person === "nobody" ? { assignee: "nobody" } : { assigned_to_user_id: person };
  }

  /** @param {Partial<Chosen>} changed */
  choose(changed) {
    Object.assign(this.chosen, changed);
    this.board.client.storage.set(this.key, this.chosen);
    this.board.applyFilters();
  }

  /** @param {string[]} types those of the follow-ups that are shown */
  render(types) {
    const { type, person } = this.chosen;
    return h(
      "div",
      { class: "filters", role: "group", "aria-label": t("Which follow-ups") },
      this.scope !== "own" && this.#switch(),
      this.showsAll && this.#select("person", t("Assigned to"), person, this.#people()),
      this.#select("type", t("Type"), type, this.#types(types)),
    );
  }

  #switch() {
    return h(
      "div",
      { class: "switch", role: "group", "aria-label": t("Assignee") },
      this.#switchButton("me", t("Mine")),
      this.#switchButton("all", this.scope === "everyone" ? t("Everyone’s") : t("My team’s")),
    );
  }

  /** @param {Chosen["whose"]} whose @param {string} label */
  #switchButton(whose, label) {
    return button(label, () => this.choose({ whose }), {
      key: `whose-${whose}`,
      "aria-pressed": String(this.chosen.whose === whose),
    });
  }

  /**
   * @param {"person" | "type"} name
   * @param {string} label
   * @param {string} value
   * @param {[string, string][]} options
   */
  #select(name, label, value, options) {
    /** @type {HTMLSelectElement} */
    const select = h(
      "select",
      { "data-key": `filter-${name}`, on: { change: () => this.choose({ [name]: select.value }) } },
      options.map(([one, text]) => h("option", { value: one, selected: one === value }, text)),
    );
    return h("label", { class: "filter small" }, h("span", { class: "away" }, label), select);
  }

  /** @returns {[string, string][]} */
  #people() {
    const people = this.board.assignees().filter(([key]) => key);
    return this.scope === "everyone"
      ? [["", t("All assignees")], ["nobody", t("Unassigned")], ...people]
      : [["", t("All assignees")], ...people];
  }

  /** @param {string[]} types @returns {[string, string][]} */
  #types(types) {
    const known = new Map(actionTypeOptions());
    for (const type of [...types, this.chosen.type]) if (type && !known.has(type)) known.set(type, actionName(type));
    return [["", t("All types")], ...known];
  }
}
