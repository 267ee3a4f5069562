// Whether a contact has agreed to messages: since when and how, the evidence, and the history of it.

import { formatMoment } from "./dates.js";
import { button, flat, h, joinWithDots, userText } from "./dom.js";
import { form } from "./form.js";
import { channelName } from "./labels.js";
import { explain } from "./problems.js";
import { t } from "./texts.js";
import { css } from "./theme.js";

/** @import { ConsentEntry, Profile, Suppression } from "../types/api.js" */
/** @import { Page } from "../types/elements.js" */
/** @import { RelProfile } from "./profile.js" */

export const consentSheet = css`
  .consent {
    border-bottom: 1px solid var(--line);
    padding-bottom: 0.9rem;
    margin-bottom: 0.4rem;
  }
  .consent > p {
    margin: 0.2rem 0 0.5rem;
  }
  .badge-button {
    border-radius: 99px;
    min-height: 1.75rem;
    padding: 0.1rem 0.7rem;
    font-size: 0.86em;
    border-color: transparent;
  }
  .badge-button.good {
    background: var(--success-wash);
    color: var(--success);
  }
  .badge-button.warn {
    background: var(--warning-wash);
    color: var(--warning);
  }
  .badge-button:hover {
    border-color: currentColor;
  }
  .badge-button::after {
    content: "";
    width: 0.4em;
    height: 0.4em;
    border: solid currentColor;
    border-width: 0 1.5px 1.5px 0;
    rotate: 45deg;
    translate: 0 -0.1em;
  }
  .badge-button[aria-expanded="true"]::after {
    rotate: 225deg;
    translate: 0 0.1em;
  }
  .ledger {
    margin-top: 0.6rem;
    border-inline-start: 2px solid var(--line);
    padding-inline-start: 0.9rem;
    font-size: 0.92em;
  }
  .ledger li {
    padding: 0.25rem 0;
  }
  .ledger blockquote {
    margin-top: 0.1rem;
    color: var(--muted);
    white-space: pre-line;
  }
`;

/** @typedef {"in" | "out"} Direction whether a consent or its withdrawal is recorded */

/** @typedef {Page<ConsentEntry> & { suppressions: Suppression[] }} ConsentHistory */

/** @type {Record<string, () => string>} */
const EVENTS = {
  opt_in: () => t("Agreed to messages"),
  opt_out: () => t("No longer agrees to messages"),
  stop: () => t("Wrote STOP"),
  start: () => t("Wrote START"),
  refused: () => t("Refused by the provider: they have unsubscribed"),
};

/** @type {Record<string, () => string>} */
const SOURCES = {
  staff: () => t("recorded here"),
  number_changed: () => t("their number changed"),
  recipient: () => t("by the contact"),
  provider: () => t("reported by the provider"),
};

const PAGE_SIZE = 20;

/** Return the badge that opens and closes the history. @param {RelProfile} element @param {Profile} profile */
export function consentBadge(element, profile) {
  const isStopped = profile.messaging_blocked?.reason === "opted_out_by_recipient";
  const isGood = profile.twilio_opt_in && !isStopped;
  return h(
    "button",
    {
      type: "button",
      class: `badge-button ${isGood ? "good" : "warn"}`,
      part: "badge",
      "data-key": "consent",
      "aria-expanded": String(element.consentOpen),
      "aria-controls": "consent",
      on: { click: () => element.openConsent(!element.consentOpen) },
    },
    isGood && "✓ ",
    badgeText(profile.twilio_opt_in, isStopped),
  );
}

/** @param {boolean} isOptedIn @param {boolean} isStopped */
function badgeText(isOptedIn, isStopped) {
  if (!isOptedIn) return t("Not opted in");
  return isStopped ? t("Asked for no further messages") : t("Opted in");
}

