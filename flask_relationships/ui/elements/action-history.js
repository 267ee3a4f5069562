// Who changed what on a follow-up, and when.

import { formatDay, formatMoment } from "./dates.js";
import { h, joinWithDots, userText } from "./dom.js";
import { explain, logFault } from "./problems.js";
import { t } from "./texts.js";

/** @import { Action, HistoryEntry } from "../types/api.js" */
/** @import { RelElement } from "./element.js" */

const MAX_ENTRIES = 50;

/** @type {Record<HistoryEntry["kind"], () => string>} */
const CHANGES = {
  created: () => t("added"),
  edited: () => t("edited"),
  reassigned: () => t("assigned to another user"),
  snoozed: () => t("snoozed"),
  moved: () => t("moved with its event"),
  done: () => t("done"),
  dismissed: () => t("dismissed"),
  reopened: () => t("reopened"),
};

/** @type {Record<HistoryEntry["by"], () => string>} */
const CAUSES = {
  user: () => "",
  message: () => t("by a message"),
  plugin: () => t("automatically"),
  task: () => t("by a task"),
};

/**
 * Return the list, which loads its entries by itself.
 * @param {RelElement<unknown>} element
 * @param {Action} action
 */
export function actionHistory(element, action) {
  const list = h(
    "ol",
    { class: "history small", "aria-label": t("History") },
    h("li", { class: "muted" }, t("Loading…")),
  );
  loadEntries(element, action).then(
    (entries) => list.replaceChildren(...entries.map(entryNode)),
    (error) => {
      logFault(error);
      list.replaceChildren(h("li", { class: "alert", role: "alert" }, explain(error)));
    },
  );
  return list;
}

/** @param {RelElement<unknown>} element @param {Action} action */
async function loadEntries(element, action) {
  /** @type {{ history: HistoryEntry[] }} */
  const { history } = await element.client.get(`/relationship-actions/${action.id}/history`, { limit: MAX_ENTRIES });
  return history;
}

/** @param {HistoryEntry} entry */
function entryNode(entry) {
  const due = entry.changes.find(({ field }) => field === "due_date");
  const dateOf = (/** @type {string | null} */ date) => (date ? formatDay(date) : t("no date"));
  return h(
    "li",
    {},
    joinWithDots(
      h("time", { datetime: entry.at }, formatMoment(entry.at)),
      CHANGES[entry.kind]?.() ?? entry.kind,
      due && entry.kind !== "created" && `${dateOf(due.before)} → ${dateOf(due.after)}`,
      entry.user_name ? userText(entry.user_name) : CAUSES[entry.by]?.(),
    ),
  );
}
