import assert from "node:assert/strict";
import { test } from "node:test";

import {
  changedValues,
  draftName,
  initialValue,
  parseValue,
} from "../../flask_relationships/ui/elements/form-values.js";

test("an empty field is null, and spaces around a text are left out", () => {
  assert.equal(parseValue("text", "  Ada  "), "Ada");
  assert.equal(parseValue("textarea", "   "), null);
  assert.equal(parseValue("date", ""), null);
});

test("a number is a number, also 0", () => {
  assert.equal(parseValue("number", "1200.5"), 1200.5);
  assert.equal(parseValue("number", "0"), 0);
  assert.equal(parseValue("number", ""), null);
});

test("only values that differ from the row are sent", () => {
  const row = { title: "Call", description: null, notes: "", days: 7, recurs: false };
  const same = { title: "Call", description: null, notes: null, days: 7, recurs: false, fresh: null };
  assert.deepEqual(changedValues(same, row), {});
  assert.deepEqual(changedValues({ ...same, title: null, days: 0, recurs: true }, row), {
    title: null,
    days: 0,
    recurs: true,
  });
});

test("a draft comes before the row, also where it has emptied a field", () => {
  const row = { title: "Call", description: "Old" };
  assert.equal(initialValue("title", { title: "Write" }, row), "Write");
  assert.equal(initialValue("description", { description: null }, row), null);
  assert.equal(initialValue("description", {}, row), "Old");
  assert.equal(initialValue("unknown", {}, row), null);
});

test("drafts of other elements, contacts and forms have other names", () => {
  const names = [
    draftName("rel-profile", "1", "profile"),
    draftName("rel-timeline", "1", "profile"),
    draftName("rel-profile", "2", "profile"),
    draftName("rel-profile", "1", "consent"),
  ];
  assert.equal(new Set(names).size, 4);
  assert.equal(names[0], "draft:rel-profile:1:profile");
});
