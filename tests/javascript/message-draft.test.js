import assert from "node:assert/strict";
import { test } from "node:test";

import {
  channelOf,
  isWorthStoring,
  messageOf,
  previewOf,
  textAfterSending,
} from "../../flask_relationships/ui/elements/message-draft.js";
import { fillVariables, variablesOf } from "../../flask_relationships/ui/elements/template-text.js";

const DRAFT = {
  channel: "sms",
  body: "Happy birthday!",
  media_url: " https://example.org/cake.png ",
  template: { sid: "HX1", variables: { 1: "Ada" } },
  action: { id: "7", title: "Birthday" },
};

test("a picture goes by MMS only, and a template by WhatsApp only", () => {
  const common = { body: "Happy birthday!", auto_action_id: "7" };
  assert.deepEqual(messageOf(DRAFT), { channel: "sms", ...common });
  assert.deepEqual(messageOf({ ...DRAFT, channel: "mms" }), {
    channel: "mms",
    media_url: "https://example.org/cake.png",
    ...common,
  });
  assert.deepEqual(messageOf({ ...DRAFT, channel: "whatsapp" }), {
    channel: "whatsapp",
    content_sid: "HX1",
    content_variables: { 1: "Ada" },
    ...common,
  });
});

test("what is empty is not sent", () => {
  const empty = { ...DRAFT, media_url: "  ", action: null };
  assert.deepEqual(messageOf({ ...empty, channel: "mms" }), { channel: "mms", body: "Happy birthday!" });
  const template = { sid: "HX1", variables: {} };
  assert.deepEqual(messageOf({ ...empty, channel: "whatsapp", template }), {
    channel: "whatsapp",
    body: "Happy birthday!",
    content_sid: "HX1",
  });
});

test("a preview asks also before anything is written, and for no follow-up", () => {
  assert.deepEqual(previewOf({ ...DRAFT, body: "  " }), { channel: "sms", body: "-" });
  assert.deepEqual(previewOf(DRAFT), { channel: "sms", body: "Happy birthday!" });
});

test("a choice of channel alone is no draft", () => {
  const nothing = { channel: "mms", body: "", media_url: "" };
  assert.equal(isWorthStoring(nothing), false);
  assert.equal(isWorthStoring({ ...nothing, body: "a" }), true);
  assert.equal(isWorthStoring({ ...nothing, media_url: "https://" }), true);
  assert.equal(isWorthStoring({ ...nothing, action: { id: "7", title: "Call" } }), true);
});

test("what was typed while a message was on its way stays", () => {
  assert.equal(textAfterSending("Hello", "Hello"), "");
  assert.equal(textAfterSending("Hello\nAnd one more", "Hello"), "And one more");
  assert.equal(textAfterSending("Something else", "Hello"), "Something else");
});

test("a channel that cannot be sent by becomes SMS", () => {
  assert.equal(channelOf("whatsapp"), "whatsapp");
  for (const other of ["email", "", null, undefined]) assert.equal(channelOf(other), "sms");
});

test("a template's variables are found once each, and numbered where its text is unknown", () => {
  assert.deepEqual(variablesOf("Hi {{1}}, {{ name }} and {{1}}!"), ["1", "name"]);
  assert.deepEqual(variablesOf(""), []);
  assert.deepEqual(variablesOf(undefined), ["1", "2", "3"]);
});

test("a variable without a value stays as it is", () => {
  assert.equal(fillVariables("Hi {{1}}, {{ name }}!", { 1: "Ada", name: "" }), "Hi Ada, {{ name }}!");
});
