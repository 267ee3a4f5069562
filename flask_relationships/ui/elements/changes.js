// What one element changes and others show: told within the page, whether they stand in one panel or far apart.

const page = new EventTarget();

/** @param {string} kind such as "profile", "life-events", "actions", "messages" */
export function tellChange(from, kind, detail = {}) {
  page.dispatchEvent(new CustomEvent(kind, { detail: { from, ...detail } }));
  from.dispatchEvent(new CustomEvent("rel-change", { bubbles: true, composed: true, detail: { kind, ...detail } }));
}

/** Listen until the signal ends. What an element told itself it does not hear. */
export function hearChange(by, kind, run, signal) {
  page.addEventListener(kind, ({ detail }) => detail.from !== by && run(detail), { signal });
}
