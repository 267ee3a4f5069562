// Writing a message: by which channel, what it costs, and why it cannot be sent, before anybody presses the button.

import { moment } from "./dates.js";
import { button, fillText, h, whileBusy } from "./dom.js";
import { explain, explainMember, reason } from "./problems.js";
import { n, t } from "./texts.js";
import { template } from "./template.js";
import { css } from "./theme.js";
import { channelName } from "./words.js";

export const composerSheet = css`
  .composer {
    border-top: 1px solid var(--line);
    margin-top: 0.6rem;
    padding-top: 0.8rem;
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.55rem;
  }
  .channels {
    display: flex;
    flex-wrap: wrap;
    gap: 0.3rem;
  }
  .channels label {
    position: relative;
    display: inline-flex;
  }
  .channels input {
    position: absolute;
    inset: 0;
    opacity: 0;
    width: 100%;
    height: 100%;
    cursor: pointer;
    top: 0;
  }
  .channels span {
    border: 1px solid var(--control-line);
    border-radius: 99px;
    padding: 0.15rem 0.85rem;
    min-height: 1.9rem;
    font-size: 0.9em;
    color: var(--muted);
    display: inline-flex;
    align-items: center;
  }
  .channels input:checked + span {
    background: var(--wash);
    border-color: var(--accent);
    color: var(--accent);
    font-weight: 600;
  }
  .channels input:focus-visible + span {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }
  .send {
    display: flex;
    flex-wrap: wrap;
    gap: 0.4rem 0.8rem;
    align-items: center;
    justify-content: space-between;
  }
  .cost {
    font-size: 0.84em;
    color: var(--muted);
    flex: 1;
    min-width: 9rem;
  }
  .cost:empty {
    display: none;
  }
  .send .primary {
    margin-inline-start: auto;
  }
  @media (forced-colors: active) {
    .channels input:checked + span {
      border-width: 3px;
    }
  }
`;

const SENDABLE = ["sms", "whatsapp", "mms"];
const WAIT = 350;
const LONGEST = 1600;

export class Composer {
  /** The follow-up that sending completes. @type {any} */
  action = null;

  #timer = null;
  #asked = 0;
  #preview = null;

  /** @param {import("./thread.js").RelThread} element */
  constructor(element, preferred) {
    this.element = element;
    const draft = this.#kept.get(this.#draft) ?? {};
    const first = draft.channel ?? (SENDABLE.includes(preferred) ? preferred : "sms");
    this.radios = SENDABLE.map((channel) =>
      h("input", { type: "radio", name: "channel", value: channel, checked: channel === first }),
    );
    this.alert = h("p", { class: "alert", role: "alert", hidden: true });
    this.why = h("div", { class: "notice warn", hidden: true, part: "notice" });
    this.linked = h("div", { class: "notice", hidden: true, part: "notice" });
    this.body = h("textarea", {
      id: "body",
      name: "body",
      rows: 3,
      dir: "auto",
      value: draft.body ?? "",
      maxlength: LONGEST,
      "data-key": "body",
      "aria-describedby": "cost",
    });
    this.media = h("input", {
      id: "media",
      name: "media_url",
      type: "url",
      value: draft.media_url ?? "",
      placeholder: "https://",
      "aria-describedby": "media-wrong",
    });
    this.mediaWrong = h("p", { class: "wrong", id: "media-wrong", hidden: true });
    this.mediaField = h(
      "div",
      { class: "field" },
      h("label", { for: "media" }, t("Address of the picture")),
      this.media,
      this.mediaWrong,
    );
    this.template = template(element, draft.template, (text) => {
      this.body.value = text;
      this.#typed();
    });
    this.cost = h("p", { class: "cost", id: "cost" });
    this.submit = h("button", { class: "primary", part: "button primary" });
    this.node = h(
      "form",
      {
        class: "composer",
        part: "composer",
        novalidate: true,
        on: {
          submit: (event) => {
            event.preventDefault();
            this.#send();
          },
          input: () => this.#typed(),
          keydown: (event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.node.requestSubmit();
          },
        },
      },
      h(
        "fieldset",
        {},
        h("legend", { class: "away" }, t("Channel")),
        h(
          "div",
          { class: "channels" },
          this.radios.map((radio) => h("label", {}, radio, h("span", {}, channelName(radio.value)))),
        ),
      ),
      this.why,
      this.template.node,
      h("div", { class: "field" }, h("label", { for: "body" }, t("New message")), this.body),
      this.mediaField,
      this.linked,
      this.alert,
      h("div", { class: "send" }, this.cost, this.submit),
    );
    if (draft.action) this.#link(draft.action);
    this.#show();
  }

