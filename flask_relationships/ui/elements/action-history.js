// Who did what to a follow-up, and when.

import { day, moment } from "./dates.js";
import { dotted, h, written } from "./dom.js";
import { explain } from "./problems.js";
import { t } from "./texts.js";

const CHANGES = {
  created: () => t("added"),
  edited: () => t("edited"),
  reassigned: () => t("given to somebody else"),
  snoozed: () => t("put off"),
  moved: () => t("moved with its event"),
  done: () => t("done"),
  dismissed: () => t("dismissed"),
  reopened: () => t("opened again"),
};

const BY = { message: () => t("by a message"), plugin: () => t("by itself"), task: () => t("by a task") };

/** The list, which fills itself. @param {import("./element.js").RelElement} element */
export function actionHistory(element, action) {
  const list = h(
    "ol",
    { class: "history small", "aria-label": t("History") },
    h("li", { class: "muted" }, t("Loading…")),
  );
  element.client.get(`/relationship-actions/${action.id}/history`, { limit: 50 }).then(
    ({ history }) => list.replaceChildren(...history.map(line)),
    (problem) => list.replaceChildren(h("li", { class: "alert", role: "alert" }, explain(problem))),
  );
  return list;
}

function line(entry) {
  const due = entry.changes.find(({ field }) => field === "due_date");
  return h(
    "li",
    {},
    dotted(
      h("time", { datetime: entry.at }, moment(entry.at)),
      CHANGES[entry.kind]?.() ?? entry.kind,
      due &&
        entry.kind !== "created" &&
        `${due.before ? day(due.before) : t("no date")} → ${due.after ? day(due.after) : t("no date")}`,
      entry.user_name ? written(entry.user_name) : BY[entry.by]?.(),
    ),
  );
}
