// <rel-thread contact-id="…">: the messages with a contact, and the next one.

import { bubbles, bubblesSheet, isMoving } from "./bubbles.js";
import { Composer, composerSheet } from "./composer.js";
import { button, h } from "./dom.js";
import { RelElement, define, fill } from "./element.js";
import { explain, reason } from "./problems.js";
import { t } from "./texts.js";

const MESSAGES = 30;

/** When to look again after sending, in seconds: reports of the provider come by themselves. */
const LOOKS = [3, 8, 20, 45];

export class RelThread extends RelElement {
  static sheets = [bubblesSheet, composerSheet];
  static observedAttributes = [...RelElement.observedAttributes, "templates"];

  /** @type {Composer | null} */
  composer = null;
  /** A follow-up whose draft was taken before this was loaded. @type {any} */
  waiting = null;

  #timers = [];
  #last = null;

  constructor() {
    super();
    this.list = h("ol", { class: "thread", tabindex: "0", "data-key": "thread" });
  }

  connected(signal) {
    this.hear("profile", () => this.refresh(), signal);
    this.hear("messages", () => this.refresh(), signal);
    this.hear("compose", ({ action }) => this.compose(action), signal);
    signal.addEventListener("abort", () => this.#timers.forEach(clearTimeout));
  }

  reset() {
    this.composer = this.waiting = this.#last = null;
  }

  async load() {
    const shown = Math.max(MESSAGES, Math.min(this.data?.messages.length ?? 0, 500));
    const [page, { profile }] = await Promise.all([
      this.client.page(`${this.contactPath}/messages`, "messages", { limit: shown }),
      this.client.get(`${this.contactPath}/relationship`),
    ]);
    return { messages: page.items, next: page.next, profile };
  }

  words() {
    return t("Messages");
  }

  draw() {
    const { messages, next, profile } = this.data;
    const closed = !profile.twilio_opt_in;
    if (this.may("update") && !closed) this.composer ??= new Composer(this, profile.communication_preference);
    this.list.setAttribute("aria-label", t("Messages, oldest first"));
    fill(this.list, [
      next &&
        h(
          "li",
          { class: "date" },
          button(t("Show earlier"), () => this.#earlier(), { key: "earlier", kind: "quiet" }),
        ),
      bubbles(this, messages),
    ]);
    return [
      messages.length ? this.list : this.empty(t("No messages yet.")),
      closed ? this.#closed() : (this.composer?.node ?? this.#blocked(profile.messaging_blocked)),
    ];
  }

  #closed() {
    return h(
      "div",
      { class: "notice", part: "notice" },
      reason("not_opted_in"),
      " ",
      this.may("update") && button(t("Record a consent"), () => this.tell("ask-consent"), { key: "ask-consent" }),
    );
  }

  #blocked(blocked) {
    return blocked && h("p", { class: "notice", part: "notice" }, reason(blocked.reason));
  }

  render() {
    const { list } = this;
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    const before = list.scrollTop;
    super.render();
    if (!this.data) return;
    const newest = this.data.messages[0]?.id ?? null;
    list.scrollTop = newest !== this.#last || atEnd ? list.scrollHeight : before;
    if (this.#last !== null && newest !== this.#last && this.data.messages[0]?.direction === "inbound")
      this.say(t("A new message has come in."));
    this.#last = newest;
    this.composer?.look();
    if (this.waiting) {
      const action = this.waiting;
      this.waiting = null;
      this.compose(action);
    }
  }

  /** Take over the draft of a follow-up. */
  compose(action) {
    if (this.data === null) this.waiting = action;
    else if (this.composer?.node.isConnected) this.composer.take(action);
    else this.say(this.may("update") ? reason("not_opted_in") : t("You are not allowed to do this."));
  }

  /** A message has left, or was refused and stands in the thread. */
  async sent(message, completed) {
    await this.refresh();
    this.tell("messages");
    if (completed) this.tell("actions", { sent: completed.id });
    if (message?.status === "unconfirmed")
      this.say(t("It is not certain whether the message left. It is never sent twice by itself."));
    else if (message)
      this.say(
        completed
          ? t("Sent. “{title}” is done.", { title: completed.title })
          : message.not_before
            ? t("The message waits for the end of the quiet hours.")
            : t("Sent."),
      );
    this.#lookAgain();
  }

  /** Send a failed message once more. */
  async again(message) {
    if (message.content_sid) return this.composer?.rewrite(message);
    const { channel, body, media_url } = message;
    try {
      const { message: made } = await this.client.post(`${this.contactPath}/messages`, {
        channel,
        body,
        ...(media_url ? { media_url } : {}),
      });
      await this.sent(made, null);
    } catch (problem) {
      this.say(explain(problem));
      if (problem.body?.message_id) await this.refresh();
    }
  }

  /** Take back a message that waits for the end of the quiet hours. */
  async cancel(message) {
    await this.attempt(async () => {
      await this.client.delete(`${this.contactPath}/messages/${message.id}`);
      this.say(t("The message is cancelled."));
    });
    await this.refresh();
  }

  #earlier() {
    return this.attempt(async () => {
      const { next } = this.data;
      const page = await next();
      if (this.data.next !== next) return;
      const height = this.list.scrollHeight;
      this.data = { ...this.data, messages: [...this.data.messages, ...page.items], next: page.next };
      this.paint();
      this.list.scrollTop = this.list.scrollHeight - height;
      if (!page.next) this.list.focus({ preventScroll: true });
    });
  }

  #lookAgain() {
    this.#timers.forEach(clearTimeout);
    this.#timers = LOOKS.map((seconds) =>
      setTimeout(() => {
        if (this.data?.messages.some(isMoving)) this.refresh({ quiet: true });
      }, seconds * 1000),
    );
  }
}

define("rel-thread", RelThread);
