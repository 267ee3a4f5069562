// Whether a contact has agreed to messages: since when and how, what shows it, and everything that was said about it.

import { moment } from "./dates.js";
import { button, dotted, h, written } from "./dom.js";
import { form } from "./form.js";
import { explain } from "./problems.js";
import { t } from "./texts.js";
import { channelName } from "./words.js";
import { css } from "./theme.js";

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

const SAID = {
  opt_in: () => t("Agreed to messages"),
  opt_out: () => t("No longer agrees to messages"),
  stop: () => t("Wrote STOP"),
  start: () => t("Wrote START"),
  refused: () => t("Refused by the provider: they have unsubscribed"),
};

const SOURCES = {
  staff: () => t("recorded here"),
  number_changed: () => t("their number changed"),
  recipient: () => t("by themselves"),
  provider: () => t("told by the provider"),
};

const ENTRIES = 20;

/** The badge that opens and closes the history. @param {import("./profile.js").RelProfile} element */
export function consentBadge(element) {
  const { profile } = element.data;
  const stopped = profile.messaging_blocked?.reason === "opted_out_by_recipient";
  const good = profile.twilio_opt_in && !stopped;
  const words = !profile.twilio_opt_in ? t("Not opted in") : stopped ? t("Asked for no more messages") : t("Opted in");
  return h(
    "button",
    {
      type: "button",
      class: `badge-button ${good ? "good" : "warn"}`,
      part: "badge",
      "data-key": "consent",
      "aria-expanded": String(element.consentOpen),
      "aria-controls": "consent",
      on: { click: () => element.openConsent(!element.consentOpen) },
    },
    good ? "✓ " : "",
    words,
  );
}

/** What stands below the badge while it is open. */
export function consentHistory(element) {
  const { profile } = element.data;
  const place = h("div", { class: "consent", id: "consent", "aria-live": "off" });
  const may = element.may("update");
  if (element.consentForm) {
    place.append(
      form(element, {
        draft: "consent",
        label: element.consentForm === "in" ? t("Record the consent") : t("Record the withdrawal"),
        fields: [
          {
            name: "opt_in_source",
            label: element.consentForm === "in" ? t("How did they agree?") : t("How did they say so?"),
            required: true,
            wide: true,
            suggestions: [t("On the phone"), t("In a form"), t("By e-mail"), t("In person"), t("In writing")],
          },
          {
            name: "opt_in_evidence",
            label: t("What shows it? (optional)"),
            kind: "textarea",
            wide: true,
            hint: t("A reference, the date of the call, the words they used."),
          },
        ],
        values: {},
        save: async (values) => {
          await element.client.patch(`${element.contactPath}/relationship`, {
            twilio_opt_in: element.consentForm === "in",
            ...values,
          });
          element.consent = null;
          element.tell("profile");
        },
        close: () => {
          element.consentForm = null;
          element.openConsent(true);
          element.refresh();
        },
      }),
    );
  } else if (may) {
    place.append(
      h(
        "p",
        { class: "buttons" },
        profile.twilio_opt_in
          ? button(t("Withdraw the consent"), () => element.askConsent("out"), { key: "consent-change" })
          : button(t("Record a consent"), () => element.askConsent("in"), { key: "consent-change", kind: "primary" }),
      ),
    );
  }
  place.append(...entries(element));
  return place;
}

function entries(element) {
  const { consent } = element;
  if (consent?.problem)
    return [
      h(
        "p",
        { class: "alert", role: "alert" },
        explain(consent.problem),
        button(t("Try again"), () => element.openConsent(true)),
      ),
    ];
  if (!consent) return [h("p", { class: "muted" }, t("Loading…"))];
  if (!consent.items.length)
    return [h("p", { class: "empty" }, t("Nobody has recorded yet whether they agree to messages."))];
  const live = consent.suppressions.filter((one) => one.lifted_at === null);
  return [
    live.length
      ? h(
          "p",
          { class: "notice warn" },
          t("Nothing is sent to {numbers} until its owner writes START.", {
            numbers: live.map((one) => one.number).join(", "),
          }),
        )
      : "",
    h(
      "ol",
      { class: "ledger", "aria-label": t("What was said about messages, newest first") },
      consent.items.map(entry),
    ),
    consent.next
      ? button(
          t("Show earlier"),
          async () => {
            await element.moreConsent();
          },
          { key: "consent-more", kind: "quiet" },
        )
      : "",
  ].filter(Boolean);
}

function entry(line) {
  const about = [
    SOURCES[line.source]?.() ?? line.source,
    line.channel && channelName(line.channel),
    line.number,
  ].filter(Boolean);
  return h(
    "li",
    {},
    h("strong", { class: "title" }, SAID[line.event]?.() ?? line.event),
    " ",
    h("time", { class: "muted nowrap", datetime: line.created_at }, moment(line.created_at)),
    h("p", { class: "muted" }, dotted(about)),
    line.evidence && line.source !== "recipient" ? written(line.evidence, "blockquote") : null,
  );
}

/** The first page of the history. */
export async function readConsent(element) {
  const { items, next, answer } = await element.client.page(`${element.contactPath}/consent`, "entries", {
    limit: ENTRIES,
  });
  return { items, next, suppressions: answer.suppressions };
}
