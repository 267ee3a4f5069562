import assert from "node:assert/strict";
import { test } from "node:test";

import {
  addDays,
  daysBetween,
  formatDay,
  formatDistance,
  formatFullDay,
  nextAnniversary,
  today,
} from "../../flask_relationships/ui/elements/dates.js";

test("today is the date of the time zone, not of UTC", () => {
  const now = new Date("2026-11-24T23:30:00Z");
  assert.equal(today("Europe/Berlin", now), "2026-11-25");
  assert.equal(today("UTC", now), "2026-11-24");
  assert.equal(today("America/New_York", now), "2026-11-24");
});

test("days are counted over the end of a month, a leap day and a change of clocks", () => {
  assert.equal(daysBetween("2026-11-24", "2026-11-24"), 0);
  assert.equal(daysBetween("2028-02-28", "2028-03-01"), 2);
  assert.equal(daysBetween("2027-02-28", "2027-03-01"), 1);
  assert.equal(daysBetween("2026-03-28", "2026-03-30"), 2);
  assert.equal(daysBetween("2026-01-01", "2025-12-31"), -1);
});

test("days are added over the end of a year, and may be negative", () => {
  assert.equal(addDays("2026-12-31", 1), "2027-01-01");
  assert.equal(addDays("2026-03-01", -1), "2026-02-28");
  assert.equal(addDays("2026-10-24", 2), "2026-10-26");
});

test("a year below 100 is not taken for one of the twentieth century", () => {
  assert.equal(daysBetween("0099-12-31", "0100-01-01"), 1);
  assert.equal(addDays("0001-01-01", 1), "0001-01-02");
});

test("the next anniversary may be today, and is next year after it", () => {
  assert.equal(nextAnniversary("12-05", "2026-12-05", null), "2026-12-05");
  assert.equal(nextAnniversary("12-05", "2026-12-06", null), "2027-12-05");
});

test("an anniversary of 29 February falls where the application says in other years", () => {
  assert.equal(nextAnniversary("02-29", "2028-01-01", null), "2028-02-29");
  assert.equal(nextAnniversary("02-29", "2027-01-01", "feb28"), "2027-02-28");
  assert.equal(nextAnniversary("02-29", "2027-01-01", "mar01"), "2027-03-01");
  assert.equal(nextAnniversary("02-29", "2100-01-01", "mar01"), "2100-03-01");
  assert.equal(nextAnniversary("02-29", "2000-01-01", "mar01"), "2000-02-29");
});

test("a day shows its year where that is another one", () => {
  assert.equal(formatDay("2026-12-05", { now: "2026-01-01" }), "Dec 5");
  assert.equal(formatDay("2027-12-05", { now: "2026-01-01" }), "Dec 5, 2027");
  assert.equal(formatFullDay("2026-12-05"), "December 5, 2026");
  assert.equal(formatFullDay("2026-12-05", false), "December 5");
});

test("a distance is told in days, then in months and years; the past in weeks too", () => {
  assert.equal(formatDistance(0), "today");
  assert.equal(formatDistance(1), "tomorrow");
  assert.equal(formatDistance(91), "in 91 days");
  assert.equal(formatDistance(-27), "27 days ago");
  assert.equal(formatDistance(-28), "4 weeks ago");
  assert.equal(formatDistance(92), "in 3 months");
  assert.equal(formatDistance(-729), "24 months ago");
  assert.equal(formatDistance(730), "in 2 years");
});