  get #kept() {
    return this.element.client.kept;
  }

  get #draft() {
    return `draft:${this.element.localName}:${this.element.getAttribute("contact-id")}`;
  }

  get channel() {
    return this.radios.find((radio) => radio.checked)?.value ?? "sms";
  }

  set channel(channel) {
    for (const radio of this.radios) radio.checked = radio.value === channel;
  }

  /** What would be sent. */
  #values() {
    const values = { channel: this.channel, body: this.body.value };
    if (values.channel === "mms" && this.media.value.trim()) values.media_url = this.media.value.trim();
    if (values.channel === "whatsapp") Object.assign(values, this.template.values());
    if (this.action) values.auto_action_id = this.action.id;
    return values;
  }

  #typed() {
    const { channel } = this;
    if (this.body.value || this.media.value || this.action) {
      this.#kept.set(this.#draft, {
        channel,
        body: this.body.value,
        media_url: this.media.value,
        template: this.template.typed(),
        action: this.action && { id: this.action.id, title: this.action.title },
      });
    } else this.#kept.remove(this.#draft);
    this.#show();
  }

  #show() {
    const { channel } = this;
    this.mediaField.hidden = channel !== "mms";
    this.template.node.hidden = channel !== "whatsapp";
    fillText(this.submit, t("Send {channel}", { channel: channelName(channel) }));
    this.#tellCost();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.look(), WAIT);
  }

  /** Ask the API what would become of it, also while nothing is written yet: why not is worth knowing before. */
  async look() {
    if (!this.node.isConnected) return;
    const asked = ++this.#asked;
    const { channel, body, ...rest } = this.#values();
    delete rest.auto_action_id;
    try {
      const { preview } = await this.element.client.ask(`${this.element.contactPath}/messages/preview`, {
        channel,
        body: body.trim() ? body : "-",
        ...rest,
      });
      if (asked !== this.#asked) return;
      this.#preview = { ...preview, of: body };
      this.#wrong(null);
    } catch (problem) {
      if (asked !== this.#asked) return;
      this.#preview = null;
      this.#wrong(problem);
    }
    this.#tellWhy(channel);
    this.#tellCost();
  }

  #wrong(problem) {
    const error = problem?.members?.get("media_url");
    this.mediaWrong.hidden = !error;
    this.mediaWrong.textContent = error ? explainMember(error) : "";
    this.template.say(problem?.members?.get("content_sid") ?? problem?.members?.get("content_variables"));
  }

  #tellWhy(channel) {
    const { blocked, outside_whatsapp_window: outside, not_before: waits } = this.#preview ?? {};
    const lines = [];
    if (blocked) lines.push(reason(blocked.reason));
    else {
      if (outside && !this.template.values().content_sid)
        lines.push(
          t(
            "They have not written by WhatsApp in the last 24 hours: WhatsApp will most likely refuse this. Send an approved template.",
          ),
        );
      if (waits)
        lines.push(t("It is a quiet hour where they are: the message leaves at {time}.", { time: moment(waits) }));
    }
    this.why.hidden = !lines.length;
    fillText(this.why, lines.join(" "));
    this.submit.disabled = Boolean(blocked) || (channel === "whatsapp" && this.template.incomplete());
  }

  #tellCost() {
    const { body } = this;
    const parts = [n("{count} character", "{count} characters", [...body.value].length)];
    const known = this.#preview;
    if (known && known.of === body.value && body.value.trim() && known.encoding) {
      parts.push(
        n("{count} segment", "{count} segments", known.segments),
        known.encoding,
        n("{count} left", "{count} left", known.characters_left),
      );
      if (known.encoding === "UCS-2") parts.push(t("a special character makes segments shorter"));
    }
    this.cost.textContent = body.value ? parts.join(" · ") : "";
  }

  #link(action) {
    this.action = action;
    this.linked.hidden = !action;
    this.linked.replaceChildren(
      ...(action
        ? [
            t("Sending this completes “{title}”.", { title: action.title }),
            button(
              t("Leave it open"),
              () => {
                this.#link(null);
                this.#typed();
                this.body.focus();
              },
              { kind: "quiet" },
            ),
          ]
        : []),
    );
  }

  /** Take over the draft of a follow-up; what is written already stays, unless it is nothing. */
  take(action) {
    this.#link(action);
    if (!this.body.value.trim()) this.body.value = action.message_body ?? "";
    if (SENDABLE.includes(action.action_type)) this.channel = action.action_type;
    this.#typed();
    this.body.focus();
    this.node.scrollIntoView({ block: "nearest" });
  }

  /** Write a message again whose variables only its writer knows. */
  rewrite(message) {
    this.channel = message.channel;
    this.body.value = message.body;
    this.template.choose(message.content_sid);
    this.#typed();
    this.body.focus();
  }

  async #send() {
    if (this.submit.disabled) return;
    const values = this.#values();
    const completed = this.action;
    const message = await whileBusy(this.submit, () => this.#post(values));
    if (!message) return;
    this.#begin(values, completed);
    await this.element.sent(message, completed);
  }

  /** @returns {Promise<any>} the message; nothing, and told why, where there is none */
  async #post(values) {
    this.alert.hidden = true;
    if (!values.body.trim()) return this.#tell(t("Write something first."));
    try {
      return (await this.element.client.post(`${this.element.contactPath}/messages`, values)).message;
    } catch (problem) {
      if (!problem.kind) console.error(problem);
      this.#wrong(problem);
      this.#tell([...(problem.members?.values() ?? [])].map(explainMember).join(" ") || explain(problem));
      if (problem.body?.message_id) await this.element.sent(null, null);
      if (problem.code === "action_not_pending") this.#link(null);
    }
  }

  /** For the next message: whoever has begun it while the last one was on its way finds their words again. */
  #begin({ body, media_url }, completed) {
    const { value } = this.body;
    this.body.value = value.startsWith(body) ? value.slice(body.length).trimStart() : value;
    if (this.media.value.trim() === (media_url ?? "")) this.media.value = "";
    this.template.clear();
    if (this.action === completed) this.#link(null);
    this.#typed();
  }

  #tell(words) {
    this.alert.textContent = words;
    this.alert.hidden = false;
    this.body.focus();
  }
}
