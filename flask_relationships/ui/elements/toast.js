// A line at the foot of the window: what was done, and for a few seconds a button that undoes it.
//
// The API cannot undo everything. A change that can only be undone here is sent once the line goes: see `commit`.

import { button, h } from "./dom.js";
import { t } from "./texts.js";

/** @import { RelElement } from "./element.js" */
/** @import { SendOptions } from "../types/elements.js" */

const UNDO_SECONDS = 6;

/**
 * @typedef {object} ToastOptions
 * @property {((options: SendOptions) => unknown) | null} [commit] sends the change once the line goes
 * @property {(() => unknown) | null} [undo] what the button does
 * @property {string} [label] what the button says
 * @property {boolean} [focus] whether the button takes the focus, because the control that had it is gone
 */

/** The line that is shown. @type {Toast | null} */
let current = null;

class Toast {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #line = h("div", { class: "toast", part: "toast" });
  /** @type {ToastOptions} */
  #options;

  /** @param {RelElement<unknown>} element @param {string} text @param {ToastOptions} options */
  constructor(element, text, options) {
    const { undo, label = t("Undo"), focus = false } = options;
    this.element = element;
    this.#options = options;
    this.#line.append(h("span", {}, text));
    const undoButton = undo ? button(label, () => this.#undo(), { key: "undo" }) : null;
    if (undoButton) this.#line.append(undoButton);
    element.live.append(this.#line);
    document.addEventListener("keydown", this.#handleKey);
    if (focus) undoButton?.focus({ preventScroll: true });
    this.#wait();
  }

  /** Take the line away and send the change. @param {SendOptions} [options] */
  commit(options = {}) {
    if (this.#close()) this.#options.commit?.(options);
  }

  #undo() {
    const hadFocus = this.#line.contains(this.element.root.activeElement);
    if (this.#close()) this.#options.undo?.();
    if (hadFocus && !this.element.root.activeElement) this.element.focusHeading();
  }

  #close() {
    if (current !== this) return false;
    current = null;
    clearTimeout(this.#timer);
    document.removeEventListener("keydown", this.#handleKey);
    this.#line.remove();
    return true;
  }

  #handleKey = (/** @type {KeyboardEvent} */ event) => {
    const isUndoKey = event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    if (!this.#options.undo || !isUndoKey || isTyping()) return;
    event.preventDefault();
    this.#undo();
  };

  /** The line stays for as long as the pointer or the focus is on it. */
  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#line.matches(":hover, :focus-within")) this.#wait();
      else this.commit();
    }, UNDO_SECONDS * 1000);
  }
}

/**
 * Show a line in place of the one before, whose change is sent now.
 * @param {RelElement<unknown>} element
 * @param {string} text
 * @param {ToastOptions} [options]
 */
export function showToast(element, text, options = {}) {
  current?.commit();
  current = new Toast(element, text, options);
}

function isTyping() {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active?.matches("input:not([type=checkbox], [type=radio]), textarea, [contenteditable]") ?? false;
}

/**
 * Send what could still be undone: an element that leaves the page cannot show its line.
 * @param {HTMLElement} element
 */
export function commitToastOf(element) {
  if (current?.element === element) current.commit({ keepalive: true });
}

addEventListener("pagehide", () => current?.commit({ keepalive: true }));
