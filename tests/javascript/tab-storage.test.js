import assert from "node:assert/strict";
import { test } from "node:test";

import { TabStorage } from "../../flask_relationships/ui/elements/tab-storage.js";

/** An area like the browser's, and what it holds. */
function area(texts = {}) {
  const held = new Map(Object.entries(texts));
  const opened = {
    getItem: (key) => held.get(key) ?? null,
    setItem: (key, text) => held.set(key, text),
    removeItem: (key) => held.delete(key),
  };
  return { held, open: () => opened };
}

const refused = () => {
  throw new Error("storage is not allowed");
};

test("a draft is stored for the viewer, and another viewer does not see it", () => {
  const { held, open } = area();
  const storage = new TabStorage("stored-1", open);
  storage.set("draft:rel-thread:7", { body: "Hello" });
  assert.deepEqual([...held], [["relationships:stored-1:draft:rel-thread:7", '{"body":"Hello"}']]);
  assert.deepEqual(new TabStorage("stored-1", open).get("draft:rel-thread:7"), { body: "Hello" });
  assert.equal(new TabStorage("stored-2", open).get("draft:rel-thread:7"), undefined);
});

test("a draft that was stored before this page was opened is found", () => {
  const { open } = area({ "relationships:earlier:draft": '{"body":"from before"}' });
  assert.deepEqual(new TabStorage("earlier", open).get("draft"), { body: "from before" });
});

test("a removed draft is gone from the storage too", () => {
  const { held, open } = area();
  const storage = new TabStorage("removing", open);
  storage.set("draft", 1);
  storage.remove("draft");
  assert.equal(held.size, 0);
  assert.equal(storage.get("draft"), undefined);
});

test("without a viewer nothing is written to the storage", () => {
  for (const viewer of [null, ""]) {
    const { held, open } = area();
    const storage = new TabStorage(viewer, open);
    storage.set("draft", { body: "Hello" });
    assert.equal(held.size, 0);
    assert.deepEqual(storage.get("draft"), { body: "Hello" });
    storage.remove("draft");
  }
});

test("a browser that stores nothing leaves what was typed in memory", () => {
  const storage = new TabStorage("refused", refused);
  storage.set("draft", { body: "Hello" });
  assert.deepEqual(storage.get("draft"), { body: "Hello" });
  storage.remove("draft");
  assert.equal(storage.get("draft"), undefined);
});

test("a stored text that is no JSON is ignored", () => {
  const { open } = area({ "relationships:broken:draft": "{" });
  assert.equal(new TabStorage("broken", open).get("draft"), undefined);
});
