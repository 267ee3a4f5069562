import assert from "node:assert/strict";
import { test } from "node:test";

import { inParallel } from "../../flask_relationships/ui/elements/in-parallel.js";
import { HiddenRows, OptimisticValue } from "../../flask_relationships/ui/elements/optimistic.js";

test("hidden rows are not visible until they are released", () => {
  const hidden = new HiddenRows();
  const rows = [{ id: "1" }, { id: "2" }, { id: "3" }];
  hidden.hide(["1", "3"]);
  assert.deepEqual(hidden.visible(rows), [{ id: "2" }]);
  assert.equal(hidden.has("3"), true);
  hidden.release(["1"]);
  assert.deepEqual(hidden.visible(rows), [{ id: "1" }, { id: "2" }]);
  hidden.clear();
  assert.deepEqual(hidden.visible(rows), rows);
});

/** A request that ends when the test says so. */
function request() {
  let answer;
  const answered = new Promise((resolve) => {
    answer = resolve;
  });
  return { send: () => answered, answer };
}

test("a value is shown before it is sent, and stays where it was stored", async () => {
  const shown = [];
  const value = new OptimisticValue((one) => shown.push(one));
  const { send, answer } = request();
  const ended = value.change(["a"], ["a", "b"], send);
  assert.deepEqual(shown, [["a", "b"]]);
  answer(true);
  await ended;
  assert.deepEqual(shown, [["a", "b"]]);
});

test("a value that was not stored is taken back", async () => {
  const events = [];
  const value = new OptimisticValue((one) => events.push(one));
  await value.change(
    "before",
    "after",
    async () => false,
    () => events.push("taken back"),
  );
  assert.deepEqual(events, ["after", "taken back", "before"]);
});

test("a failed change is not taken back once another has followed", async () => {
  const shown = [];
  const value = new OptimisticValue((one) => shown.push(one));
  const first = request();
  value.change("a", "b", first.send, () => assert.fail("the first change was taken back"));
  const ended = value.change("b", "c", async () => true);
  first.answer(false);
  await ended;
  assert.deepEqual(shown, ["b", "c"]);
});

test("changes are sent one after another", async () => {
  const sent = [];
  const value = new OptimisticValue(() => {});
  const first = request();
  value.change("a", "b", () => {
    sent.push("b");
    return first.send();
  });
  const ended = value.change("b", "c", async () => sent.push("c") > 0);
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(sent, ["b"]);
  first.answer(true);
  await ended;
  assert.deepEqual(sent, ["b", "c"]);
});

test("many changes run a few at a time, and one that fails stops no other", async () => {
  let running = 0;
  let most = 0;
  const { succeeded, errors } = await inParallel([1, 2, 3, 4, 5, 6, 7], async (item) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve));
    running -= 1;
    if (item % 3 === 0) throw new Error(`no ${item}`);
  });
  assert.equal(most, 4);
  assert.deepEqual(succeeded.sort(), [1, 2, 4, 5, 7]);
  assert.deepEqual(errors.map(({ message }) => message).sort(), ["no 3", "no 6"]);
});
