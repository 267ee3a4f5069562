// <rel-thread contact-id="…">: the messages with a contact, and the composer of the next one.

import { bubbles, bubblesSheet, isPending } from "./bubbles.js";
import { Problem } from "./client.js";
import { Composer, composerSheet } from "./composer.js";
import { button, h, setChildren } from "./dom.js";
import { RelElement, define } from "./element.js";
import { explain, explainReason, logFault } from "./problems.js";
import { t } from "./texts.js";

/** @import { Action, Message, Profile } from "../types/api.js" */
/** @import { Page } from "../types/elements.js" */
/** @import { LinkedAction } from "./message-draft.js" */

const FIRST_PAGE = 30;
/** The most rows that the API gives at once. */
const MAX_ROWS = 500;

/** When to load again after sending, in seconds: the provider reports to the server, not to this page. */
const RELOAD_SECONDS = [3, 8, 20, 45];

/** How near to its end a list counts as read to the end, in pixels. */
const END_PIXELS = 40;

/**
 * @typedef {object} ThreadData
 * @property {Message[]} messages newest first
 * @property {Page<Message>["next"]} next
 * @property {Profile} profile
 */

/** @extends {RelElement<ThreadData>} */
export class RelThread extends RelElement {
  static sheets = [bubblesSheet, composerSheet];
  static observedAttributes = [...RelElement.observedAttributes, "templates"];

  /** @type {Composer | null} */
  #composer = null;
  /** A follow-up whose draft is taken once everything is loaded. @type {Action | null} */
  #waiting = null;
  /** @type {ReturnType<typeof setTimeout>[]} */
  #timers = [];
  /** Id of the newest message at the last rendering. @type {string | null} */
  #newest = null;
  #list = h("ol", { class: "thread", tabindex: "0", "data-key": "thread" });

  /** @param {AbortSignal} signal */
  onConnect(signal) {
    this.subscribe("profile", () => this.refresh(), signal);
    this.subscribe("messages", () => this.refresh(), signal);
    this.subscribe("compose", ({ action }) => action && this.compose(action), signal);
    signal.addEventListener("abort", () => this.#timers.forEach(clearTimeout));
  }

  reset() {
    this.#composer = this.#waiting = this.#newest = null;
  }

  async load() {
    const limit = Math.max(FIRST_PAGE, Math.min(this.data?.messages.length ?? 0, MAX_ROWS));
    /** @type {[Page<Message>, { profile: Profile }]} */
    const [page, { profile }] = await Promise.all([
      this.client.page(`${this.contactPath}/messages`, "messages", { limit }),
      this.client.get(`${this.contactPath}/relationship`),
    ]);
    return { messages: page.items, next: page.next, profile };
  }

  renderHeading() {
    return t("Messages");
  }

  /** @param {ThreadData} data */
  renderBody({ messages, next, profile }) {
    const isOptedIn = profile.twilio_opt_in;
    if (this.can("update") && isOptedIn) this.#composer ??= new Composer(this, profile.communication_preference);
    this.#list.setAttribute("aria-label", t("Messages, oldest first"));
    const earlier = button(t("Show earlier"), () => this.#showEarlier(), { key: "earlier", kind: "quiet" });
    setChildren(this.#list, [next && h("li", { class: "date" }, earlier), bubbles(this, messages)]);
    return [
      messages.length ? this.#list : this.renderEmpty(t("No messages yet.")),
      isOptedIn ? (this.#composer?.node ?? this.#blockedNotice(profile)) : this.#consentNotice(),
    ];
  }

  #consentNotice() {
    const askConsent = () => this.publish("ask-consent");
    return h(
      "div",
      { class: "notice", part: "notice" },
      explainReason("not_opted_in"),
      " ",
      this.can("update") && button(t("Record a consent"), askConsent, { key: "ask-consent" }),
    );
  }

  /** @param {Profile} profile */
  #blockedNotice({ messaging_blocked: blocked }) {
    return blocked && h("p", { class: "notice", part: "notice" }, explainReason(blocked.reason));
  }

  render() {
    const list = this.#list;
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < END_PIXELS;
    const before = list.scrollTop;
    super.render();
    if (!this.data) return;
    const [message] = this.data.messages;
    const newest = message?.id ?? null;
    const isNew = newest !== this.#newest;
    list.scrollTop = isNew || isAtEnd ? list.scrollHeight : before;
    if (this.#newest !== null && isNew && message?.direction === "inbound") {
      this.notify(t("A new message has come in."));
    }
    this.#newest = newest;
    this.#composer?.preview();
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting) this.compose(waiting);
  }

  /** Put the draft of a follow-up into the composer. @param {Action} action */
  compose(action) {
    if (this.data === null) this.#waiting = action;
    else if (this.#composer?.node.isConnected) this.#composer.take(action);
    else this.notify(this.can("update") ? explainReason("not_opted_in") : t("You are not allowed to do this."));
  }

  /**
   * Show that a message was sent, or that it was refused and stands in the thread.
   * @param {Message | null} message null where it was refused
   * @param {LinkedAction | null} completed the follow-up that it completes
   */
  async sent(message, completed) {
    await this.refresh();
    this.publish("messages");
    if (completed) this.publish("actions", { sent: completed.id });
    if (message) this.notify(sentText(message, completed));
    this.#reloadLater();
  }

  /** Send a failed message once more. @param {Message} message */
  async sendAgain(message) {
    if (message.content_sid) {
      this.#composer?.rewrite(message);
      return;
    }
    const { channel, body, media_url } = message;
    const content = { channel, body, ...(media_url ? { media_url } : {}) };
    try {
      /** @type {{ message: Message }} */
      const answer = await this.client.post(`${this.contactPath}/messages`, content);
      await this.sent(answer.message, null);
    } catch (error) {
      logFault(error);
      this.notify(explain(error));
      if (error instanceof Problem && error.body.message_id) await this.refresh();
    }
  }

  /** Cancel a message that waits for the end of the quiet hours. @param {Message} message */
  async cancel(message) {
    await this.attempt(async () => {
      await this.client.delete(`${this.contactPath}/messages/${message.id}`);
      this.notify(t("The message is cancelled."));
    });
    await this.refresh();
  }

  #showEarlier() {
    return this.attempt(async () => {
      const next = this.data?.next;
      if (!next) return;
      const page = await next();
      // Another page, or another contact, may have been loaded meanwhile.
      if (this.data?.next !== next) return;
      const height = this.#list.scrollHeight;
      this.data = { ...this.data, messages: [...this.data.messages, ...page.items], next: page.next };
      this.requestRender();
      this.#list.scrollTop = this.#list.scrollHeight - height;
      if (!page.next) this.#list.focus({ preventScroll: true });
    });
  }

  #reloadLater() {
    this.#timers.forEach(clearTimeout);
    this.#timers = RELOAD_SECONDS.map((seconds) =>
      setTimeout(() => {
        if (this.data?.messages.some(isPending)) this.refresh({ quiet: true });
      }, seconds * 1000),
    );
  }
}

/** @param {Message} message @param {LinkedAction | null} completed */
function sentText(message, completed) {
  if (message.status === "unconfirmed") {
    return t("It is not certain whether the message was sent. It is not sent again automatically.");
  }
  if (completed) return t("Sent. “{title}” is done.", { title: completed.title });
  return message.not_before ? t("The message waits for the end of the quiet hours.") : t("Sent.");
}

define("rel-thread", RelThread);
