// <rel-profile contact-id="…">: what is known of a contact as a person, edited in place.

import { chips, keepTyped } from "./chips.js";
import { consentBadge, consentHistory, consentSheet, readConsent } from "./consent.js";
import { away, dayInFull, daysBetween, today } from "./dates.js";
import { button, dotted, folded, h, written } from "./dom.js";
import { RelElement, define } from "./element.js";
import { enter, form, hasDraft } from "./form.js";
import { explain } from "./problems.js";
import { n, t } from "./texts.js";
import { css } from "./theme.js";
import { channelName, channels } from "./words.js";

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

const fields = () => [
  { name: "preferred_name", label: t("Goes by") },
  {
    name: "communication_preference",
    label: t("Prefers"),
    kind: "select",
    options: [["", t("Not known")], ...channels().filter(([name]) => name !== "mms")],
  },
  { name: "communication_notes", label: t("About reaching them"), kind: "textarea", wide: true },
  { name: "birthday", label: t("Birthday"), hint: t("12-05 for 5 December, or 1984-12-05") },
  { name: "dietary_requirements", label: t("Eats") },
  { name: "phone_number", label: t("Phone"), kind: "tel" },
  { name: "whatsapp_number", label: t("WhatsApp"), kind: "tel", hint: t("Where it is not the phone") },
  { name: "assistant_name", label: t("Assistant’s name") },
  { name: "assistant_email", label: t("Assistant’s e-mail"), kind: "email" },
  { name: "home_address", label: t("Home address"), kind: "textarea", wide: true },
  { name: "personal_notes", label: t("Private notes"), kind: "textarea", wide: true },
];

export class RelProfile extends RelElement {
  static sheets = [consentSheet, profileSheet];

  /** The form, while it is open. @type {any} */
  editing = null;
  consentOpen = false;
  /** "in" or "out" while a consent or its withdrawal is recorded. @type {string | null} */
  consentForm = null;
  /** The history of consent, once it was asked for. @type {any} */
  consent = null;

  notesOpen = false;

  #history = null;
  #saving = Promise.resolve();
  #changes = 0;

  connected(signal) {
    this.hear("profile", () => this.refresh(), signal);
    this.hear(
      "messages",
      () => {
        this.consent = null;
      },
      signal,
    );
    this.hear("ask-consent", () => this.askConsent("in"), signal);
  }

  reset() {
    this.editing = this.consentForm = this.consent = null;
    this.consentOpen = this.notesOpen = false;
  }

  async load() {
    const { profile } = await this.client.get(`${this.contactPath}/relationship`);
    if (this.may("update") && hasDraft(this, "profile")) this.editing ??= this.#form(profile);
    return { profile };
  }

  words() {
    return t("Relationship");
  }

