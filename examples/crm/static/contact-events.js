// Life events, upcoming and past, and the form that adds one.

import { call } from "./api.js";
import { filled, opens, submits } from "./forms.js";
import { announce, attempt, daysFromToday, fill, inDays, monthAndDay, row, rows } from "./view.js";

export function showEvents(contact, { changed }) {
  const section = document.getElementById("events");
  const form = section.querySelector("form");
  const path = `${contact.path}/life-events`;

  function line(event) {
    const date = event.next_occurrence ?? event.event_date;
    const repeats = event.recurs_annually ? "every year" : "";
    const since = event.recurs_annually && event.event_date ? `since ${event.event_date.slice(0, 4)}` : "";
    const node = row("event-row", {
      ...(date ? monthAndDay(date) : { month: "", day: "" }),
      title: event.title,
      about: [event.event_type, repeats, since, event.open_action_id && "follow-up planned"].filter(Boolean).join(" · "),
      description: event.description,
      when: date ? inDays(daysFromToday(date)) : "",
    });
    const button = node.querySelector("[data-delete]");
    button.hidden = !contact.mayManage;
    button.setAttribute("aria-label", `Delete: ${event.title}`);
    button.addEventListener("click", async () => {
      await call("DELETE", `${path}/${event.id}`).catch((problem) => announce(problem.message));
      announce("The life event is deleted.");
      await load();
      changed();
      section.querySelector("h2").focus();
    });
    return node;
  }

  async function load() {
    await attempt(section, async () => {
      const { events } = await call("GET", path);
      const upcoming = events.filter((event) => event.next_occurrence);
      const past = events.filter((event) => !event.next_occurrence);
      upcoming.sort((one, other) => one.days_until - other.days_until);
      rows(section, "upcoming", upcoming.map(line));
      rows(section, "past", past.map(line));
      fill(section, { upcoming, past, nothing: events.length ? "" : "No life events yet." });
    });
  }

  if (contact.mayUpdate) {
    const close = opens(section.querySelector("[data-edit]"), form, () => form.reset());
    submits(form, async (values) => {
      const { event } = await call("POST", path, filled(values));
      close();
      announce(event.open_action_id ? "Added, with a follow-up to remind us." : "The life event is added.");
      await load();
      changed();
    });
  }
  return { load };
}
