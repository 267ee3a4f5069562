// The follow-ups that are ticked, and what can be done with all of them.

import { button, h } from "./dom.js";
import { rearrange } from "./rearrange.js";
import { n, t } from "./texts.js";

export class Ticked {
  #count = h("strong", { role: "status" });

  /** @param {import("./actions.js").RelActions} board */
  constructor(board) {
    this.board = board;
    this.node = h("div", { class: "many", role: "group", hidden: true });
  }

  get actions() {
    return [...this.board.rows.values()]
      .filter((row) => row.check.checked && row.node.isConnected)
      .map((row) => row.action);
  }

  /** Say how many there are, and take the buttons away where there is none. */
  tell() {
    const count = this.actions.length;
    const had = this.node.contains(this.board.shadowRoot.activeElement);
    this.node.hidden = count === 0;
    if (!count) this.node.replaceChildren();
    else if (!this.node.children.length) this.node.replaceChildren(...this.#controls());
    this.#count.textContent = count ? n("{count} ticked", "{count} ticked", count) : "";
    if (had && !count) this.board.focusHeading();
  }

  none() {
    this.#all(false);
  }

  #all(checked) {
    for (const row of this.board.rows.values()) row.check.checked = checked;
    this.tell();
  }

  #controls() {
    const about = t("all that are ticked");
    this.node.setAttribute("aria-label", t("All that are ticked"));
    const close = (words, status, kind) =>
      button(words, () => this.board.close(this.actions, status), { key: `many-${status}`, kind, about });
    return [
      this.#count,
      h(
        "div",
        { class: "buttons" },
        close(t("Done"), "done", "primary"),
        close(t("Dismiss"), "dismissed", ""),
        button(t("Tick all shown"), () => this.#all(true), { key: "many-all", kind: "quiet" }),
        button(t("Tick none"), () => this.none(), { key: "many-none", kind: "quiet" }),
      ),
      rearrange(this.board, () => this.actions, about),
    ];
  }
}
