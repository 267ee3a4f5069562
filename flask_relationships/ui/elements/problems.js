// Errors in words for the person at the screen, with what they can do about it.

import { Problem } from "./client.js";
import { n, t } from "./texts.js";

/** @import { FieldError } from "../types/elements.js" */

/** @type {Record<string, () => string>} */
const CODES = {
  not_opted_in: () => t("They have not agreed to receive messages."),
  opted_out_by_recipient: () => t("The recipient has unsubscribed this number from messages."),
  no_phone_number: () => t("There is no number on record that this could be sent to."),
  number_unreachable: () => t("The number on record could not be reached last time."),
  invalid_phone_number: () => t("The number on record cannot receive such messages."),
  country_not_allowed: () => t("Messages to the country of this number are not allowed here."),
  outside_whatsapp_window: () =>
    t("They have not written by WhatsApp in the last 24 hours: send an approved template."),
  twilio_not_configured: () => t("Sending messages is not set up yet. Tell your administrator."),
  twilio_disabled: () => t("Sending messages is switched off."),
  action_not_pending: () => t("Another user has just closed this follow-up."),
  request_in_flight: () => t("The same request is still being worked on. Wait a moment, then look again."),
  too_many_messages: () => t("As many messages as are allowed have been sent. Try again later."),
  message_not_waiting: () => t("The message is no longer waiting: it was sent or cancelled."),
  not_a_client: () => t("This company is not a client yet."),
  companies_not_mapped: () => t("This application has no companies."),
  database_unavailable: () => t("The database did not answer."),
};

/** @type {Record<string, (problem: Problem) => string>} */
const KINDS = {
  "signed-out": ({ byToken }) =>
    byToken
      ? t("Your log-in has expired. Log in again, then try again here: what you typed is kept.")
      : t("Your session has ended. Log in again in another tab, then try again here: what you typed is kept."),
  stale: () => t("This page has been open too long. Reload it: what you typed is kept."),
  forbidden: () => t("You are not allowed to do this."),
  missing: () => t("Not found, or you don’t have access."),
  conflict: () => t("Another user has changed this. Check the new values, then try again."),
  invalid: () => t("Some fields are not valid."),
  busy: () => t("Too many requests at once."),
  unavailable: () => t("The server is not available at the moment."),
  offline: () => t("The server could not be reached. Check your connection."),
};

/** Write an error to the console that is no Problem: it is a fault of this page. @param {unknown} error */
export function logFault(error) {
  if (!(error instanceof Problem)) console.error(error);
}

/** Return what went wrong. @param {unknown} error */
export function explain(error) {
  if (!(error instanceof Problem)) return t("Something went wrong on this page.");
  const words = explainProblem(error);
  const seconds = error.retryAfter;
  if (!seconds) return words;
  return `${words} ${n("Try again in {count} second.", "Try again in {count} seconds.", seconds)}`;
}

/** @param {Problem} problem */
function explainProblem(problem) {
  const { kind, code, detail } = problem;
  if (code === "message_vetoed") return t(detail);
  const known = CODES[code]?.() ?? KINDS[kind]?.(problem);
  if (known) return known;
  return ["refused", "failed"].includes(kind) && detail ? t(detail) : t("Something went wrong on the server.");
}

/** Return why a message cannot be sent, by the code of the API. @param {string} code */
export function explainReason(code) {
  return CODES[code]?.() ?? t("Messages cannot be sent at the moment.");
}

/** @type {Record<string, (limit?: string) => string>} */
const MEMBERS = {
  required: () => t("This field is required."),
  blank: () => t("This field is required."),
  null: () => t("This field is required."),
  too_long: (most) => t("This is too long: {most} characters at most.", { most }),
  too_many: (most) => t("Too many entries: {most} at most.", { most }),
  out_of_range: () => t("This number is too small or too large."),
  invalid_email: () => t("This does not look like an e-mail address."),
  invalid_date: () => t("There is no such date."),
  birthday_year_differs: () => t("The year differs from the year of the birthday."),
  invalid_content_sid: () => t("This is not a template ID: HX and 32 hexadecimal digits."),
  invalid_url: () => t("Enter a public https:// address."),
};

/** Return what is wrong with one field of a form. @param {FieldError} error */
export function explainMember({ code, detail }) {
  return MEMBERS[code]?.(/\d+/.exec(detail)?.[0]) ?? t(detail);
}
