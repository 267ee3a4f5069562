// The groups of the board: follow-ups by due date. Each is a list of its own with its own pagination.

import { addDays } from "./dates.js";
import { t } from "./texts.js";

/** @import { Action, ClosedAction } from "../types/api.js" */
/** @import { Page, Query, SendOptions } from "../types/elements.js" */
/** @import { Client } from "./client.js" */

/** @typedef {"overdue" | "today" | "week" | "later" | "undated"} GroupName */

/**
 * @typedef {object} Group
 * @property {GroupName} name
 * @property {string} label
 * @property {Action[]} items
 * @property {Page<Action>["next"]} next
 */

const FIRST_PAGE = 30;
const LATER_PAGES = 100;
/** The most rows that the API takes or gives at once. */
const MAX_ROWS = 500;
/** A group with fewer rows than this that has more is loaded again. */
const MIN_ROWS = 5;

/** @type {{ name: GroupName, label: () => string, query: (now: string) => Query }[]} */
const GROUPS = [
  { name: "overdue", label: () => t("Overdue"), query: (now) => ({ due_before: now }) },
  {
    name: "today",
    label: () => t("Today"),
    query: (now) => ({ due_after: addDays(now, -1), due_before: addDays(now, 1) }),
  },
  { name: "week", label: () => t("Next 7 days"), query: (now) => ({ due_after: now, due_before: addDays(now, 8) }) },
  { name: "later", label: () => t("Later"), query: (now) => ({ due_after: addDays(now, 7) }) },
  { name: "undated", label: () => t("Without a date"), query: () => ({ due: "none" }) },
];

/**
 * Load the pending follow-ups in groups.
 * @param {Pick<Client, "page">} client
 * @param {Query} filters
 * @param {string} now today as a civil date
 * @param {Group[]} [before] what was shown last: as many rows are loaded again
 * @returns {Promise<Group[]>}
 */
export function loadGroups(client, filters, now, before = []) {
  return Promise.all(
    GROUPS.map(async ({ name, label, query }) => {
      const shown = before.find((group) => group.name === name)?.items.length ?? 0;
      const limit = Math.min(MAX_ROWS, Math.max(FIRST_PAGE, shown));
      /** @type {Page<Action>} */
      const { items, next } = await client.page(
        "/relationship-actions",
        "actions",
        { status: "pending", limit, ...filters, ...query(now) },
        { limit: LATER_PAGES },
      );
      return { name, label: label(), items, next };
    }),
  );
}

/** Return the groups with the rows of their first pages alone. @param {Group[]} groups */
export function cutToFirstPages(groups) {
  return groups.map((group) => ({ ...group, items: group.items.slice(0, FIRST_PAGE) }));
}

/**
 * Return the groups with another page at the end of one of them. A row may have moved onto that page since the last one
 * was loaded; it is not shown twice.
 * @param {Group[]} groups
 * @param {GroupName} name
 * @param {Page<Action>} page
 */
export function appendPage(groups, name, page) {
  return groups.map((group) => {
    if (group.name !== name) return group;
    const known = new Set(group.items.map(({ id }) => id));
    return { ...group, items: [...group.items, ...page.items.filter(({ id }) => !known.has(id))], next: page.next };
  });
}

/** Return the groups without some rows. @param {Group[]} groups @param {Set<string>} ids */
export function removeActions(groups, ids) {
  return groups.map((group) => ({ ...group, items: group.items.filter(({ id }) => !ids.has(id)) }));
}

/** Return whether a group has hardly any rows left although there are more. @param {Group[]} groups */
export function isRunningShort(groups) {
  return groups.some(({ items, next }) => next !== null && items.length < MIN_ROWS);
}

/**
 * Return how many rows a group has, as a text; null where it has none.
 * @param {Group[]} groups
 * @param {GroupName} name
 */
export function countText(groups, name) {
  const group = groups.find((one) => one.name === name);
  return group?.items.length ? `${group.items.length}${group.next ? "+" : ""}` : null;
}

/**
 * Close follow-ups in as few requests as possible.
 * @param {Pick<Client, "patch">} client
 * @param {string[]} ids
 * @param {"done" | "dismissed"} status
 * @param {SendOptions} [options]
 * @returns {Promise<ClosedAction[]>} what became of each, where there are several
 */
export async function closeActions(client, ids, status, options) {
  if (ids.length === 1) {
    await client.patch(`/relationship-actions/${ids[0]}`, { status }, options);
    return [];
  }
  const parts = Array.from({ length: Math.ceil(ids.length / MAX_ROWS) }, (_, part) =>
    ids.slice(part * MAX_ROWS, (part + 1) * MAX_ROWS),
  );
  const answers = await Promise.all(
    parts.map((part) => {
      /** @type {Promise<{ results: ClosedAction[] }>} */
      const answer = client.patch("/relationship-actions", { ids: part, status }, options);
      return answer;
    }),
  );
  return answers.flatMap(({ results }) => results);
}
