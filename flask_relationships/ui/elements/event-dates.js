// The dates of life events: in which part of the timeline an event stands, its years, and when its follow-up is due.

import { addDays } from "./dates.js";

/** @import { LifeEvent } from "../types/api.js" */

/**
 * An event with another occurrence.
 * @typedef {LifeEvent & { days_until: number, next_occurrence: string }} UpcomingEvent
 */

/**
 * @param {LifeEvent} event
 * @returns {event is UpcomingEvent}
 */
export const isUpcoming = (event) => event.days_until !== null && event.next_occurrence !== null;

/**
 * Return the events of each part of the timeline; the upcoming ones by their next occurrence.
 * @param {LifeEvent[]} events
 */
export function groupEvents(events) {
  const others = events.filter((event) => !isUpcoming(event));
  return {
    upcoming: events.filter(isUpcoming).sort((one, other) => one.days_until - other.days_until),
    undated: others.filter((event) => event.event_date === null),
    past: others.filter((event) => event.event_date !== null),
  };
}

/**
 * Return how many years an annual event will have been at its next occurrence; 0 for any other.
 * @param {LifeEvent} event
 */
export function yearsAtNextOccurrence({ recurs_annually: isAnnual, event_date: date, next_occurrence: next }) {
  return isAnnual && date && next ? Number(next.slice(0, 4)) - Number(date.slice(0, 4)) : 0;
}

/**
 * Return when the follow-up of an event is due, today at the earliest; null where the event has no date.
 * @param {Pick<LifeEvent, "next_occurrence" | "auto_action_days_before">} event
 * @param {string} now today as a civil date
 */
export function followUpDate({ next_occurrence: next, auto_action_days_before: leadDays }, now) {
  if (!next) return null;
  const due = addDays(next, -leadDays);
  return due < now ? now : due;
}
