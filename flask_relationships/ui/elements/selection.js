// The follow-ups that are ticked, and what can be done with all of them.

import { button, h } from "./dom.js";
import { snoozeAndAssign } from "./snooze-assign.js";
import { n, t } from "./texts.js";

/** @import { RelActions } from "./actions.js" */
/** @import { ClosedStatus } from "./hold-closed.js" */

export class Selection {
  node = h("div", { class: "many", role: "group", hidden: true });
  #count = h("strong", { role: "status" });

  /** @param {RelActions} board */
  constructor(board) {
    this.board = board;
  }

  get actions() {
    return [...this.board.rows.values()]
      .filter((row) => row.check.checked && row.node.isConnected)
      .map((row) => row.action);
  }

  /** Show how many there are, and the buttons where there are any. */
  update() {
    const count = this.actions.length;
    const hadFocus = this.node.contains(this.board.root.activeElement);
    this.node.hidden = count === 0;
    if (!count) this.node.replaceChildren();
    else if (!this.node.children.length) this.node.replaceChildren(...this.#controls());
    this.#count.textContent = count ? n("{count} selected", "{count} selected", count) : "";
    if (hadFocus && !count) this.board.focusHeading();
  }

  clear() {
    this.#tickAll(false);
  }

  /** @param {boolean} isTicked */
  #tickAll(isTicked) {
    for (const row of this.board.rows.values()) row.check.checked = isTicked;
    this.update();
  }

  #controls() {
    const about = t("all selected");
    this.node.setAttribute("aria-label", t("All selected"));
    /** @param {string} label @param {ClosedStatus} status @param {string} kind */
    const close = (label, status, kind) =>
      button(label, () => this.board.close(this.actions, status), { key: `many-${status}`, kind, about });
    return [
      this.#count,
      h(
        "div",
        { class: "buttons" },
        close(t("Done"), "done", "primary"),
        close(t("Dismiss"), "dismissed", ""),
        button(t("Select all shown"), () => this.#tickAll(true), { key: "many-all", kind: "quiet" }),
        button(t("Clear the selection"), () => this.clear(), { key: "many-none", kind: "quiet" }),
      ),
      snoozeAndAssign(this.board, () => this.actions, about),
    ];
  }
}
