// The board by keyboard: single keys, which only count while the focus is in the board and not in a text field.

import { h } from "./dom.js";
import { t } from "./texts.js";

/** @import { ActionRow } from "./action-row.js" */
/** @import { RelActions } from "./actions.js" */

/** @type {[string, () => string][]} */
const KEYS = [
  ["J", () => t("next follow-up")],
  ["K", () => t("previous follow-up")],
  ["D", () => t("done")],
  ["X", () => t("dismiss")],
  ["S", () => t("select")],
  ["M", () => t("more: snooze, assign, history")],
  ["E", () => t("edit")],
  ["R", () => t("review and send")],
  ["Ctrl+Z", () => t("undo the last change")],
];

/** Return the keys with their meanings. */
export function keyHelp() {
  return h(
    "dl",
    { class: "keys small", "aria-label": t("Keys") },
    KEYS.map(([key, meaning]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, meaning()))),
  );
}

/** @param {RelActions} board @param {KeyboardEvent} event */
export function handleKey(board, event) {
  const path = event.composedPath();
  const [target] = path;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (!(target instanceof Element) || target.matches("input:not([type=checkbox]), textarea, select")) return;
  if (path.some((node) => node instanceof Element && node.localName === "rel-thread")) return;
  const command = commandOf(board, target, event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (!command) return;
  event.preventDefault();
  command();
}

/**
 * @param {RelActions} board
 * @param {Element} target
 * @param {string} key
 * @returns {(() => unknown) | undefined}
 */
function commandOf(board, target, key) {
  if (key === "?") return () => board.toggleHelp();
  const row = board.rowOf(target);
  const move = movesOf(board, row, target)[key];
  return move ?? (row && board.can("update") ? changesOf(board, row)[key] : undefined);
}

/**
 * @param {RelActions} board
 * @param {ActionRow | null} row
 * @param {Element} target
 * @returns {Record<string, () => unknown>}
 */
function movesOf(board, row, target) {
  const next = () => board.step(row, 1);
  const previous = () => board.step(row, -1);
  const close = () => {
    row?.close();
    row?.node.focus();
  };
  return {
    j: next,
    k: previous,
    ...(row?.node === target ? { ArrowDown: next, ArrowUp: previous } : {}),
    ...(row?.open ? { Escape: close } : {}),
  };
}

/**
 * @param {RelActions} board
 * @param {ActionRow} row
 * @returns {Record<string, () => unknown>}
 */
function changesOf(board, row) {
  return {
    d: () => board.close([row.action], "done"),
    x: () => board.close([row.action], "dismissed"),
    s: () => {
      row.check.checked = !row.check.checked;
      board.selection.update();
    },
    m: () => row.toggle("more"),
    e: () => row.show("edit"),
    ...(row.action.message_body ? { r: () => row.toggle("send") } : {}),
  };
}
