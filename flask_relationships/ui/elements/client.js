// The API, for these elements and for pages that draw their own: `import { Client } from ".../elements.js"`.

import { TabStorage } from "./tab-storage.js";

/** @import { ProblemDocument } from "../types/api.js" */
/** @import { Page, Query, SendOptions } from "../types/elements.js" */

/**
 * What a person can do about a problem; "stale" is the page's token.
 * @typedef {"signed-out" | "forbidden" | "stale" | "missing" | "conflict" | "invalid" | "refused" | "busy"
 *   | "unavailable" | "offline" | "failed"} ProblemKind
 */

/**
 * @typedef {object} ProblemOptions
 * @property {ProblemKind} kind
 * @property {number} [status]
 * @property {number | null} [retryAfter] in seconds
 * @property {Partial<ProblemDocument> | null} [body] what the API answered
 * @property {boolean} [byToken] whether the request carried a token in its Authorization header
 */

/** A request that got an error as its answer, or no answer. */
export class Problem extends Error {
  /** @param {ProblemOptions} options */
  constructor({ kind, status = 0, retryAfter = null, body = null, byToken = false }) {
    const { code = "", detail = "", errors = [] } = body ?? {};
    super(detail || code || kind);
    this.name = "Problem";
    this.kind = kind;
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.retryAfter = retryAfter;
    this.body = body ?? {};
    this.byToken = byToken;
    /** Whether the API itself has answered: it has then not executed the request. */
    this.isAnswered = Boolean(code) && kind !== "stale";
    /** What is wrong with single fields, by their names. */
    this.members = new Map(errors.map((error) => [error.pointer.replace(/^#\//, "").split("/")[0] ?? "", error]));
  }
}

/** @type {Record<number, ProblemKind>} */
const KINDS_BY_STATUS = {
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

const TIMEOUT_SECONDS = 30;

/**
 * @typedef {object} Settings
 * @property {() => Record<string, string> | Promise<Record<string, string>>} headers returns more headers
 * @property {string} csrfHeader
 * @property {string | null} csrfCookie the name of a cookie that holds the token
 * @property {(url: string | URL, options: RequestInit) => Promise<Response>} fetch
 */

/** @type {Settings} */
const settings = {
  headers: () => ({}),
  csrfHeader: "X-CSRFToken",
  csrfCookie: null,
  fetch: (url, options) => fetch(url, options),
};

/** Set how every client of this page sends its requests. @param {Partial<Settings>} changed */
export function configure(changed) {
  Object.assign(settings, changed);
}

/** @type {string | null} */
let renewedToken = null;

/**
 * Return the token against forged requests: the renewed one, the given one, that of the page's meta tag or a cookie's.
 * @param {string | null} given
 */
function csrfToken(given) {
  const meta = document.querySelector('meta[name="csrf-token"], meta[name="csrf_token"]');
  return renewedToken || given || meta?.getAttribute("content") || readCookie(settings.csrfCookie);
}

/** @param {string | null} name */
function readCookie(name) {
  const found = name && document.cookie.split("; ").find((one) => one.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(`${name}=`.length)) : null;
}

export class Client {
  /** Requests that are on their way. @type {Map<string, Promise<unknown>>} */
  #reading = new Map();

  /**
   * @param {object} [options]
   * @param {string} [options.api] where the API answers
   * @param {string | null} [options.token] the token against forged requests, where no meta tag holds it
   * @param {string | null} [options.viewer] the key of the current user; see tab-storage.js
   */
  constructor({ api = "/api/relationships", token = null, viewer = null } = {}) {
    this.api = api.replace(/\/$/, "");
    this.token = token;
    this.storage = new TabStorage(viewer);
  }

  /**
   * Read something. Two reads of the same at the same time are one request.
   * @template Answer
   * @param {string} path
   * @param {Query} [query]
   * @returns {Promise<Answer>}
   */
  get(path, query = {}) {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== undefined && value !== "") parameters.set(name, String(value));
    }
    const address = `${path}${parameters.size ? `?${parameters}` : ""}`;
    let reading = /** @type {Promise<Answer> | undefined} */ (this.#reading.get(address));
    if (!reading) {
      reading = /** @type {Promise<Answer>} */ (this.#send("GET", address)).finally(() =>
        this.#reading.delete(address),
      );
      this.#reading.set(address, reading);
    }
    return reading;
  }

  /**
   * Read one page of a list.
   * @template Row
   * @template {object} [Others=object]
   * @param {string} path
   * @param {string} member the list's name in the answer
   * @param {Query} [query]
   * @param {Query} [later] what other pages than this ask for in addition
   * @returns {Promise<Page<Row> & { answer: Others }>}
   */
  async page(path, member, query = {}, later = {}) {
    /** @type {Record<string, Row[]> & { next_cursor: string | null } & Others} */
    const answer = await this.get(path, query);
    const cursor = answer.next_cursor;
    const next = () => /** @type {Promise<Page<Row>>} */ (this.page(path, member, { ...query, ...later, cursor }));
    return { items: answer[member] ?? [], next: cursor ? next : null, answer };
  }

  /**
   * Create something. The Idempotency-Key is stored until the API itself has answered, also over a navigation: a
   * request that is repeated after a broken connection creates nothing twice.
   * @template Answer
   * @param {string} path
   * @param {object} body
   * @returns {Promise<Answer>}
   */
  async post(path, body) {
    const content = JSON.stringify(body);
    const name = `key:${this.api}${path}:${content}`;
    // Outside a secure context there is no randomUUID.
    const key = this.storage.get(name) ?? crypto.randomUUID?.() ?? String(Date.now() + Math.random());
    this.storage.set(name, key);
    try {
      const answer = await this.#send("POST", path, content, { "Idempotency-Key": key });
      this.storage.remove(name);
      return /** @type {Answer} */ (answer);
    } catch (error) {
      if (error instanceof Problem && error.isAnswered && error.code !== "request_in_flight") this.storage.remove(name);
      throw error;
    }
  }

  /**
   * Ask something by a POST that creates nothing.
   * @template Answer
   * @param {string} path
   * @param {object} body
   */
  ask(path, body) {
    return /** @type {Promise<Answer>} */ (this.#send("POST", path, JSON.stringify(body)));
  }

  /**
   * @template Answer
   * @param {string} path
   * @param {object} body
   * @param {SendOptions} [options]
   */
  patch(path, body, options) {
    return /** @type {Promise<Answer>} */ (this.#send("PATCH", path, JSON.stringify(body), {}, options));
  }

  /** @param {string} path @param {object} [body] */
  put(path, body = {}) {
    return this.#send("PUT", path, JSON.stringify(body));
  }

  /** @param {string} path */
  delete(path) {
    return this.#send("DELETE", path);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {string | null} [content]
   * @param {Record<string, string>} [more] headers
   * @param {SendOptions & { mayRenew?: boolean }} [options]
   * @returns {Promise<unknown>}
   */
  async #send(method, path, content = null, more = {}, { keepalive = false, mayRenew = true } = {}) {
    const own = await settings.headers();
    const headers = { Accept: "application/json", ...more, ...own };
    const response = await request(this.api + path, {
      method,
      headers: method === "GET" ? headers : this.#writingHeaders(headers, content),
      body: content,
      keepalive,
      credentials: "same-origin",
      redirect: "manual",
      cache: "no-store",
      signal: keepalive ? null : AbortSignal.timeout(TIMEOUT_SECONDS * 1000),
    });
    const body = await readJson(response);
    if (response.ok && body) return body;
    const problem = problemOf(response, body, "Authorization" in own);
    if (problem.kind === "stale" && mayRenew && (await renewToken())) {
      return this.#send(method, path, content, more, { keepalive, mayRenew: false });
    }
    throw problem;
  }

  /** @param {Record<string, string>} headers @param {string | null} content */
  #writingHeaders(headers, content) {
    const token = csrfToken(this.token);
    return {
      ...headers,
      ...(content === null ? {} : { "Content-Type": "application/json" }),
      ...(token ? { [settings.csrfHeader]: token } : {}),
    };
  }
}

/** @param {string} address @param {RequestInit} options */
async function request(address, options) {
  try {
    return await settings.fetch(address, options);
  } catch (error) {
    const isTimeout = error instanceof Error && error.name === "TimeoutError";
    throw new Problem({ kind: isTimeout ? "unavailable" : "offline" });
  }
}

/**
 * Return the JSON of a response; null for any other content, such as a log-in page.
 * @param {Response} response
 * @returns {Promise<object | null>}
 */
async function readJson(response) {
  if (!/\bjson\b/.test(response.headers.get("Content-Type") ?? "")) return null;
  try {
    return await response.json();
  } catch {
    throw new Problem({ kind: "offline", status: response.status });
  }
}

/**
 * @param {Response} response
 * @param {Partial<ProblemDocument> | null} body
 * @param {boolean} byToken
 */
function problemOf(response, body, byToken) {
  const { status } = response;
  const retryAfter = Number(response.headers.get("Retry-After")) || null;
  return new Problem({ kind: kindOf(response, body), status, retryAfter, body, byToken });
}

/**
 * @param {Response} response
 * @param {Partial<ProblemDocument> | null} body
 * @returns {ProblemKind}
 */
function kindOf({ status, type }, body) {
  // A log-in page in place of JSON, or a redirect to one.
  if (type === "opaqueredirect" || (!body && status < 400)) return "signed-out";
  // Without a body it comes from a proxy, not from the message provider.
  if (!body && status === 502) return "unavailable";
  if (status === 400 && /csrf/i.test(`${body?.title} ${body?.detail}`)) return "stale";
  return KINDS_BY_STATUS[status] ?? (status >= 500 ? "failed" : "refused");
}

/** Fetch a new token: that of a page that was open for long has expired. Return whether there is one. */
async function renewToken() {
  try {
    const response = await settings.fetch(new URL("../../token", import.meta.url), {
      credentials: "same-origin",
      redirect: "manual",
      cache: "no-store",
    });
    renewedToken = (await response.json()).csrf_token;
  } catch {
    renewedToken = null;
  }
  return Boolean(renewedToken);
}

/** @type {Map<string, Client>} */
const clients = new Map();

/**
 * Return the page's one client of an API and viewer.
 * @param {{ api: string | null, token: string | null, viewer: string | null }} options
 */
export function clientOf({ api, token, viewer }) {
  const name = `${api} ${viewer}`;
  let client = clients.get(name);
  if (!client) clients.set(name, (client = new Client({ api: api ?? undefined, token, viewer })));
  return client;
}
