// Names of channels, kinds and statuses as people write them. What is not here is shown as it came.

import { t } from "./texts.js";

const CHANNELS = {
  sms: () => "SMS",
  whatsapp: () => "WhatsApp",
  mms: () => "MMS",
  email: () => t("E-mail"),
  phone: () => t("Phone"),
  in_person: () => t("In person"),
  post: () => t("Post"),
};

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

const plain = (name) =>
  String(name)
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, "_");
const shown = (names, name) =>
  names[plain(name)]?.() ??
  String(name)
    .replaceAll("_", " ")
    .replace(/^./u, (first) => first.toUpperCase());
const choices = (names) => Object.entries(names).map(([name, words]) => [name, words()]);

export const channelName = (name) => shown(CHANNELS, name);
export const actionName = (name) => shown(ACTIONS, name);
export const eventName = (name) => shown(EVENTS, name);

/** What a contact is called, by the API's two members. */
export const nameOf = ({ first_name, last_name }) => [first_name, last_name].filter(Boolean).join(" ");

/** Values and words for a choice. */
export const channels = () => choices(CHANNELS);
export const actionTypes = () => choices(ACTIONS);
export const eventTypes = () => choices(EVENTS);

/** The API's name of what was typed or chosen from the words; anything else is a type of its own. */
const named = (names, typed) =>
  choices(names).find(([, words]) => words.toLowerCase() === typed.trim().toLowerCase())?.[0] ?? typed.trim();
export const eventType = (typed) => named(EVENTS, typed);
export const actionType = (typed) => named(ACTIONS, typed);