  tools() {
    return [
      consentBadge(this),
      this.may("update") &&
        !this.editing &&
        button(t("Edit"), () => this.#edit(), { key: "edit", about: t("the profile") }),
    ];
  }

  draw() {
    const { profile } = this.data;
    if (this.consentOpen) this.#history ??= consentHistory(this);
    return [this.consentOpen && this.#history, this.editing ?? this.#shown(profile)];
  }

  render() {
    if (!this.consentForm) this.#history = null;
    super.render();
  }

  #shown(profile) {
    const name = profile.preferred_name;
    const assistant = [
      profile.assistant_name && written(profile.assistant_name),
      profile.assistant_email && h("a", { href: `mailto:${profile.assistant_email}` }, profile.assistant_email),
    ].filter(Boolean);
    const rows = [
      [t("Goes by"), name && written(name)],
      [
        t("Prefers"),
        (profile.communication_preference || profile.communication_notes) && [
          profile.communication_preference && h("div", {}, channelName(profile.communication_preference)),
          profile.communication_notes && written(profile.communication_notes, "div", { class: "muted" }),
        ],
      ],
      [t("Birthday"), profile.birthday && this.#birthday(profile)],
      [
        t("Interests"),
        (profile.interests.length || this.may("update")) &&
          chips(this, profile.interests, (interests) => this.#saveInterests(interests)),
      ],
      [t("Eats"), profile.dietary_requirements && written(profile.dietary_requirements)],
      [t("Phone"), profile.phone_number && this.#number(profile.phone_number, profile.phone_e164)],
      [t("WhatsApp"), profile.whatsapp_number && this.#number(profile.whatsapp_number, profile.whatsapp_e164)],
      [t("Assistant"), assistant.length && dotted(assistant)],
      [t("Home"), profile.home_address && written(profile.home_address)],
    ].filter(([, value]) => value);
    return [
      rows.length
        ? h(
            "dl",
            {},
            rows.map(([term, value]) => h("div", { part: "row" }, h("dt", {}, term), h("dd", {}, value))),
          )
        : this.empty(t("Nothing is known of them yet.")),
      profile.personal_notes &&
        folded(
          t("Private notes"),
          {
            class: "private",
            open: this.notesOpen,
            told: (open) => {
              this.notesOpen = open;
            },
            key: "notes",
          },
          written(profile.personal_notes, "p"),
        ),
    ];
  }

  #number(text, e164) {
    return [
      h("bdi", { class: "nowrap" }, text),
      e164 ? "" : h("span", { class: "muted small" }, " ", t("(not a number that messages can go to)")),
    ];
  }

  #birthday({ birthday, birthday_year: year }) {
    const monthDay = birthday.slice(-5);
    const now = today(this.getAttribute("time-zone"));
    const next = nextBirthday(monthDay, now, this.getAttribute("leap-day"));
    const days = daysBetween(now, next);
    const age = year === null ? null : Number(next.slice(0, 4)) - year;
    const text = dayInFull(`${year === null ? "2000" : String(year).padStart(4, "0")}-${monthDay}`, year !== null);
    const soon =
      days <= 90
        ? age === null
          ? away(days)
          : days === 0
            ? n("turns {count} today", "turns {count} today", age)
            : n("turns {count} {when}", "turns {count} {when}", age, { when: away(days) })
        : "";
    return dotted(text, soon && h("span", { class: "muted" }, soon));
  }

  #edit() {
    this.editing = this.#form(this.data.profile);
    this.paint();
    enter(this.editing);
  }

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
        await this.#took("birthday" in values ? ["life-events", "actions"] : []);
      },
      close: () => {
        this.editing = null;
        this.paint();
        this.focusOn("edit");
      },
    });
  }

  async #took(kinds = []) {
    this.data = { profile: (await this.client.get(`${this.contactPath}/relationship`)).profile };
    for (const kind of ["profile", ...kinds]) this.tell(kind);
  }

  /** One after the other, and each whole, so that of quick changes the last one stays. */
  #saveInterests(interests) {
    const before = this.data.profile.interests;
    const path = `${this.contactPath}/relationship`;
    const mine = ++this.#changes;
    this.#showInterests(interests);
    this.#saving = this.#saving.then(async () => {
      if (await this.attempt(() => this.client.patch(path, { interests }))) return this.tell("profile");
      if (mine !== this.#changes) return;
      keepTyped(
        this,
        interests.find((one) => !before.includes(one)),
      );
      this.#showInterests(before);
    });
  }

  #showInterests(interests) {
    this.data = { profile: { ...this.data.profile, interests } };
    this.paint();
  }

  async openConsent(open) {
    this.consentOpen = open;
    if (!open) this.consentForm = null;
    if (this.consent?.problem) this.consent = null;
    this.#history = null;
    this.paint();
    if (!open || this.consent) return;
    this.consent = await readConsent(this).catch((problem) => ({ problem }));
    if (this.consentForm) return;
    this.paint();
  }

  async askConsent(which) {
    if (!this.data) return;
    this.consentForm = which;
    this.consentOpen = true;
    this.consent ??= await readConsent(this).catch((problem) => ({ problem }));
    this.#history = null;
    this.paint();
    this.section.scrollIntoView({ block: "nearest" });
    enter(this.#history);
  }

  moreConsent() {
    return this.attempt(async () => {
      const before = this.consent;
      const { items, next } = await before.next();
      if (this.consent === before) this.consent = { ...before, items: [...before.items, ...items], next };
      this.paint();
    });
  }
}

/** The next birthday from a day on; that of 29 February in other years as the application has it. */
export function nextBirthday(monthDay, now, leapDay) {
  for (let year = Number(now.slice(0, 4)); ; year += 1) {
    const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
    const day = monthDay === "02-29" && !leap ? (leapDay === "mar01" ? "03-01" : "02-28") : monthDay;
    const date = `${year}-${day}`;
    if (date >= now) return date;
  }
}

define("rel-profile", RelProfile);
