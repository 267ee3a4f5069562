// Civil dates as the API writes them, 2026-11-24, computed without a clock; and moments, in the reader's time zone.

import { currentLocale } from "./texts.js";

const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

/**
 * Return midnight of a civil date in UTC. The year is set by itself: `Date.UTC` takes 0 to 99 for 1900 to 1999.
 * @param {string} text
 */
function parseDate(text) {
  const [year = 0, month = 1, day = 1] = text.split("-").map(Number);
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year);
  return date;
}

/**
 * Return today as a civil date.
 * @param {string | null} [timeZone] an IANA name; the reader's own where it is left out
 * @param {Date} [now]
 */
export function today(timeZone, now = new Date()) {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone: timeZone || undefined,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).formatToParts(now);
  const part = (/** @type {string} */ type) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** Return the number of days from one civil date to another. @param {string} from @param {string} to */
export const daysBetween = (from, to) =>
  Math.round((parseDate(to).getTime() - parseDate(from).getTime()) / DAY_MILLISECONDS);

/** Return the civil date a number of days later. @param {string} text @param {number} days */
export const addDays = (text, days) =>
  new Date(parseDate(text).getTime() + days * DAY_MILLISECONDS).toISOString().slice(0, 10);

/**
 * Return the next date with a month and day, today included.
 * @param {string} monthDay such as 02-29
 * @param {string} now today as a civil date
 * @param {string | null} leapDay where 29 February falls in other years: "mar01", otherwise 28 February
 */
export function nextAnniversary(monthDay, now, leapDay) {
  for (let year = Number(now.slice(0, 4)); ; year += 1) {
    const isLeapYear = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
    const inOtherYears = leapDay === "mar01" ? "03-01" : "02-28";
    const day = monthDay === "02-29" && !isLeapYear ? inOtherYears : monthDay;
    const date = `${String(year).padStart(4, "0")}-${day}`;
    if (date >= now) return date;
  }
}

/** @param {string} text @param {Intl.DateTimeFormatOptions} options */
const formatDate = (text, options) =>
  new Intl.DateTimeFormat(currentLocale(), { timeZone: "UTC", ...options }).format(parseDate(text));

/**
 * Format a civil date as 5 Dec, with the year where it is another one than this.
 * @param {string} text
 * @param {{ now?: string, weekday?: boolean }} [options]
 */
export function formatDay(text, { now = today(), weekday = false } = {}) {
  const isThisYear = text.slice(0, 4) === now.slice(0, 4);
  return formatDate(text, {
    day: "numeric",
    month: "short",
    ...(isThisYear ? {} : { year: "numeric" }),
    ...(weekday ? { weekday: "short" } : {}),
  });
}

/** Format a civil date as 5 December 2026, or without its year. @param {string} text @param {boolean} [year] */
export const formatFullDay = (text, year = true) =>
  formatDate(text, { day: "numeric", month: "long", ...(year ? { year: "numeric" } : {}) });

/** @param {string} text */
export const formatMonth = (text) => formatDate(text, { month: "short" });

/** @param {string} text */
export const formatDayOfMonth = (text) => formatDate(text, { day: "numeric" });

/** Format a number of days as a language says it: in 12 days, tomorrow, 3 weeks ago. @param {number} days */
export function formatDistance(days) {
  const format = new Intl.RelativeTimeFormat(currentLocale(), { numeric: "auto" });
  const distance = Math.abs(days);
  if (distance >= 730) return format.format(Math.trunc(days / 365), "year");
  if (distance >= 92) return format.format(Math.round(days / 30.4), "month");
  if (distance >= 28 && days < 0) return format.format(Math.round(days / 7), "week");
  return format.format(days, "day");
}

/** Format a moment of the API as day and time. @param {string} text @param {{ time?: boolean }} [options] */
export function formatMoment(text, { time = true } = {}) {
  const date = new Date(text);
  const isThisYear = date.getFullYear() === new Date().getFullYear();
  return new Intl.DateTimeFormat(currentLocale(), {
    day: "numeric",
    month: "short",
    ...(isThisYear ? {} : { year: "numeric" }),
    ...(time ? { hour: "2-digit", minute: "2-digit" } : {}),
  }).format(date);
}
