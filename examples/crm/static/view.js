// Putting values into the page: every place that shows one says so with data-text, data-show, data-list or data-rows.

const locale = document.documentElement.lang;
const DAY = 24 * 60 * 60 * 1000;

// Fill the places in `root`. A place whose value is empty is hidden.
export function fill(root, values) {
  const empty = (value) => value === null || value === undefined || value === "" || value === 0 || value.length === 0;
  for (const place of root.querySelectorAll("[data-text]")) {
    if (!(place.dataset.text in values)) continue;
    const value = values[place.dataset.text];
    place.textContent = value ?? "";
    place.hidden = place.matches("td, th") ? false : empty(value);
  }
  for (const place of root.querySelectorAll("[data-show]")) {
    if (place.dataset.show in values) place.hidden = empty(values[place.dataset.show]);
  }
  for (const place of root.querySelectorAll("[data-list]")) {
    place.replaceChildren(...(values[place.dataset.list] ?? []).map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }));
  }
  return root;
}

// A copy of the template's one row, filled.
export function row(template, values) {
  const copy = document.getElementById(template).content.firstElementChild.cloneNode(true);
  for (const link of copy.querySelectorAll("[data-link]")) link.href = values.link;
  return fill(copy, values);
}

export function rows(root, name, nodes) {
  root.querySelector(`[data-rows="${name}"]`).replaceChildren(...nodes);
}

// Loading is over: show what there is.
export function ready(section) {
  section.querySelector("[data-loading]")?.remove();
  for (const part of section.querySelectorAll("[data-shown], [data-edit]")) part.hidden = false;
}

// Run `load`; where it fails, say so in the section and offer to try again.
export async function attempt(section, load) {
  try {
    await load();
    ready(section);
  } catch (problem) {
    const place = section.querySelector("[data-loading]");
    if (!place) throw problem;
    const again = document.createElement("button");
    again.textContent = "Try again";
    again.addEventListener("click", () => {
      place.textContent = "Loading…";
      attempt(section, load);
    });
    place.setAttribute("role", "alert");
    place.replaceChildren(problem.message, " ", again);
  }
}

export function announce(text) {
  const place = document.getElementById("announcement");
  place.textContent = text;
  clearTimeout(announce.timer);
  announce.timer = setTimeout(() => { place.textContent = ""; }, 6000);
}

export function civil(text) {
  const [year, month, day] = text.split("-").map(Number);
  return new Date(year, month - 1, day);
}

// 23 Nov, with its year where that is another than this one.
export function day(text) {
  const date = civil(text);
  const year = date.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" };
  return date.toLocaleDateString(locale, { day: "numeric", month: "short", ...year });
}

export function moment(text) {
  return new Date(text).toLocaleString(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}

export function monthAndDay(text) {
  const date = civil(text);
  return { month: date.toLocaleDateString(locale, { month: "short" }), day: date.getDate() };
}

export function inDays(days) {
  const months = Math.round(days / 30);
  if (days < -60) return `${-months} months ago`;
  if (days < -1) return `${-days} days ago`;
  if (days === -1) return "yesterday";
  if (days === 0) return "today";
  return days === 1 ? "tomorrow" : `in ${days} days`;
}

export function daysFromToday(text) {
  const now = new Date();
  return Math.round((civil(text) - new Date(now.getFullYear(), now.getMonth(), now.getDate())) / DAY);
}

// When something is due, in words, and how loudly to say it.
export function due(text) {
  if (!text) return { text: "no date", tone: "" };
  const days = daysFromToday(text);
  if (days < 0) return { text: `overdue since ${day(text)}`, tone: "danger" };
  if (days === 0) return { text: "due today", tone: "warn" };
  return { text: `due ${day(text)}`, tone: "" };
}

const WORDS = { sms: "SMS", whatsapp: "WhatsApp", mms: "MMS", email: "E-mail", phone: "Phone", linkedin: "LinkedIn" };

// A channel or the type of an action, as people write it.
export function label(name) {
  return WORDS[name] ?? (name ? name[0].toUpperCase() + name.slice(1) : "");
}
