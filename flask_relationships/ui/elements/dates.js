// Civil dates as the API writes them, 2026-11-24, reckoned without any clock; and moments, in the reader's own time.

import { language } from "./texts.js";

const DAY = 24 * 60 * 60 * 1000;

const at = (text) => {
  const [year, month, day] = text.split("-").map(Number);
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year);
  return date;
};

/** Today as a civil date, in a time zone or the reader's own. */
export function today(zone) {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone: zone || undefined,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).formatToParts();
  const part = (type) => parts.find((one) => one.type === type).value;
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** How many days from one civil date to another. */
export const daysBetween = (from, to) => Math.round((at(to) - at(from)) / DAY);

/** The civil date so many days later. */
export const plusDays = (text, days) => new Date(at(text).getTime() + days * DAY).toISOString().slice(0, 10);

const civil = (text, options) => new Intl.DateTimeFormat(language(), { timeZone: "UTC", ...options }).format(at(text));

/** 5 Dec, with the year where it is not this one. */
export function day(text, { now = today(), weekday = false } = {}) {
  const sameYear = text.slice(0, 4) === now.slice(0, 4);
  return civil(text, {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
    ...(weekday ? { weekday: "short" } : {}),
  });
}

/** 5 December, or with its year. */
export const dayInFull = (text, year = true) =>
  civil(text, { day: "numeric", month: "long", ...(year ? { year: "numeric" } : {}) });

export const month = (text) => civil(text, { month: "short" });

export const dayOfMonth = (text) => civil(text, { day: "numeric" });

/** in 12 days, tomorrow, 3 weeks ago: as a language says it. */
export function away(days) {
  const words = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
  const far = Math.abs(days);
  if (far >= 730) return words.format(Math.trunc(days / 365), "year");
  if (far >= 92) return words.format(Math.round(days / 30.4), "month");
  if (far >= 28 && days < 0) return words.format(Math.round(days / 7), "week");
  return words.format(days, "day");
}

/** A moment of the API's as day and time, and the day alone where that is asked for. */
export function moment(text, { time = true } = {}) {
  const date = new Date(text);
  const sameYear = date.getFullYear() === new Date().getFullYear();
  return new Intl.DateTimeFormat(language(), {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
    ...(time ? { hour: "2-digit", minute: "2-digit" } : {}),
  }).format(date);
}
