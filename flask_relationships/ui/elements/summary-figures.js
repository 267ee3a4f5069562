// The figures of a company's summary.

import { totalDeal } from "./partner-order.js";

/** @import { Action, Message, Partner, SummaryContact, SummaryEvent } from "../types/api.js" */

/**
 * @typedef {object} Summary
 * @property {SummaryContact[]} contacts
 * @property {SummaryEvent[]} events
 * @property {Action[]} actions the open ones
 * @property {Message[]} messages the newest
 * @property {Partner[]} partners
 */

/**
 * @param {Summary} summary
 * @param {string} now today as a civil date
 */
export function figuresOf({ contacts, actions, partners }, now) {
  const touches = contacts.flatMap((contact) => contact.last_contact?.at ?? []);
  return {
    optedIn: contacts.filter((contact) => contact.twilio_opt_in).length,
    overdue: actions.filter((action) => action.due_date !== null && action.due_date < now).length,
    lastContact: touches.sort().at(-1) ?? null,
    deals: totalDeal(partners),
  };
}

/**
 * Return how many contacts prefer each channel, the most first. Those without a preference, null, come last.
 * @param {SummaryContact[]} contacts
 * @returns {[string | null, number][]}
 */
export function countChannels(contacts) {
  /** @type {Map<string | null, number>} */
  const counts = new Map();
  for (const { communication_preference: channel } of contacts) counts.set(channel, (counts.get(channel) ?? 0) + 1);
  return [...counts].sort(
    ([one, count], [other, otherCount]) => Number(one === null) - Number(other === null) || otherCount - count,
  );
}
