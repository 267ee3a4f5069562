// What the board of follow-ups asks for: groups by due date, each a list of its own that is paged by itself.

import { plusDays } from "./dates.js";
import { t } from "./texts.js";

/** How many rows of a group are shown at first, and how many more at a time. */
export const FIRST = 30;
const MORE = 100;
const MOST = 500;

const GROUPS = [
  { name: "overdue", words: () => t("Overdue"), query: (now) => ({ due_before: now }) },
  {
    name: "today",
    words: () => t("Today"),
    query: (now) => ({ due_after: plusDays(now, -1), due_before: plusDays(now, 1) }),
  },
  { name: "week", words: () => t("Next 7 days"), query: (now) => ({ due_after: now, due_before: plusDays(now, 8) }) },
  { name: "later", words: () => t("Later"), query: (now) => ({ due_after: plusDays(now, 7) }) },
  { name: "undated", words: () => t("Without a date"), query: () => ({ due: "none" }) },
];

/**
 * The pending actions by when they are due: `{name, words, items, next}` of each group.
 * @param {import("./client.js").Client} client
 * @param {Record<string, any>} filters @param {string} now today as a civil date
 * @param {any[]} before what was shown last, of which as many rows are asked for again
 */
export function groups(client, filters, now, before = []) {
  return Promise.all(
    GROUPS.map(async ({ name, words, query }) => {
      const shown = before.find((group) => group.name === name)?.items.length ?? 0;
      const limit = Math.min(MOST, Math.max(FIRST, shown));
      const page = await client.page("/relationship-actions", "actions", {
        status: "pending",
        limit,
        ...filters,
        ...query(now),
      });
      return {
        name,
        words: words(),
        items: page.items,
        next: page.next && (() => more(client, filters, query(now), page)),
      };
    }),
  );
}

/** The next page of a group, larger than the first. */
const more = (client, filters, query, page) =>
  client.page("/relationship-actions", "actions", {
    status: "pending",
    limit: MORE,
    ...filters,
    ...query,
    cursor: page.answer.next_cursor,
  });

/** Close them, in as few requests as may be: what became of each, where there are several. */
export async function closeAll(client, ids, status, options) {
  if (ids.length === 1) {
    await client.patch(`/relationship-actions/${ids[0]}`, { status }, options);
    return [];
  }
  const parts = Array.from({ length: Math.ceil(ids.length / MOST) }, (_, part) =>
    ids.slice(part * MOST, (part + 1) * MOST),
  );
  const answers = await Promise.all(
    parts.map((part) => client.patch("/relationship-actions", { ids: part, status }, options)),
  );
  return answers.flatMap(({ results }) => results);
}

/** Make the children of a list these nodes, and touch none that stays in its place: it keeps its focus and state. */
export function arrange(list, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...list.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, place) => {
    if (list.children[place] !== node) list.insertBefore(node, list.children[place] ?? null);
  });
}
