// The relationships tool's JSON API, as the pages of the CRM call it.

const base = document.querySelector('meta[name="relationships-api"]').content;
const token = document.querySelector('meta[name="csrf-token"]').content;

export class Problem extends Error {
  constructor(problem) {
    super(problem.detail);
    this.code = problem.code;
    this.errors = problem.errors ?? [];
  }
}

export async function call(method, path, body) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = token;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(base + path, { method, headers, body: JSON.stringify(body) });
  } catch {
    throw new Problem({ code: "offline", detail: "The server could not be reached. Try again." });
  }
  const isJson = response.headers.get("Content-Type")?.includes("json");
  const answer = isJson ? await response.json() : {};
  if (response.ok && isJson) return answer;
  // The CSRF protection refuses a token whose session is over, with a 400 that is not the API's own.
  if (!isJson || response.status === 401 || answer.code === "http_400") {
    throw new Problem({ code: "session_ended", detail: "Your session has ended. Open the page again to log in." });
  }
  throw new Problem(answer);
}
