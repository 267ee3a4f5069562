// A line at the foot of the window: what was done, and for a few seconds how to have it undone.
//
// The API has no way back to a pending action, so that a change which may be undone is only sent once the line goes.

import { button, h } from "./dom.js";
import { t } from "./texts.js";

const UNDO_SECONDS = 6;

let standing = null;

/**
 * @param {import("./element.js").RelElement} element whose line it is
 * @param {string} text
 * @param {object} [held]
 * @param {(options?: {keepalive: boolean}) => Promise<any>} [held.commit] sent when the time is over, or the page goes
 * @param {() => void} [held.undo] the button's doing
 * @param {string} [held.label] what the button says
 * @param {boolean} [held.focus] whether the button takes the focus, as where what had it is gone
 */
export function toast(element, text, { commit = null, undo = null, label = t("Undo"), focus = false } = {}) {
  standing?.end();
  let timer = null;
  const line = h("div", { class: "toast", part: "toast" }, h("span", {}, text));
  const end = (run = commit, options = {}) => {
    if (standing !== me) return;
    standing = null;
    clearTimeout(timer);
    document.removeEventListener("keydown", keys);
    line.remove();
    run?.(options);
  };
  const me = { element, end: () => end(), leave: () => end(commit, { keepalive: true }) };
  const take = () => {
    const had = line.contains(element.shadowRoot.activeElement);
    end(undo);
    if (had && !element.shadowRoot.activeElement) element.focusHeading();
  };
  const keys = (event) => {
    if (undo && event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !isTyping()) {
      event.preventDefault();
      take();
    }
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => (line.matches(":hover, :focus-within") ? wait() : end()), UNDO_SECONDS * 1000);
  };
  standing = me;
  if (undo) line.append(button(label, take, { key: "undo" }));
  element.live.append(line);
  document.addEventListener("keydown", keys);
  if (undo && focus) line.querySelector("button").focus({ preventScroll: true });
  wait();
}

function isTyping() {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at?.matches("input:not([type=checkbox], [type=radio]), textarea, [contenteditable]") ?? false;
}

/** An element that goes can show no way back: what it would undo is sent. */
export function leave(element) {
  if (standing?.element === element) standing.leave();
}

addEventListener("pagehide", () => standing?.leave());
