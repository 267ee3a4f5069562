// The API, for these elements and for pages that draw their own: `import { Client } from ".../elements.js"`.

import { Kept } from "./kept.js";

/**
 * An answer that is none, or an error. `kind` tells apart what a person can do about it:
 * signed-out, forbidden, stale (the page's token), missing, conflict, invalid, refused, busy, unavailable, offline, failed.
 */
export class Problem extends Error {
  constructor({ kind, status = 0, code = "", detail = "", errors = [], retryAfter = null, body = {} }) {
    super(detail || code || kind);
    this.name = "Problem";
    Object.assign(this, { kind, status, code, detail, retryAfter, body });
    /** What is wrong with single members: their names, and `{code, detail}` of each. @type {Map<string, any>} */
    this.members = new Map(errors.map((error) => [error.pointer.replace(/^#\//, "").split("/")[0], error]));
  }
}

const STATUSES = {
  400: "refused",
  401: "signed-out",
  403: "forbidden",
  404: "missing",
  409: "conflict",
  413: "invalid",
  422: "invalid",
  429: "busy",
  502: "refused",
  503: "unavailable",
  504: "unavailable",
};

const SECONDS = 30;

const settings = {
  headers: () => ({}),
  csrfHeader: "X-CSRFToken",
  csrfCookie: null,
  fetch: (url, options) => fetch(url, options),
};

/**
 * Say how every client of this page calls: `headers`, a function that returns more of them (`Authorization`), or a
 * promise of them; `csrfHeader`, `csrfCookie` (the name of a cookie that holds the token), and `fetch`.
 * @param {Partial<typeof settings>} given
 */
export function configure(given) {
  Object.assign(settings, given);
}

let freshToken = null;

/** The token against forged requests: renewed, given, of the page's meta tag, or of a cookie. */
function csrfToken(given) {
  const meta = document.querySelector('meta[name="csrf-token"], meta[name="csrf_token"]');
  const cookie =
    settings.csrfCookie && document.cookie.split("; ").find((one) => one.startsWith(`${settings.csrfCookie}=`));
  return (
    freshToken || given || meta?.content || (cookie && decodeURIComponent(cookie.split("=").slice(1).join("="))) || null
  );
}

export class Client {
  #reading = new Map();

  /**
   * @param {object} given
   * @param {string} [given.api] where the API answers
   * @param {string | null} [given.token] the token against forged requests, where no meta tag holds it
   * @param {string | null} [given.viewer] the key of whoever is logged in; see kept.js
   */
  constructor({ api = "/api/relationships", token = null, viewer = null } = {}) {
    this.api = api.replace(/\/$/, "");
    this.token = token;
    this.kept = new Kept(viewer);
  }

  /** Two who ask for the same at the same time are answered by one request. */
  get(path, query = {}) {
    const asked = new URLSearchParams(
      Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== ""),
    );
    const address = `${path}${asked.size ? `?${asked}` : ""}`;
    if (!this.#reading.has(address)) {
      this.#reading.set(
        address,
        this.#call("GET", address).finally(() => this.#reading.delete(address)),
      );
    }
    return this.#reading.get(address);
  }

  /**
   * One page of a list and how to ask for the next: `{items, next}`, `next` null at the end.
   * @param {string} member the list's name in the answer
   */
  async page(path, member, query = {}) {
    const answer = await this.get(path, query);
    const cursor = answer.next_cursor;
    return { items: answer[member], next: cursor ? () => this.page(path, member, { ...query, cursor }) : null, answer };
  }

  /**
   * A creating request. Its Idempotency-Key is kept until the API itself has answered, also over a navigation: whoever
   * sends the same again after a broken connection creates nothing twice.
   */
  async post(path, body) {
    const content = JSON.stringify(body);
    const name = `key:${this.api}${path}:${content}`;
    const key = this.kept.get(name) ?? crypto.randomUUID?.() ?? String(Date.now() + Math.random());
    this.kept.set(name, key);
    try {
      const answer = await this.#call("POST", path, content, { "Idempotency-Key": key });
      this.kept.remove(name);
      return answer;
    } catch (problem) {
      if (problem.answered && problem.code !== "request_in_flight") this.kept.remove(name);
      throw problem;
    }
  }

  /** A question that is put as a POST, and creates nothing. */
  ask(path, body) {
    return this.#call("POST", path, JSON.stringify(body));
  }

  patch(path, body, options) {
    return this.#call("PATCH", path, JSON.stringify(body), {}, options);
  }

  put(path, body = {}) {
    return this.#call("PUT", path, JSON.stringify(body));
  }

  delete(path) {
    return this.#call("DELETE", path);
  }

  async #call(method, path, content = null, more = {}, { keepalive = false, again = true } = {}) {
    const own = await settings.headers();
    const headers = { Accept: "application/json", ...more, ...own };
    if (content !== null) headers["Content-Type"] = "application/json";
    const token = method === "GET" ? null : csrfToken(this.token);
    if (token) headers[settings.csrfHeader] = token;
    let response;
    try {
      response = await settings.fetch(this.api + path, {
        method,
        headers,
        body: content,
        keepalive,
        credentials: "same-origin",
        redirect: "manual",
        cache: "no-store",
        signal: keepalive ? undefined : AbortSignal.timeout(SECONDS * 1000),
      });
    } catch (error) {
      throw new Problem({ kind: error.name === "TimeoutError" ? "unavailable" : "offline" });
    }
    const isJson = /\bjson\b/.test(response.headers.get("Content-Type") ?? "");
    let body = null;
    try {
      body = isJson ? await response.json() : null;
    } catch {
      throw new Problem({ kind: "offline", status: response.status });
    }
    if (response.ok && body) return body;
    const problem = problemOf(response, body);
    problem.byToken = "Authorization" in own;
    if (problem.kind === "stale" && again && (await renewToken())) {
      return this.#call(method, path, content, more, { keepalive, again: false });
    }
    throw problem;
  }
}

function problemOf(response, body) {
  const status = response.status;
  // A log-in page instead of JSON, or the way to one.
  if (response.type === "opaqueredirect" || (!body && status < 400)) return new Problem({ kind: "signed-out", status });
  const told = body ?? {};
  let kind = STATUSES[status] ?? (status >= 500 ? "failed" : "refused");
  if (!body && status === 502) kind = "unavailable";
  if (status === 400 && /csrf/i.test(`${told.title} ${told.detail}`)) kind = "stale";
  const retryAfter = Number(response.headers.get("Retry-After")) || null;
  const problem = new Problem({
    kind,
    status,
    retryAfter,
    code: told.code,
    detail: told.detail,
    errors: told.errors,
    body: told,
  });
  problem.answered = Boolean(told.code) && kind !== "stale";
  return problem;
}

/** Ask for a new token: those of a page that was open for long have expired. True where there is one. */
async function renewToken() {
  try {
    const answer = await settings.fetch(new URL("../../token", import.meta.url), {
      credentials: "same-origin",
      redirect: "manual",
      cache: "no-store",
    });
    freshToken = (await answer.json()).csrf_token;
  } catch {
    freshToken = null;
  }
  return Boolean(freshToken);
}

const clients = new Map();

/** The page's one client of an API and viewer. */
export function clientOf({ api, token, viewer }) {
  const name = `${api} ${viewer}`;
  if (!clients.has(name)) clients.set(name, new Client({ api: api ?? undefined, token, viewer }));
  return clients.get(name);
}