/** Return what stands below the badge while it is open. @param {RelProfile} element @param {Profile} profile */
export function consentHistory(element, profile) {
  const { consentForm: direction } = element;
  const place = h("div", { class: "consent", id: "consent", "aria-live": "off" });
  if (direction) place.append(consentForm(element, direction));
  else if (element.can("update")) place.append(h("p", { class: "buttons" }, changeButton(element, profile)));
  place.append(...flat([historyNodes(element)]));
  return place;
}

/** @param {RelProfile} element @param {Profile} profile */
function changeButton(element, profile) {
  return profile.twilio_opt_in
    ? button(t("Withdraw the consent"), () => element.askConsent("out"), { key: "consent-change" })
    : button(t("Record a consent"), () => element.askConsent("in"), { key: "consent-change", kind: "primary" });
}

/** @param {RelProfile} element @param {Direction} direction */
function consentForm(element, direction) {
  return form(element, {
    draft: "consent",
    label: direction === "in" ? t("Record the consent") : t("Record the withdrawal"),
    fields: [
      {
        name: "opt_in_source",
        label: direction === "in" ? t("How did they agree?") : t("How did they withdraw it?"),
        required: true,
        wide: true,
        suggestions: [t("On the phone"), t("In a form"), t("By e-mail"), t("In person"), t("In writing")],
      },
      {
        name: "opt_in_evidence",
        label: t("Evidence (optional)"),
        kind: "textarea",
        wide: true,
        hint: t("A reference, the date of the call, the words they used."),
      },
    ],
    values: {},
    save: async (values) => {
      const change = { twilio_opt_in: direction === "in", ...values };
      await element.client.patch(`${element.contactPath}/relationship`, change);
      element.forgetConsent();
      element.publish("profile");
    },
    close: () => {
      element.consentForm = null;
      element.openConsent(true);
      element.refresh();
    },
  });
}

/** @param {RelProfile} element */
function historyNodes(element) {
  const { consent, consentProblem } = element;
  if (consentProblem) {
    const tryAgain = button(t("Try again"), () => element.openConsent(true));
    return h("p", { class: "alert", role: "alert" }, explain(consentProblem), tryAgain);
  }
  if (!consent) return h("p", { class: "muted" }, t("Loading…"));
  if (!consent.items.length) {
    return h("p", { class: "empty" }, t("No consent to messages is recorded yet."));
  }
  const label = t("Consent history, newest first");
  const showEarlier = () => element.showEarlierConsent();
  return [
    suppressionNotice(consent.suppressions),
    h("ol", { class: "ledger", "aria-label": label }, consent.items.map(entryNode)),
    consent.next && button(t("Show earlier"), showEarlier, { key: "consent-more", kind: "quiet" }),
  ];
}

/** @param {Suppression[]} suppressions */
function suppressionNotice(suppressions) {
  const numbers = suppressions.filter((one) => one.lifted_at === null).map((one) => one.number);
  if (!numbers.length) return null;
  const text = t("Nothing is sent to {numbers} until its owner writes START.", { numbers: numbers.join(", ") });
  return h("p", { class: "notice warn" }, text);
}

/** @param {ConsentEntry} entry */
function entryNode({ event, source, channel, number, evidence, created_at: at }) {
  const about = joinWithDots(SOURCES[source]?.() ?? source, channel && channelName(channel), number);
  return h(
    "li",
    {},
    h("strong", { class: "title" }, EVENTS[event]?.() ?? event),
    " ",
    h("time", { class: "muted nowrap", datetime: at }, formatMoment(at)),
    h("p", { class: "muted" }, about),
    // What the contact wrote themselves stands in the thread.
    evidence && source !== "recipient" && userText(evidence, "blockquote"),
  );
}

/** Load the first page of the history. @param {RelProfile} element @returns {Promise<ConsentHistory>} */
export async function loadConsent(element) {
  /** @type {Page<ConsentEntry> & { answer: { suppressions: Suppression[] } }} */
  const page = await element.client.page(`${element.contactPath}/consent`, "entries", { limit: PAGE_SIZE });
  return { items: page.items, next: page.next, suppressions: page.answer.suppressions };
}
