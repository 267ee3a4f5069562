// Closing follow-ups: they are gone at once, and for a few seconds there is a way back, since the API is told only then.

import { n, t } from "./texts.js";

/**
 * @param {import("./element.js").RelElement & {held: Set<string>}} element `held` are those that do not show meanwhile
 * @param {any[]} actions
 * @param {"done" | "dismissed"} status
 * @param {object} given
 * @param {(options?: object) => Promise<any>} given.send tells the API
 * @param {string} given.back which control has the focus once it is undone
 * @param {boolean} [given.focus] whether the way back takes the focus
 */
export function holdClosed(element, actions, status, { send, back, focus = false }) {
  const ids = actions.map(({ id }) => id);
  const count = ids.length;
  const [{ title }] = actions;
  const release = () => {
    for (const id of ids) element.held.delete(id);
    element.paint();
  };
  const words =
    status === "done"
      ? count > 1
        ? n("{count} is done.", "{count} are done.", count)
        : t("“{title}” is done.", { title })
      : count > 1
        ? n("{count} is dismissed.", "{count} are dismissed.", count)
        : t("“{title}” is dismissed.", { title });
  element.say(words, {
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
  for (const id of ids) element.held.add(id);
}
