// When something is due, in words, and how loudly it is said.

import { away, day, daysBetween, today } from "./dates.js";
import { h } from "./dom.js";
import { n, t } from "./texts.js";

/** @param {string | null} date a civil date @param {string | null} zone */
export function due(date, zone) {
  if (!date) return h("span", { class: "muted small" }, t("no date"));
  const days = daysBetween(today(zone), date);
  const words =
    days < 0
      ? n("{count} day overdue", "{count} days overdue", -days)
      : days === 0
        ? t("due today")
        : days <= 7
          ? t("due {when}", { when: away(days) })
          : t("due {date}", { date: day(date) });
  return h(
    "time",
    {
      class: days < 0 ? "badge bad" : days === 0 ? "badge warn" : "muted small nowrap",
      part: days <= 0 ? "badge" : null,
      datetime: date,
      title: day(date, { weekday: true }),
    },
    words,
  );
}
