// What is written in the composer: what is sent, what is stored as a draft, and what is left after sending.

/** @import { Action, Message } from "../types/api.js" */

/** @typedef {Message["channel"]} Channel */

/** @type {Channel[]} */
export const CHANNELS = ["sms", "whatsapp", "mms"];

/** The follow-up that sending completes. @typedef {Pick<Action, "id" | "title">} LinkedAction */

/** What a template's fields hold. @typedef {{ sid: string, variables: Record<string, string> }} TypedTemplate */

/**
 * What is typed.
 * @typedef {object} Draft
 * @property {Channel} channel
 * @property {string} body
 * @property {string} media_url
 * @property {TypedTemplate} [template]
 * @property {LinkedAction | null} [action]
 */

/**
 * What the API takes.
 * @typedef {object} NewMessage
 * @property {Channel} channel
 * @property {string} body
 * @property {string} [media_url]
 * @property {string} [content_sid]
 * @property {Record<string, string>} [content_variables]
 * @property {string} [auto_action_id]
 */

/** Return a channel by its name; SMS for a name that is none. @param {string | null | undefined} name */
export function channelOf(name) {
  return CHANNELS.find((channel) => channel === name) ?? "sms";
}

/**
 * Return what is sent: MMS only for a picture, WhatsApp only for a template.
 * @param {Draft} draft
 * @returns {NewMessage}
 */
export function messageOf({ channel, body, media_url, template, action }) {
  /** @type {NewMessage} */
  const message = { channel, body };
  const picture = media_url.trim();
  if (channel === "mms" && picture) message.media_url = picture;
  if (channel === "whatsapp" && template) Object.assign(message, contentOf(template));
  if (action) message.auto_action_id = action.id;
  return message;
}

/** @param {TypedTemplate} template */
function contentOf({ sid, variables }) {
  const hasVariables = Object.keys(variables).length > 0;
  return { content_sid: sid, ...(hasVariables ? { content_variables: variables } : {}) };
}

/**
 * Return what the API previews. It takes no empty text, and why nothing can be sent is worth knowing before anybody
 * writes; so a text of one character stands for one that is not written yet.
 * @param {Draft} draft
 */
export function previewOf(draft) {
  const message = messageOf({ ...draft, action: null });
  return { ...message, body: message.body.trim() ? message.body : "-" };
}

/** Return whether there is anything to store. A choice of channel alone is none. @param {Draft} draft */
export function isWorthStoring({ body, media_url, action }) {
  return body !== "" || media_url !== "" || Boolean(action);
}

/**
 * Return what stays in the composer once a message was sent: what the user has typed after it meanwhile.
 * @param {string} body what stands there
 * @param {string} sent
 */
export function textAfterSending(body, sent) {
  return body.startsWith(sent) ? body.slice(sent.length).trimStart() : body;
}
