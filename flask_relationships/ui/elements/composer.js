// Writing a message: by which channel, what it costs, and why it cannot be sent, before anybody presses the button.

import { Problem } from "./client.js";
import { formatMoment } from "./dates.js";
import { button, flat, h, setText, whileBusy } from "./dom.js";
import { channelName } from "./labels.js";
import { CHANNELS, channelOf, isWorthStoring, messageOf, previewOf, textAfterSending } from "./message-draft.js";
import { explain, explainMember, explainReason, logFault } from "./problems.js";
import { TemplateField } from "./template-field.js";
import { n, t } from "./texts.js";
import { css } from "./theme.js";

/** @import { Action, Message, Preview } from "../types/api.js" */
/** @import { Channel, Draft, LinkedAction, NewMessage } from "./message-draft.js" */
/** @import { RelThread } from "./thread.js" */

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

/** How long the preview waits after the last key. */
const PREVIEW_DELAY_MILLISECONDS = 350;

const MAX_LENGTH = 1600;

export class Composer {
  /** The follow-up that sending completes. @type {LinkedAction | null} */
  #action = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #previews = 0;
  /** The API’s preview of a text. @type {{ preview: Preview, body: string } | null} */
  #known = null;

  #alert = h("p", { class: "alert", role: "alert", hidden: true });
  #warning = h("div", { class: "notice warn", hidden: true, part: "notice" });
  #linked = h("div", { class: "notice", hidden: true, part: "notice" });
  #cost = h("p", { class: "cost", id: "cost" });
  #mediaError = h("p", { class: "wrong", id: "media-wrong", hidden: true });
  #submit = h("button", { class: "primary", part: "button primary" });

