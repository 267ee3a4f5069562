// Putting follow-ups off, and giving them to somebody else: one, or all that are ticked.

import { plusDays } from "./dates.js";
import { button, h } from "./dom.js";
import { explain } from "./problems.js";
import { n, t } from "./texts.js";

/** How many requests are made at the same time. */
const AT_ONCE = 4;

let rearranged = 0;

/**
 * @param {import("./actions.js").RelActions} board
 * @param {() => any[]} chosen the actions that are meant when a button is pressed
 * @param {string} [about] what they are, for those who cannot see where the buttons stand
 */
export function rearrange(board, chosen, about = "") {
  const id = `rearrange-${++rearranged}`;
  const off = (days) => putOff(board, chosen(), plusDays(board.now, days));
  const date = h("input", { type: "date", id: `${id}-date`, min: plusDays(board.now, 1) });
  const people = board.assignees();
  const person = h(
    "select",
    { id: `${id}-person` },
    people.map(([key, name]) => h("option", { value: key }, name)),
  );
  return h(
    "div",
    { class: "rearrange" },
    h(
      "div",
      { class: "buttons", role: "group", "aria-label": [t("Put off"), about].filter(Boolean).join(": ") },
      h("span", { class: "muted small", "aria-hidden": "true" }, t("Put off")),
      button(t("Tomorrow"), () => off(1), { about }),
      button(t("3 days"), () => off(3), { about }),
      button(t("A week"), () => off(7), { about }),
      h("label", { class: "away", for: `${id}-date` }, t("Put off until")),
      date,
      button(t("Until then"), () => (date.value ? putOff(board, chosen(), date.value) : date.focus()), {
        kind: "quiet",
        about,
      }),
    ),
    people.length > 1 &&
      h(
        "div",
        { class: "buttons" },
        h("label", { class: "muted small", for: `${id}-person` }, t("Give to")),
        person,
        button(t("Give"), () => give(board, chosen(), people[person.selectedIndex]), { about }),
      ),
  );
}

function putOff(board, actions, until) {
  return each(board, actions, {
    doing: (action) => board.client.post(`/relationship-actions/${action.id}/snooze`, { until }),
    undoing: (action) => edit(board, action, { due_date: action.due_date }),
    done: (count) =>
      count === 1
        ? t("“{title}” is put off.", { title: actions[0].title })
        : n("{count} follow-up is put off.", "{count} follow-ups are put off.", count),
  });
}

function give(board, actions, [key, name]) {
  return each(board, actions, {
    doing: (action) => edit(board, action, { assigned_to_user_id: key || null }),
    undoing: (action) => edit(board, action, { assigned_to_user_id: action.assigned_to_user_id }),
    done: (count) =>
      !key
        ? t("It is nobody’s now.")
        : n("{count} follow-up is given to {name}.", "{count} follow-ups are given to {name}.", count, { name }),
  });
}

const edit = (board, { id, contact_id }, values) =>
  board.client.patch(`/contacts/${encodeURIComponent(contact_id)}/relationship-actions/${id}`, values);

/** Do it to each, a few at a time; what failed is told with its reason, and what did not can be undone. */
async function each(board, actions, { doing, undoing, done }) {
  const { changed, problems } = await all(actions, doing);
  board.ticked.none();
  await board.changed();
  const failed = problems.length
    ? n("{count} could not be changed: {why}", "{count} could not be changed: {why}", problems.length, {
        why: explain(problems[0]),
      })
    : "";
  if (!changed.length) return board.say(failed);
  board.say([done(changed.length), failed].filter(Boolean).join(" "), {
    undo: async () => {
      const back = await all(changed, undoing);
      await board.changed();
      if (back.problems.length) board.say(explain(back.problems[0]));
    },
  });
}

async function all(actions, doing) {
  const waiting = [...actions];
  const changed = [];
  const problems = [];
  const work = async () => {
    for (let action = waiting.shift(); action; action = waiting.shift()) {
      try {
        await doing(action);
        changed.push(action);
      } catch (problem) {
        if (!problem.kind) throw problem;
        problems.push(problem);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { changed, problems };
}
