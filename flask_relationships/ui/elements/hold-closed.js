// Closing follow-ups. They disappear at once; the request is sent once they can no longer be undone.

import { n, t } from "./texts.js";

/** @import { Action } from "../types/api.js" */
/** @import { SendOptions } from "../types/elements.js" */
/** @import { RelElement } from "./element.js" */
/** @import { HiddenRows } from "./optimistic.js" */

/** @typedef {"done" | "dismissed"} ClosedStatus */

/**
 * @param {RelElement<unknown> & { held: HiddenRows }} element
 * @param {Action[]} actions
 * @param {ClosedStatus} status
 * @param {object} options
 * @param {(options: SendOptions) => Promise<unknown>} options.send tells the API
 * @param {string} options.back key of the control that has the focus after an undo
 * @param {boolean} [options.focus] whether the button that undoes takes the focus
 */
export function holdClosed(element, actions, status, { send, back, focus = false }) {
  const ids = actions.map(({ id }) => id);
  const release = () => {
    element.held.release(ids);
    element.requestRender();
  };
  element.notify(closedText(actions, status), {
    focus,
    undo: () => {
      release();
      element.focusOn(back);
    },
    commit: async (options) => {
      if (!(await element.attempt(() => send(options)))) await element.refresh();
      release();
    },
  });
  element.held.hide(ids);
}

/**
 * @param {Action[]} actions
 * @param {ClosedStatus} status
 */
function closedText(actions, status) {
  const count = actions.length;
  const title = actions[0]?.title;
  if (status === "done") {
    return count > 1 ? n("{count} is done.", "{count} are done.", count) : t("“{title}” is done.", { title });
  }
  return count > 1
    ? n("{count} is dismissed.", "{count} are dismissed.", count)
    : t("“{title}” is dismissed.", { title });
}
