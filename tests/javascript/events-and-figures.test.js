import assert from "node:assert/strict";
import { test } from "node:test";

import { followUpDate, groupEvents, yearsAtNextOccurrence } from "../../flask_relationships/ui/elements/event-dates.js";
import { nextOrder, sortPartners, totalDeal } from "../../flask_relationships/ui/elements/partner-order.js";
import { countChannels, figuresOf } from "../../flask_relationships/ui/elements/summary-figures.js";

const event = (id, event_date, next_occurrence, days_until) => ({ id, event_date, next_occurrence, days_until });
const ids = (rows) => rows.map(({ id }) => id);

test("events are upcoming by their next occurrence, undated or past", () => {
  const events = [
    event("past", "2020-01-01", null, null),
    event("far", "2000-05-01", "2027-05-01", 158),
    event("undated", null, null, null),
    event("near", null, "2026-12-05", 11),
  ];
  const { upcoming, undated, past } = groupEvents(events);
  assert.deepEqual(ids(upcoming), ["near", "far"]);
  assert.deepEqual(ids(undated), ["undated"]);
  assert.deepEqual(ids(past), ["past"]);
});

test("years are counted for annual events with a year alone", () => {
  const dates = { event_date: "1984-12-05", next_occurrence: "2026-12-05" };
  assert.equal(yearsAtNextOccurrence({ ...dates, recurs_annually: true }), 42);
  assert.equal(yearsAtNextOccurrence({ ...dates, recurs_annually: false }), 0);
  assert.equal(yearsAtNextOccurrence({ ...dates, event_date: null, recurs_annually: true }), 0);
});

test("a follow-up is due its lead days before the event, but never in the past", () => {
  const due = (next_occurrence) => followUpDate({ next_occurrence, auto_action_days_before: 7 }, "2026-11-24");
  assert.equal(due("2026-12-05"), "2026-11-28");
  assert.equal(due("2026-11-26"), "2026-11-24");
  assert.equal(due(null), null);
});

const partner = (id, partner_company_name, estimated_deal_size) => ({ id, partner_company_name, estimated_deal_size });
const PARTNERS = [partner("b", "Beta 10", 500), partner("n", "alpha", null), partner("a", "Beta 9", 90)];

test("partners are sorted as people read: without case, and numbers by their value", () => {
  const order = { column: "partner_company_name", isDescending: false };
  assert.deepEqual(ids(sortPartners(PARTNERS, order)), ["n", "a", "b"]);
  assert.deepEqual(ids(sortPartners(PARTNERS, { ...order, isDescending: true })), ["b", "a", "n"]);
  assert.deepEqual(ids(PARTNERS), ["b", "n", "a"], "the list itself stays as it is");
});

test("empty values come last in both directions", () => {
  const order = { column: "estimated_deal_size", isDescending: false };
  assert.deepEqual(ids(sortPartners(PARTNERS, order)), ["a", "b", "n"]);
  assert.deepEqual(ids(sortPartners(PARTNERS, { ...order, isDescending: true })), ["b", "a", "n"]);
});

test("a column's heading sorts by it, and the other way round when it is pressed again", () => {
  const byName = { column: "partner_company_name", isDescending: false };
  const byDeal = nextOrder(byName, "estimated_deal_size");
  assert.deepEqual(byDeal, { column: "estimated_deal_size", isDescending: true });
  assert.deepEqual(nextOrder(byDeal, "estimated_deal_size"), { column: "estimated_deal_size", isDescending: false });
  assert.deepEqual(nextOrder(byDeal, "notes"), { column: "notes", isDescending: false });
  assert.equal(totalDeal(PARTNERS), 590);
});

const contact = (twilio_opt_in, communication_preference, at = null) => ({
  twilio_opt_in,
  communication_preference,
  last_contact: at && { at },
});

test("the figures of a summary", () => {
  const contacts = [contact(true, "sms", "2026-11-02T10:00:00Z"), contact(null, null, "2026-11-20T10:00:00Z")];
  const actions = [{ due_date: "2026-11-23" }, { due_date: "2026-11-24" }, { due_date: null }];
  assert.deepEqual(figuresOf({ contacts, actions, partners: PARTNERS }, "2026-11-24"), {
    optedIn: 1,
    overdue: 1,
    lastContact: "2026-11-20T10:00:00Z",
    deals: 590,
  });
  assert.equal(figuresOf({ contacts: [], actions: [], partners: [] }, "2026-11-24").lastContact, null);
});

test("channels are counted, the most first, and no preference last", () => {
  const contacts = [null, null, null, "sms", "email", "email"].map((channel) => contact(true, channel));
  assert.deepEqual(countChannels(contacts), [
    ["email", 2],
    ["sms", 1],
    [null, 3],
  ]);
});
