// Follow-ups: what is pending, and what was done or dismissed.

import { call } from "./api.js";
import { announce, attempt, day, daysFromToday, due, fill, label, row, rows } from "./view.js";

const SOON = 14;

export function showActions(contact, { useDraft }) {
  const section = document.getElementById("actions");

  function line(action) {
    const when = due(action.due_date);
    const pending = action.status === "pending";
    const closed = action.completed_at ? `${action.status} ${day(action.completed_at.slice(0, 10))}` : action.status;
    const node = row("action-row", {
      title: action.title,
      about: [label(action.action_type), action.assigned_to_name].filter(Boolean).join(" · "),
      due: pending ? when.text : closed,
      message_body: pending ? action.message_body : "",
    });
    if (pending && when.tone) node.querySelector('[data-text="due"]').classList.add(when.tone);
    if (!pending || !contact.mayUpdate) return node;
    node.querySelector(".buttons").hidden = false;
    const draft = node.querySelector("[data-draft]");
    draft.hidden = !action.message_body;
    draft.addEventListener("click", () => useDraft(action));
    for (const button of node.querySelectorAll("[data-status]")) {
      button.setAttribute("aria-label", `${button.textContent}: ${action.title}`);
      button.addEventListener("click", () => close(action, button.dataset.status));
    }
    return node;
  }

  async function close(action, status) {
    try {
      await call("PATCH", `/relationship-actions/${action.id}`, { status });
      announce(`${action.title}: ${status}.`);
    } catch (problem) {
      announce(problem.message);
    }
    await load();
    section.querySelector("h2").focus();
  }

  async function load() {
    await attempt(section, async () => {
      const { actions } = await call("GET", `${contact.path}/relationship-actions`);
      const pending = actions.filter((action) => action.status === "pending");
      const closed = actions.filter((action) => action.status !== "pending").reverse();
      const soon = pending.filter((action) => action.due_date && daysFromToday(action.due_date) <= SOON);
      const later = pending.filter((action) => !soon.includes(action));
      rows(section, "pending", soon.map(line));
      rows(section, "later", later.map(line));
      rows(section, "closed", closed.map(line));
      fill(section, {
        count: pending.length,
        later: later.length,
        closed: closed.length,
        nothing: soon.length ? "" : "Nothing to do in the next two weeks.",
      });
    });
  }
  return { load };
}
