import assert from "node:assert/strict";
import { test } from "node:test";

import { Client, Problem, configure } from "../../flask_relationships/ui/elements/client.js";
import { explain, explainMember } from "../../flask_relationships/ui/elements/problems.js";

const json = (body, status = 200, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/problem+json", ...headers } });

/** Answer the next requests of every client, and return what was asked. */
function answer(...responses) {
  const asked = [];
  configure({
    fetch: async (address, options) => {
      asked.push([address, options.headers]);
      const response = responses.shift();
      if (response instanceof Error) throw response;
      return response;
    },
  });
  return asked;
}

/** The problem of one request that is answered so. */
async function problemOf(response) {
  answer(response);
  return new Client().get("/x").then(
    () => assert.fail("there was no problem"),
    (problem) => problem,
  );
}

test("two reads of the same at the same time are one request", async () => {
  const asked = answer(json({ profile: 1 }), json({ profile: 2 }));
  const client = new Client({ api: "/api/" });
  const [one, other] = await Promise.all([client.get("/a", { limit: 2, cursor: "" }), client.get("/a", { limit: 2 })]);
  assert.equal(one, other);
  assert.deepEqual(
    asked.map(([address]) => address),
    ["/api/a?limit=2"],
  );
  assert.deepEqual(await client.get("/a", { limit: 2 }), { profile: 2 });
});

test("the next page has the cursor, and what only later pages ask for", async () => {
  const asked = answer(
    json({ actions: [1], next_cursor: "c1" }),
    json({ actions: [2], next_cursor: "c2" }),
    json({ actions: [3], next_cursor: null }),
  );
  const first = await new Client().page("/a", "actions", { limit: 30 }, { limit: 100 });
  const second = await first.next();
  const third = await second.next();
  assert.deepEqual([first.items, second.items, third.items], [[1], [2], [3]]);
  assert.equal(third.next, null);
  assert.deepEqual(
    asked.map(([address]) => address.split("?")[1]),
    ["limit=30", "limit=100&cursor=c1", "limit=100&cursor=c2"],
  );
});

test("headers of the page go with each request", async () => {
  const asked = answer(json({}));
  configure({ headers: async () => ({ Authorization: "Bearer abc" }) });
  await new Client().get("/a");
  configure({ headers: () => ({}) });
  assert.equal(asked[0][1].Authorization, "Bearer abc");
});

test("the kind of a problem says what a person can do", async () => {
  const kinds = {
    400: "refused",
    401: "signed-out",
    403: "forbidden",
    404: "missing",
    409: "conflict",
    422: "invalid",
    429: "busy",
    500: "failed",
    502: "refused",
    503: "unavailable",
  };
  for (const [status, kind] of Object.entries(kinds)) {
    const problem = await problemOf(json({ code: "some_code", detail: "Why." }, Number(status)));
    assert.ok(problem instanceof Problem);
    assert.deepEqual([problem.kind, problem.status, problem.code], [kind, Number(status), "some_code"]);
    assert.equal(problem.isAnswered, true);
  }
});

test("a log-in page in place of JSON means that the session has ended", async () => {
  const page = new Response("<html>", { headers: { "Content-Type": "text/html" } });
  const problem = await problemOf(page);
  assert.deepEqual([problem.kind, problem.isAnswered], ["signed-out", false]);
});

test("a 502 of a proxy is not one of the message provider", async () => {
  assert.equal((await problemOf(new Response("Bad gateway", { status: 502 }))).kind, "unavailable");
});

test("a refused token is the page's, not the API's answer to what was asked", async () => {
  const problem = await problemOf(json({ title: "CSRF token", code: "csrf", detail: "expired" }, 400));
  assert.deepEqual([problem.kind, problem.isAnswered], ["stale", false]);
});

test("a connection that broke or took too long is no answer", async () => {
  assert.equal((await problemOf(new TypeError("Failed to fetch"))).kind, "offline");
  assert.equal((await problemOf(new DOMException("too long", "TimeoutError"))).kind, "unavailable");
  const cut = new Response('{"a": ', { headers: { "Content-Type": "application/json" } });
  assert.equal((await problemOf(cut)).kind, "offline");
});

test("errors of fields are found by the names of the fields", async () => {
  const errors = [{ pointer: "#/content_variables/1", code: "too_long", detail: "At most 100 characters." }];
  const { members } = await problemOf(json({ code: "invalid", errors }, 422));
  assert.equal(explainMember(members.get("content_variables")), "This is too long: 100 characters at most.");
});

test("a problem is explained, with when to try again", async () => {
  const limited = await problemOf(json({ code: "too_many_messages" }, 429, { "Retry-After": "30" }));
  assert.equal(
    explain(limited),
    "As many messages as are allowed have been sent. Try again later. Try again in 30 seconds.",
  );
  const vetoed = await problemOf(json({ code: "message_vetoed", detail: "Not on Sundays." }, 409));
  assert.equal(explain(vetoed), "Not on Sundays.");
  assert.equal(explain(new TypeError("x is undefined")), "Something went wrong on this page.");
});
