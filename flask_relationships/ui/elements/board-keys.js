// The board by keyboard: single keys that count only while the focus is in it, and not where something is typed.

import { h } from "./dom.js";
import { t } from "./texts.js";

const KEYS = [
  ["J", () => t("next follow-up")],
  ["K", () => t("the one before")],
  ["D", () => t("done")],
  ["X", () => t("dismiss")],
  ["S", () => t("tick")],
  ["M", () => t("more: put off, give, history")],
  ["E", () => t("edit")],
  ["R", () => t("review and send")],
  ["Ctrl+Z", () => t("undo, while it is offered")],
];

/** What the keys are, in words. */
export function keyHelp() {
  return h(
    "dl",
    { class: "keys small", "aria-label": t("Keys") },
    KEYS.map(([key, words]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, words()))),
  );
}

/** @param {import("./actions.js").RelActions} board @param {KeyboardEvent} event */
export function pressed(board, event) {
  const target = /** @type {Element} */ (event.composedPath()[0]);
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (
    target.matches("input:not([type=checkbox]), textarea, select") ||
    event.composedPath().some((node) => node.localName === "rel-thread")
  )
    return;
  const row = board.rowOf(target);
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const run =
    key === "?"
      ? () => board.help()
      : (moves(board, row, target)[key] ?? (row && board.may("update") ? works(board, row)[key] : null));
  if (!run) return;
  event.preventDefault();
  run();
}

function moves(board, row, target) {
  const onRow = row?.node === target;
  const step = (by) => () => board.step(row, by);
  return {
    j: step(1),
    k: step(-1),
    ...(onRow ? { ArrowDown: step(1), ArrowUp: step(-1) } : {}),
    ...(row?.open
      ? {
          Escape: () => {
            row.shut();
            row.node.focus();
          },
        }
      : {}),
  };
}

function works(board, row) {
  return {
    d: () => board.close([row.action], "done"),
    x: () => board.close([row.action], "dismissed"),
    s: () => {
      row.check.checked = !row.check.checked;
      board.ticked.tell();
    },
    m: () => row.toggle("more"),
    e: () => row.show("edit"),
    ...(row.action.message_body ? { r: () => row.toggle("send") } : {}),
  };
}
