import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import {
  actionName,
  actionTypeOf,
  channelName,
  contactName,
  eventTypeOf,
} from "../../flask_relationships/ui/elements/labels.js";
import { n, setCatalogue, t } from "../../flask_relationships/ui/elements/texts.js";

afterEach(() => setCatalogue({ texts: {}, plural: "" }));

/** German: one form for 1, another for all other numbers. */
const PLURAL = Array.from({ length: 200 }, (_, number) => (number === 1 ? "0" : "1")).join("");

test("a text without a translation is English, with its values", () => {
  assert.equal(t("“{title}” is done.", { title: "Call {name}" }), "“Call {name}” is done.");
  assert.equal(t("{unknown} stays"), "{unknown} stays");
  assert.equal(n("{count} day", "{count} days", 1), "1 day");
  assert.equal(n("{count} day", "{count} days", 1200), "1,200 days");
});

test("a translation has its own plural forms", () => {
  setCatalogue({ texts: { Call: "Anruf", "{count} day": ["{count} Tag", "{count} Tage"] }, plural: PLURAL });
  assert.equal(t("Call"), "Anruf");
  assert.equal(n("{count} day", "{count} days", 1), "1 Tag");
  assert.equal(n("{count} day", "{count} days", 101), "101 Tage");
  assert.equal(n("{count} day", "{count} days", 0), "0 Tage");
});

test("numbers of 200 and more take the forms of 100 to 199, which may differ from those below", () => {
  const plural = Array.from({ length: 200 }, (_, number) => ({ 2: "0", 103: "1" })[number] ?? "2").join("");
  setCatalogue({ texts: { "{count} day": ["two", "a hundred and three", "many"] }, plural });
  const forms = [2, 3, 103, 199, 202, 302, 303].map((count) => n("{count} day", "{count} days", count));
  assert.deepEqual(forms, ["two", "many", "a hundred and three", "many", "many", "many", "a hundred and three"]);
});

test("an unknown name is shown as the API has it, with a capital", () => {
  assert.equal(actionName("in_house_visit"), "In house visit");
  assert.equal(channelName("whatsapp"), "WhatsApp");
  assert.equal(channelName("In Person"), "In person");
});

test("a typed label becomes the API's name, in the language of the page too", () => {
  assert.equal(eventTypeOf(" work ANNIVERSARY "), "work_anniversary");
  assert.equal(actionTypeOf("Walk the dog"), "Walk the dog");
  setCatalogue({ texts: { Call: "Anruf" }, plural: PLURAL });
  assert.equal(actionTypeOf("anruf"), "call");
});

test("a contact with one name has no space beside it", () => {
  assert.equal(contactName({ first_name: "Ada", last_name: null }), "Ada");
  assert.equal(contactName({ first_name: "Ada", last_name: "Lovelace" }), "Ada Lovelace");
});
