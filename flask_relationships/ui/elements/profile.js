// <rel-profile contact-id="…">: what is known of a contact as a person, edited in place.

import { chips, storeChipDraft } from "./chips.js";
import { consentBadge, consentHistory, consentSheet, loadConsent } from "./consent.js";
import { daysBetween, formatDistance, formatFullDay, nextAnniversary, today } from "./dates.js";
import { button, disclosure, flat, h, joinWithDots, userText } from "./dom.js";
import { RelElement, define } from "./element.js";
import { focusFirstField, form, hasDraft } from "./form.js";
import { channelName, channelOptions } from "./labels.js";
import { OptimisticValue } from "./optimistic.js";
import { logFault } from "./problems.js";
import { n, t } from "./texts.js";
import { css } from "./theme.js";

/** @import { Profile } from "../types/api.js" */
/** @import { ChangeKind, Child } from "../types/elements.js" */
/** @import { ConsentHistory, Direction } from "./consent.js" */
/** @import { Field } from "./form.js" */

const profileSheet = css`
  dl > div {
    display: grid;
    grid-template-columns: minmax(6.5rem, 26%) minmax(0, 1fr);
    gap: 0.1rem 0.9rem;
    padding: 0.32rem 0;
    align-items: baseline;
  }
  dt {
    color: var(--muted);
    font-size: 0.92em;
  }
  dd {
    white-space: pre-line;
  }
  .private {
    margin-top: 0.35rem;
  }
  .private p {
    white-space: pre-line;
    padding: 0.2rem 0 0.3rem;
  }
  @container (width < 24rem) {
    dl > div {
      grid-template-columns: 1fr;
      padding: 0.3rem 0;
    }
  }
`;

/** A birthday that is at most so many days ahead is announced. */
const BIRTHDAY_DAYS = 90;

/** @returns {Field[]} */
const fields = () => [
  { name: "preferred_name", label: t("Preferred name") },
  {
    name: "communication_preference",
    label: t("Preferred channel"),
    kind: "select",
    options: [["", t("Unknown")], ...channelOptions().filter(([name]) => name !== "mms")],
  },
  { name: "communication_notes", label: t("Notes on contacting them"), kind: "textarea", wide: true },
  { name: "birthday", label: t("Birthday"), hint: t("12-05 for 5 December, or 1984-12-05") },
  { name: "dietary_requirements", label: t("Dietary requirements") },
  { name: "phone_number", label: t("Phone"), kind: "tel" },
  { name: "whatsapp_number", label: t("WhatsApp"), kind: "tel", hint: t("If it differs from the phone number") },
  { name: "assistant_name", label: t("Assistant’s name") },
  { name: "assistant_email", label: t("Assistant’s e-mail"), kind: "email" },
  { name: "home_address", label: t("Home address"), kind: "textarea", wide: true },
  { name: "personal_notes", label: t("Private notes"), kind: "textarea", wide: true },
];

/** @extends {RelElement<{ profile: Profile }>} */
export class RelProfile extends RelElement {
  static sheets = [consentSheet, profileSheet];

  consentOpen = false;
  /** What is recorded while the form of a consent is open. @type {Direction | null} */
  consentForm = null;
  /** The history of consent, once it was opened. @type {ConsentHistory | null} */
  consent = null;
  /** Why it could not be loaded. @type {unknown} */
  consentProblem = null;

  /** The form of the profile, while it is open. @type {HTMLFormElement | null} */
  #editing = null;
  #notesOpen = false;
  /** The open history. It is rendered anew each time, unless it holds a form. @type {HTMLElement | null} */
  #history = null;
  #interests = new OptimisticValue((/** @type {string[]} */ interests) => this.#showInterests(interests));

  /** @param {AbortSignal} signal */
  onConnect(signal) {
    this.subscribe("profile", () => this.refresh(), signal);
    this.subscribe("messages", () => this.forgetConsent(), signal);
    this.subscribe("ask-consent", () => this.askConsent("in"), signal);
  }

