// Snoozing follow-ups and assigning them to another user: one, or all that are selected.

import { addDays } from "./dates.js";
import { button, h } from "./dom.js";
import { inParallel } from "./in-parallel.js";
import { explain, logFault } from "./problems.js";
import { n, t } from "./texts.js";

/** @import { Action } from "../types/api.js" */
/** @import { RelActions } from "./actions.js" */

let groups = 0;

/**
 * @param {RelActions} board
 * @param {() => Action[]} chosen returns the follow-ups that are meant when a button is pressed
 * @param {string} [about] what they are, for screen readers
 */
export function snoozeAndAssign(board, chosen, about = "") {
  const id = `rearrange-${++groups}`;
  const people = board.assignees();
  return h(
    "div",
    { class: "rearrange" },
    snoozeButtons(board, chosen, about, id),
    people.length > 1 && assignButtons(board, chosen, about, id, people),
  );
}

/** @param {RelActions} board @param {() => Action[]} chosen @param {string} about @param {string} id */
function snoozeButtons(board, chosen, about, id) {
  const date = h("input", { type: "date", id: `${id}-date`, min: addDays(board.now, 1) });
  const snoozeFor = (/** @type {number} */ days) => snooze(board, chosen(), addDays(board.now, days));
  const snoozeUntilDate = () => (date.value ? snooze(board, chosen(), date.value) : date.focus());
  return h(
    "div",
    { class: "buttons", role: "group", "aria-label": [t("Snooze"), about].filter(Boolean).join(": ") },
    h("span", { class: "muted small", "aria-hidden": "true" }, t("Snooze")),
    button(t("Tomorrow"), () => snoozeFor(1), { about }),
    button(t("3 days"), () => snoozeFor(3), { about }),
    button(t("A week"), () => snoozeFor(7), { about }),
    h("label", { class: "away", for: `${id}-date` }, t("Snooze until")),
    date,
    button(t("Until this date"), snoozeUntilDate, { kind: "quiet", about }),
  );
}

/**
 * @param {RelActions} board
 * @param {() => Action[]} chosen
 * @param {string} about
 * @param {string} id
 * @param {[string, string][]} people
 */
function assignButtons(board, chosen, about, id, people) {
  const person = h(
    "select",
    { id: `${id}-person` },
    people.map(([key, name]) => h("option", { value: key }, name)),
  );
  const assignToPerson = () => {
    const [key, name] = people[person.selectedIndex] ?? ["", ""];
    return assign(board, chosen(), key, name);
  };
  return h(
    "div",
    { class: "buttons" },
    h("label", { class: "muted small", for: `${id}-person` }, t("Assign to")),
    person,
    button(t("Assign"), assignToPerson, { about }),
  );
}

/** @param {RelActions} board @param {Action[]} actions @param {string} until a civil date */
function snooze(board, actions, until) {
  return changeEach(board, actions, {
    change: ({ id }) => board.client.post(`/relationship-actions/${id}/snooze`, { until }),
    undo: (action) => edit(board, action, { due_date: action.due_date }),
    text: (count) =>
      count === 1
        ? t("“{title}” is snoozed.", { title: actions[0]?.title })
        : n("{count} follow-up is snoozed.", "{count} follow-ups are snoozed.", count),
  });
}

/** @param {RelActions} board @param {Action[]} actions @param {string} key "" for nobody @param {string} name */
function assign(board, actions, key, name) {
  return changeEach(board, actions, {
    change: (action) => edit(board, action, { assigned_to_user_id: key || null }),
    undo: (action) => edit(board, action, { assigned_to_user_id: action.assigned_to_user_id }),
    text: (count) =>
      key
        ? n("{count} follow-up is assigned to {name}.", "{count} follow-ups are assigned to {name}.", count, { name })
        : t("It is unassigned now."),
  });
}

/** @param {RelActions} board @param {Action} action @param {Partial<Action>} values */
const edit = (board, { id, contact_id }, values) =>
  board.client.patch(`/contacts/${encodeURIComponent(contact_id)}/relationship-actions/${id}`, values);

/**
 * Change each follow-up. Show why some could not be changed, and a button that undoes what was.
 * @param {RelActions} board
 * @param {Action[]} actions
 * @param {object} options
 * @param {(action: Action) => Promise<unknown>} options.change
 * @param {(action: Action) => Promise<unknown>} options.undo
 * @param {(count: number) => string} options.text what was done
 */
async function changeEach(board, actions, { change, undo, text }) {
  const { succeeded, errors } = await inParallel(actions, change);
  errors.forEach(logFault);
  board.selection.clear();
  await board.refreshAndPublish();
  const failure =
    errors.length > 0 &&
    n("{count} could not be changed: {why}", "{count} could not be changed: {why}", errors.length, {
      why: explain(errors[0]),
    });
  if (!succeeded.length) return board.notify(failure || "");
  return board.notify([text(succeeded.length), failure].filter(Boolean).join(" "), {
    undo: async () => {
      const undone = await inParallel(succeeded, undo);
      undone.errors.forEach(logFault);
      await board.refreshAndPublish();
      if (undone.errors.length) board.notify(explain(undone.errors[0]));
    },
  });
}
