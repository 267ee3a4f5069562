// When something is due, in words, and in a colour the nearer it is.

import { daysBetween, formatDay, formatDistance, today } from "./dates.js";
import { h } from "./dom.js";
import { n, t } from "./texts.js";

/**
 * @param {string | null} date a civil date
 * @param {string | null} timeZone
 */
export function dueBadge(date, timeZone) {
  if (!date) return h("span", { class: "muted small" }, t("no date"));
  const days = daysBetween(today(timeZone), date);
  return h(
    "time",
    {
      class: days < 0 ? "badge bad" : days === 0 ? "badge warn" : "muted small nowrap",
      part: days <= 0 ? "badge" : null,
      datetime: date,
      title: formatDay(date, { weekday: true }),
    },
    dueText(date, days),
  );
}

/**
 * @param {string} date
 * @param {number} days from today
 */
function dueText(date, days) {
  if (days < 0) return n("{count} day overdue", "{count} days overdue", -days);
  if (days === 0) return t("due today");
  if (days <= 7) return t("due {when}", { when: formatDistance(days) });
  return t("due {date}", { date: formatDay(date) });
}