  /** @param {RelThread} element @param {string | null} preferred the channel that the contact prefers */
  constructor(element, preferred) {
    this.element = element;
    /** @type {Partial<Draft>} */
    const draft = this.#storage.get(this.#draftKey) ?? {};
    const first = channelOf(draft.channel ?? preferred);
    this.radios = CHANNELS.map((channel) =>
      h("input", { type: "radio", name: "channel", value: channel, checked: channel === first }),
    );
    this.body = h("textarea", {
      id: "body",
      name: "body",
      rows: 3,
      dir: "auto",
      value: draft.body ?? "",
      maxlength: MAX_LENGTH,
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
    this.mediaField = h(
      "div",
      { class: "field" },
      h("label", { for: "media" }, t("Address of the picture")),
      this.media,
      this.#mediaError,
    );
    this.template = new TemplateField(element, draft.template, (text) => {
      this.body.value = text;
      this.#typed();
    });
    this.node = this.#createForm();
    if (draft.action) this.#link(draft.action);
    this.#update();
  }

  #createForm() {
    /** @type {HTMLFormElement} */
    const node = h(
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
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) node.requestSubmit();
          },
        },
      },
      this.#channelField(),
      this.#warning,
      this.template.node,
      h("div", { class: "field" }, h("label", { for: "body" }, t("New message")), this.body),
      this.mediaField,
      this.#linked,
      this.#alert,
      h("div", { class: "send" }, this.#cost, this.#submit),
    );
    return node;
  }

  #channelField() {
    const labels = this.radios.map((radio) => h("label", {}, radio, h("span", {}, channelName(radio.value))));
    return h("fieldset", {}, h("legend", { class: "away" }, t("Channel")), h("div", { class: "channels" }, labels));
  }

  get #storage() {
    return this.element.client.storage;
  }

  get #draftKey() {
    return `draft:${this.element.localName}:${this.element.getAttribute("contact-id")}`;
  }

  get channel() {
    return channelOf(this.radios.find((radio) => radio.checked)?.value);
  }

  set channel(/** @type {Channel} */ channel) {
    for (const radio of this.radios) radio.checked = radio.value === channel;
  }

  /** @returns {Draft} */
  get #draft() {
    return {
      channel: this.channel,
      body: this.body.value,
      media_url: this.media.value,
      template: this.template.typed(),
      action: this.#action && { id: this.#action.id, title: this.#action.title },
    };
  }

  #typed() {
    const draft = this.#draft;
    if (isWorthStoring(draft)) this.#storage.set(this.#draftKey, draft);
    else this.#storage.remove(this.#draftKey);
    this.#update();
  }

  #update() {
    const { channel } = this;
    this.mediaField.hidden = channel !== "mms";
    this.template.node.hidden = channel !== "whatsapp";
    setText(this.#submit, t("Send {channel}", { channel: channelName(channel) }));
    this.#showCost();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.preview(), PREVIEW_DELAY_MILLISECONDS);
  }

  /** Ask the API what would become of the message. */
  async preview() {
    if (!this.node.isConnected) return;
    const own = ++this.#previews;
    const draft = this.#draft;
    try {
      /** @type {{ preview: Preview }} */
      const { preview } = await this.element.client.ask(
        `${this.element.contactPath}/messages/preview`,
        previewOf(draft),
      );
      if (own !== this.#previews) return;
      this.#known = { preview, body: draft.body };
      this.#showFieldErrors(null);
    } catch (error) {
      if (own !== this.#previews) return;
      this.#known = null;
      this.#showFieldErrors(error);
    }
    this.#showWarnings(draft.channel);
    this.#showCost();
  }

  /** @param {unknown} error */
  #showFieldErrors(error) {
    const members = error instanceof Problem ? error.members : null;
    const wrong = members?.get("media_url");
    this.#mediaError.hidden = !wrong;
    this.#mediaError.textContent = wrong ? explainMember(wrong) : "";
    this.template.showError(members?.get("content_sid") ?? members?.get("content_variables"));
  }

  /** @param {Channel} channel */
  #showWarnings(channel) {
    const lines = this.#known ? this.#warnings(this.#known.preview) : [];
    this.#warning.hidden = !lines.length;
    setText(this.#warning, lines.join(" "));
    const isBlocked = Boolean(this.#known?.preview.blocked);
    this.#submit.disabled = isBlocked || (channel === "whatsapp" && this.template.isIncomplete);
  }

  /** @param {Preview} preview */
  #warnings({ blocked, outside_whatsapp_window: isOutside, not_before: leavesAt }) {
    if (blocked) return [explainReason(blocked.reason)];
    const lines = [];
    if (isOutside && !this.template.typed()) {
      lines.push(
        t(
          "They have not written by WhatsApp in the last 24 hours: " +
            "WhatsApp will most likely refuse this. Send an approved template.",
        ),
      );
    }
    if (leavesAt) {
      const time = formatMoment(leavesAt);
      lines.push(t("Quiet hours of the recipient: the message is sent at {time}.", { time }));
    }
    return lines;
  }

  #showCost() {
    const { value } = this.body;
    const parts = [n("{count} character", "{count} characters", [...value].length)];
    const known = this.#known?.body === value && value.trim() ? this.#known.preview : null;
    if (known?.encoding) {
      parts.push(n("{count} segment", "{count} segments", known.segments), known.encoding);
      parts.push(n("{count} left", "{count} left", known.characters_left));
      if (known.encoding === "UCS-2") parts.push(t("a special character makes segments shorter"));
    }
    this.#cost.textContent = value ? parts.join(" · ") : "";
  }

  /** @param {LinkedAction | null} action */
  #link(action) {
    this.#action = action;
    this.#linked.hidden = !action;
    const unlink = () => {
      this.#link(null);
      this.#typed();
      this.body.focus();
    };
    const nodes = action && [
      t("Sending this completes “{title}”.", { title: action.title }),
      button(t("Leave it open"), unlink, { kind: "quiet" }),
    ];
    this.#linked.replaceChildren(...flat([nodes]));
  }

  /** Take the draft of a follow-up. A text that is written already stays. @param {Action} action */
  take(action) {
    this.#link(action);
    if (!this.body.value.trim()) this.body.value = action.message_body ?? "";
    const channel = CHANNELS.find((one) => one === action.action_type);
    if (channel) this.channel = channel;
    this.#typed();
    this.body.focus();
    this.node.scrollIntoView({ block: "nearest" });
  }

  /** Write a message again. The variables of its template have to be typed again. @param {Message} message */
  rewrite(message) {
    this.channel = message.channel;
    this.body.value = message.body;
    this.template.choose(message.content_sid);
    this.#typed();
    this.body.focus();
  }

  async #send() {
    if (this.#submit.disabled) return;
    const message = messageOf(this.#draft);
    const completed = this.#action;
    const sent = await whileBusy(this.#submit, () => this.#post(message));
    if (!sent) return;
    this.#startNext(message, completed);
    await this.element.sent(sent, completed);
  }

  /** Send a message. Show why, and return null, where it was not sent. @param {NewMessage} message */
  async #post(message) {
    this.#alert.hidden = true;
    if (!message.body.trim()) {
      this.#showAlert(t("Write something first."));
      return null;
    }
    try {
      /** @type {{ message: Message }} */
      const answer = await this.element.client.post(`${this.element.contactPath}/messages`, message);
      return answer.message;
    } catch (error) {
      logFault(error);
      await this.#showFailure(error);
      return null;
    }
  }

  /** @param {unknown} error */
  async #showFailure(error) {
    const problem = error instanceof Problem ? error : null;
    this.#showFieldErrors(error);
    const faults = [...(problem?.members.values() ?? [])].map(explainMember);
    this.#showAlert(faults.join(" ") || explain(error));
    if (problem?.body.message_id) await this.element.sent(null, null);
    if (problem?.code === "action_not_pending") this.#link(null);
  }

  /**
   * Make room for the next message. Who has begun it while the last one was on its way finds their words again.
   * @param {NewMessage} message
   * @param {LinkedAction | null} completed
   */
  #startNext({ body, media_url: picture = "" }, completed) {
    this.body.value = textAfterSending(this.body.value, body);
    if (this.media.value.trim() === picture) this.media.value = "";
    this.template.clear();
    if (this.#action === completed) this.#link(null);
    this.#typed();
  }

  /** @param {string} text */
  #showAlert(text) {
    this.#alert.textContent = text;
    this.#alert.hidden = false;
    this.body.focus();
  }
}