  reset() {
    this.#editing = this.consentForm = null;
    this.consentOpen = this.#notesOpen = false;
    this.forgetConsent();
  }

  async load() {
    const profile = await this.#loadProfile();
    if (this.can("update") && hasDraft(this, "profile")) this.#editing ??= this.#form(profile);
    return { profile };
  }

  async #loadProfile() {
    /** @type {{ profile: Profile }} */
    const { profile } = await this.client.get(`${this.contactPath}/relationship`);
    return profile;
  }

  renderHeading() {
    return t("Relationship");
  }

  /** @param {{ profile: Profile }} data */
  renderControls({ profile }) {
    const edit = () => this.#edit(profile);
    return [
      consentBadge(this, profile),
      this.can("update") && !this.#editing && button(t("Edit"), edit, { key: "edit", about: t("the profile") }),
    ];
  }

  /** @param {{ profile: Profile }} data */
  renderBody({ profile }) {
    if (this.consentOpen) this.#history ??= consentHistory(this, profile);
    return [this.consentOpen && this.#history, this.#editing ?? this.#facts(profile)];
  }

  render() {
    if (!this.consentForm) this.#history = null;
    super.render();
  }

  /** @param {Profile} profile */
  #facts(profile) {
    const rows = this.#rows(profile)
      .filter(([, value]) => flat([value]).length > 0)
      .map(([label, value]) => h("div", { part: "row" }, h("dt", {}, label), h("dd", {}, value)));
    return [
      rows.length > 0 ? h("dl", {}, rows) : this.renderEmpty(t("The profile is empty.")),
      profile.personal_notes && this.#privateNotes(profile.personal_notes),
    ];
  }

  /** @param {Profile} profile @returns {[string, Child][]} */
  #rows(profile) {
    const { communication_preference: channel, communication_notes: notes, interests } = profile;
    const saveInterests = (/** @type {string[]} */ changed) => this.#saveInterests(interests, changed);
    return [
      [t("Preferred name"), optionalText(profile.preferred_name)],
      [
        t("Preferred channel"),
        [channel && h("div", {}, channelName(channel)), notes && userText(notes, "div", { class: "muted" })],
      ],
      [t("Birthday"), profile.birthday && this.#birthday(profile.birthday, profile.birthday_year)],
      [t("Interests"), (interests.length > 0 || this.can("update")) && chips(this, interests, saveInterests)],
      [t("Dietary requirements"), optionalText(profile.dietary_requirements)],
      [t("Phone"), profile.phone_number && numberNodes(profile.phone_number, profile.phone_e164)],
      [t("WhatsApp"), profile.whatsapp_number && numberNodes(profile.whatsapp_number, profile.whatsapp_e164)],
      [t("Assistant"), joinWithDots(optionalText(profile.assistant_name), mailLink(profile.assistant_email))],
      [t("Home"), optionalText(profile.home_address)],
    ];
  }

  /** @param {string} notes */
  #privateNotes(notes) {
    const onToggle = (/** @type {boolean} */ isOpen) => {
      this.#notesOpen = isOpen;
    };
    const options = { class: "private", open: this.#notesOpen, onToggle, key: "notes" };
    return disclosure(t("Private notes"), options, userText(notes, "p"));
  }

  /** @param {string} birthday with its year or without @param {number | null} year */
  #birthday(birthday, year) {
    const monthDay = birthday.slice(-5);
    const now = today(this.timeZone);
    const next = nextAnniversary(monthDay, now, this.getAttribute("leap-day"));
    const age = year === null ? null : Number(next.slice(0, 4)) - year;
    // Any leap year does where the year is unknown: it is not shown, and 29 February exists.
    const date = `${year === null ? "2000" : String(year).padStart(4, "0")}-${monthDay}`;
    const soon = nextBirthdayText(daysBetween(now, next), age);
    return joinWithDots(formatFullDay(date, year !== null), soon && h("span", { class: "muted" }, soon));
  }

  /** @param {Profile} profile */
  #edit(profile) {
    this.#editing = this.#form(profile);
    this.requestRender();
    focusFirstField(this.#editing);
  }

  /** @param {Profile} profile */
  #form(profile) {
    return form(this, {
      draft: "profile",
      label: t("Save"),
      name: t("The profile"),
      fields: fields(),
      values: profile,
      save: async (values) => {
        if (!Object.keys(values).length) return;
        await this.client.patch(`${this.contactPath}/relationship`, values);
        await this.#reloadAndPublish("birthday" in values ? ["profile", "life-events", "actions"] : ["profile"]);
      },
      close: () => {
        this.#editing = null;
        this.requestRender();
        this.focusOn("edit");
      },
    });
  }

  /** @param {ChangeKind[]} kinds */
  async #reloadAndPublish(kinds) {
    this.data = { profile: await this.#loadProfile() };
    for (const kind of kinds) this.publish(kind);
  }

  /** @param {string[]} before @param {string[]} interests */
  #saveInterests(before, interests) {
    const path = `${this.contactPath}/relationship`;
    const send = async () => {
      const isStored = await this.attempt(() => this.client.patch(path, { interests }));
      if (isStored) this.publish("profile");
      return isStored;
    };
    const offerAgain = () => storeChipDraft(this, interests.find((one) => !before.includes(one)) ?? "");
    this.#interests.change(before, interests, send, offerAgain);
  }

  /** @param {string[]} interests */
  #showInterests(interests) {
    if (!this.data) return;
    this.data = { profile: { ...this.data.profile, interests } };
    this.requestRender();
  }

  /** Have the history loaded again when it is shown next. */
  forgetConsent() {
    this.consent = this.consentProblem = null;
  }

  async #loadConsent() {
    try {
      this.consent = await loadConsent(this);
      this.consentProblem = null;
    } catch (error) {
      logFault(error);
      this.consentProblem = error;
    }
  }

  /** @param {boolean} isOpen */
  async openConsent(isOpen) {
    this.consentOpen = isOpen;
    if (!isOpen) this.consentForm = null;
    this.consentProblem = null;
    this.#history = null;
    this.requestRender();
    if (!isOpen || this.consent) return;
    await this.#loadConsent();
    if (!this.consentForm) this.requestRender();
  }

  /** Open the form of a consent or of its withdrawal. @param {Direction} direction */
  async askConsent(direction) {
    if (!this.data) return;
    this.consentForm = direction;
    this.consentOpen = true;
    if (!this.consent) await this.#loadConsent();
    this.#history = null;
    this.requestRender();
    this.section.scrollIntoView({ block: "nearest" });
    const history = this.root.querySelector("#consent");
    if (history) focusFirstField(history);
  }

  showEarlierConsent() {
    return this.attempt(async () => {
      const before = this.consent;
      if (!before?.next) return;
      const { items, next } = await before.next();
      if (this.consent === before) this.consent = { ...before, items: [...before.items, ...items], next };
      this.requestRender();
    });
  }
}

/** @param {string | null} text */
const optionalText = (text) => text && userText(text);

/** @param {string | null} address */
const mailLink = (address) => address && h("a", { href: `mailto:${address}` }, address);

/** @param {string} text as it is on record @param {string | null} e164 null where no message can be sent to it */
function numberNodes(text, e164) {
  const unusable = t("(cannot receive messages)");
  return [h("bdi", { class: "nowrap" }, text), e164 === null && h("span", { class: "muted small" }, " ", unusable)];
}

/** Return when the next birthday is; "" where it is far away. @param {number} days @param {number | null} age */
function nextBirthdayText(days, age) {
  if (days > BIRTHDAY_DAYS) return "";
  if (age === null) return formatDistance(days);
  if (days === 0) return n("turns {count} today", "turns {count} today", age);
  return n("turns {count} {when}", "turns {count} {when}", age, { when: formatDistance(days) });
}

define("rel-profile", RelProfile);
