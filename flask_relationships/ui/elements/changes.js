// Changes that one element makes and others show. They hear of them in one panel and far apart on the page alike.

/** @import { Change, ChangeKind } from "../types/elements.js" */

const page = new EventTarget();

/**
 * @param {HTMLElement} from
 * @param {ChangeKind} kind
 * @param {Change} [change]
 */
export function publishChange(from, kind, change = {}) {
  page.dispatchEvent(new CustomEvent(kind, { detail: { from, change } }));
  from.dispatchEvent(new CustomEvent("rel-change", { bubbles: true, composed: true, detail: { kind, ...change } }));
}

/**
 * Call `run` for each change that another element makes, until the signal ends.
 * @param {HTMLElement} element
 * @param {ChangeKind} kind
 * @param {(change: Change) => unknown} run
 * @param {AbortSignal} signal
 */
export function subscribeToChanges(element, kind, run, signal) {
  const hear = (/** @type {Event} */ event) => {
    const { from, change } = /** @type {CustomEvent<{ from: HTMLElement, change: Change }>} */ (event).detail;
    if (from !== element) run(change);
  };
  page.addEventListener(kind, hear, { signal });
}
