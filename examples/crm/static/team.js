// The team page: the open follow-ups within the reader's scope, a page at a time.

import { call } from "./api.js";
import { attempt, due, fill, label, row } from "./view.js";

const section = document.getElementById("board-section");
const more = section.querySelector("[data-more]");
let cursor = null;

async function load() {
  const { actions, next_cursor: next } = await call(
    "GET",
    `/relationship-actions?status=pending&limit=25${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`,
  );
  section.querySelector("tbody").append(...actions.map((action) => {
    const when = due(action.due_date);
    const line = row("board-row", {
      ...action,
      action_type: label(action.action_type),
      contact: [action.first_name, action.last_name].filter(Boolean).join(" "),
      link: `/contacts/${action.contact_id}`,
      due: when.text,
    });
    if (when.tone) line.querySelector('[data-text="due"]').classList.add("tag", when.tone);
    return line;
  }));
  cursor = next;
  more.hidden = !next;
  section.querySelector("table").hidden = false;
  const count = section.querySelectorAll("tbody tr").length;
  fill(section, { count: next ? `${count}+` : count });
}

more.querySelector("button").addEventListener("click", () => attempt(section, load));
attempt(section, load);
