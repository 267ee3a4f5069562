import assert from "node:assert/strict";
import { test } from "node:test";

import {
  appendPage,
  closeActions,
  countText,
  cutToFirstPages,
  isRunningShort,
  loadGroups,
  removeActions,
} from "../../flask_relationships/ui/elements/board-groups.js";

const NOW = "2026-11-24";

const actions = (from, count) => Array.from({ length: count }, (_, place) => ({ id: String(from + place) }));

/** A client that answers each page with as many rows as were asked for, and writes down what was asked. */
function client() {
  const asked = [];
  return {
    asked,
    page: async (path, member, query, later) => {
      asked.push({ path, member, query, later });
      return { items: actions(0, query.limit), next: null };
    },
  };
}

test("every day falls into exactly one group", async () => {
  const own = client();
  const groups = await loadGroups(own, { assignee: "me" }, NOW);
  assert.deepEqual(
    groups.map(({ name }) => name),
    ["overdue", "today", "week", "later", "undated"],
  );
  const holds = ({ due_after: after = "", due_before: before = "9999", due }, day) =>
    due === undefined && after < day && day < before;
  for (const day of [
    "2026-11-01",
    "2026-11-23",
    "2026-11-24",
    "2026-11-25",
    "2026-12-01",
    "2026-12-02",
    "2027-11-24",
  ]) {
    const found = own.asked.map(({ query }, place) => holds(query, day) && groups[place].name).filter(Boolean);
    const days = (Date.parse(day) - Date.parse(NOW)) / 86_400_000;
    const wanted = days < 0 ? "overdue" : days === 0 ? "today" : days <= 7 ? "week" : "later";
    assert.deepEqual(found, [wanted], day);
  }
  assert.equal(own.asked.at(-1).query.due, "none");
});

test("each group asks for the pending follow-ups of the filters, and for larger pages later", async () => {
  const own = client();
  await loadGroups(own, { assignee: "me", action_type: "call" }, NOW);
  for (const { path, member, query, later } of own.asked) {
    assert.equal(path, "/relationship-actions");
    assert.equal(member, "actions");
    assert.equal(query.status, "pending");
    assert.equal(query.assignee, "me");
    assert.equal(query.action_type, "call");
    assert.equal(query.limit, 30);
    assert.deepEqual(later, { limit: 100 });
  }
});

test("as many rows are loaded again as were shown, up to what the API gives", async () => {
  const own = client();
  const before = [
    { name: "overdue", items: actions(0, 130) },
    { name: "today", items: actions(0, 900) },
    { name: "week", items: actions(0, 2) },
  ];
  await loadGroups(own, {}, NOW, before);
  assert.deepEqual(
    own.asked.map(({ query }) => query.limit),
    [130, 500, 30, 30, 30],
  );
});

test("a page is appended to its group without the rows that are there already", () => {
  const more = async () => null;
  const groups = [
    { name: "overdue", label: "", items: actions(1, 3), next: more },
    { name: "today", label: "", items: actions(1, 1), next: null },
  ];
  const [overdue, today] = appendPage(groups, "overdue", { items: actions(3, 3), next: null });
  assert.deepEqual(overdue.items, actions(1, 5));
  assert.equal(overdue.next, null);
  assert.equal(today, groups[1]);
  assert.equal(groups[0].items.length, 3, "the groups before stay as they are");
});

test("rows are removed from every group", () => {
  const groups = [
    { name: "overdue", items: actions(1, 3) },
    { name: "today", items: actions(2, 2) },
  ];
  const [overdue, today] = removeActions(groups, new Set(["2", "3"]));
  assert.deepEqual(overdue.items, actions(1, 1));
  assert.deepEqual(today.items, []);
});

test("other filters begin with first pages again", () => {
  const [group] = cutToFirstPages([{ name: "later", items: actions(0, 130) }]);
  assert.equal(group.items.length, 30);
});

test("a group runs short where there is more than it shows", () => {
  const more = async () => null;
  assert.equal(isRunningShort([{ items: actions(0, 4), next: more }]), true);
  assert.equal(isRunningShort([{ items: actions(0, 5), next: more }]), false);
  assert.equal(isRunningShort([{ items: actions(0, 1), next: null }]), false);
});

test("a count says that there is more", () => {
  const more = async () => null;
  const groups = [
    { name: "overdue", items: actions(0, 30), next: more },
    { name: "today", items: actions(0, 2), next: null },
    { name: "week", items: [], next: null },
  ];
  assert.equal(countText(groups, "overdue"), "30+");
  assert.equal(countText(groups, "today"), "2");
  assert.equal(countText(groups, "week"), null);
  assert.equal(countText(groups, "later"), null);
});

test("one follow-up is closed by its own route, many in as few requests as the API takes", async () => {
  const asked = [];
  const own = {
    patch: async (path, body, options) => {
      asked.push([path, body.ids?.length, body.status, options]);
      return { results: (body.ids ?? []).map((id) => ({ id, outcome: "closed" })) };
    },
  };
  assert.deepEqual(await closeActions(own, ["7"], "done", { keepalive: true }), []);
  const ids = actions(0, 1001).map(({ id }) => id);
  const results = await closeActions(own, ids, "dismissed");
  assert.deepEqual(
    results.map(({ id }) => id),
    ids,
  );
  assert.deepEqual(asked, [
    ["/relationship-actions/7", undefined, "done", { keepalive: true }],
    ["/relationship-actions", 500, "dismissed", undefined],
    ["/relationship-actions", 500, "dismissed", undefined],
    ["/relationship-actions", 1, "dismissed", undefined],
  ]);
});
