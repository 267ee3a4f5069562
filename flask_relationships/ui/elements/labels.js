// Names of channels and types as people write them. An unknown one is shown as the API names it.

import { t } from "./texts.js";

/** @typedef {Record<string, () => string>} Labels functions, because the language is only known later */

/** @type {Labels} */
const CHANNELS = {
  sms: () => "SMS",
  whatsapp: () => "WhatsApp",
  mms: () => "MMS",
  email: () => t("E-mail"),
  phone: () => t("Phone"),
  in_person: () => t("In person"),
  post: () => t("Post"),
};

/** @type {Labels} */
const ACTIONS = {
  call: () => t("Call"),
  card: () => t("Card"),
  gift: () => t("Gift"),
  email: () => t("E-mail"),
  meeting: () => t("Meeting"),
  whatsapp: () => "WhatsApp",
  sms: () => "SMS",
  mms: () => "MMS",
  linkedin: () => "LinkedIn",
};

/** @type {Labels} */
const EVENTS = {
  birthday: () => t("Birthday"),
  anniversary: () => t("Anniversary"),
  work_anniversary: () => t("Work anniversary"),
  promotion: () => t("Promotion"),
  new_job: () => t("New job"),
  wedding: () => t("Wedding"),
  birth: () => t("Birth"),
  graduation: () => t("Graduation"),
  retirement: () => t("Retirement"),
  moving_house: () => t("Moving house"),
};

/** @param {string} name */
const normalize = (name) =>
  name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, "_");

/** @param {Labels} labels @param {string} name */
const labelOf = (labels, name) =>
  labels[normalize(name)]?.() ?? name.replaceAll("_", " ").replace(/^./u, (first) => first.toUpperCase());

/** @param {Labels} labels @returns {[string, string][]} */
const optionsOf = (labels) => Object.entries(labels).map(([name, label]) => [name, label()]);

/**
 * Return the API's name for a label. Any other text is a type of its own.
 * @param {Labels} labels
 * @param {string} typed
 */
function nameOf(labels, typed) {
  const text = typed.trim();
  const found = optionsOf(labels).find(([, label]) => label.toLowerCase() === text.toLowerCase());
  return found?.[0] ?? text;
}

/** @param {string} name */
export const channelName = (name) => labelOf(CHANNELS, name);
/** @param {string} name */
export const actionName = (name) => labelOf(ACTIONS, name);
/** @param {string} name */
export const eventName = (name) => labelOf(EVENTS, name);

/** Return the name of a contact. @param {{ first_name: string | null, last_name: string | null }} row */
export const contactName = ({ first_name, last_name }) => [first_name, last_name].filter(Boolean).join(" ");

/** Values and labels of a select. */
export const channelOptions = () => optionsOf(CHANNELS);
export const actionTypeOptions = () => optionsOf(ACTIONS);
export const eventTypeOptions = () => optionsOf(EVENTS);

/** @param {string} typed */
export const eventTypeOf = (typed) => nameOf(EVENTS, typed);
/** @param {string} typed */
export const actionTypeOf = (typed) => nameOf(ACTIONS, typed);
