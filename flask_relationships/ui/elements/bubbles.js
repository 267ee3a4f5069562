// The messages of a thread as people read them: who wrote, by which channel, how far it got, and why it did not.

import { dayInFull, moment, today } from "./dates.js";
import { button, dotted, h, svg, written } from "./dom.js";
import { language, t } from "./texts.js";
import { css } from "./theme.js";
import { channelName } from "./words.js";

export const bubblesSheet = css`
  .thread {
    display: flex;
    flex-direction: column;
    gap: 0.6rem;
    max-height: var(--rel-thread-height, 26rem);
    overflow-y: auto;
    padding: 0.3rem 0.15rem;
    scrollbar-width: thin;
  }
  .thread > li {
    max-width: 86%;
    min-width: 0;
  }
  .thread > .date {
    align-self: center;
    color: var(--muted);
    font-size: 0.82em;
    padding: 0.3rem 0 0;
    max-width: none;
  }
  .bubble {
    padding: 0.45rem 0.8rem;
    border-radius: 1rem;
    border-end-start-radius: 0.25rem;
    background: var(--sunken);
    white-space: pre-line;
    width: fit-content;
    max-width: 100%;
    text-align: start;
  }
  .out {
    align-self: flex-end;
    display: flex;
    flex-direction: column;
    align-items: flex-end;
  }
  .out .bubble {
    background: var(--wash);
    border-end-start-radius: 1rem;
    border-end-end-radius: 0.25rem;
  }
  .failed .bubble {
    background: var(--danger-wash);
  }
  .meta {
    font-size: 0.82em;
    color: var(--muted);
    margin-top: 0.1rem;
  }
  .failed .meta,
  .meta .bad {
    color: var(--danger);
  }
  .meta button {
    min-height: 1.6rem;
    font-size: 1em;
    padding: 0 0.55rem;
    margin-inline-start: 0.4rem;
  }
  .ticks {
    width: 1.15em;
    height: 0.8em;
    vertical-align: -0.05em;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.7;
    stroke-linecap: round;
    stroke-linejoin: round;
    margin-inline: 0 0.2em;
  }
  .ticks.read {
    color: var(--accent);
  }
`;

const WORDS = {
  sending: () => t("on its way"),
  unconfirmed: () => t("perhaps sent: ask before you send it again"),
  accepted: () => t("waiting"),
  scheduled: () => t("waiting"),
  queued: () => t("waiting"),
  sent: () => t("sent"),
  delivered: () => t("delivered"),
  partially_delivered: () => t("delivered in part"),
  read: () => t("read"),
  failed: () => t("not sent"),
  undelivered: () => t("not delivered"),
  canceled: () => t("cancelled"),
};

const FAILED = new Set(["failed", "undelivered"]);
const FINAL = new Set([...FAILED, "delivered", "read", "received", "canceled"]);

/** Whether more may be heard of a message. */
export const isMoving = (message) =>
  message.direction === "outbound" && !FINAL.has(message.status) && !message.not_before;

const DRAWN = {
  sent: ["M5 5l3 3 6-6"],
  delivered: ["M2 5l3 3 6-6", "M8 8l6-6"],
  read: ["M2 5l3 3 6-6", "M8 8l6-6"],
  failed: ["M5 2l6 6", "M11 2l-6 6"],
  undelivered: ["M5 2l6 6", "M11 2l-6 6"],
};

function ticks(status) {
  const lines = DRAWN[status];
  return (
    lines &&
    svg(
      "svg",
      { class: `ticks ${status}`, viewBox: "0 0 16 10", "aria-hidden": "true" },
      lines.map((d) => svg("path", { d })),
    )
  );
}

/** The items of a list, oldest first, with a line where another day begins. */
export function bubbles(element, messages) {
  let last = "";
  return [...messages].reverse().flatMap((message) => {
    const date = localDate(message.created_at);
    const begins = date !== last;
    last = date;
    return [begins && h("li", { class: "date" }, dateWords(date)), bubble(element, message)].filter(Boolean);
  });
}

const localDate = (text) =>
  new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(text));

const dateWords = (date) => (date === today() ? t("Today") : dayInFull(date, date.slice(0, 4) !== today().slice(0, 4)));

function bubble(element, message) {
  const out = message.direction === "outbound";
  const failed = FAILED.has(message.status);
  const waits = message.not_before && message.status === "queued";
  const status =
    out &&
    (waits
      ? t("waits until {time}", { time: moment(message.not_before) })
      : (WORDS[message.status]?.() ?? message.status));
  const time = new Intl.DateTimeFormat(language(), { hour: "2-digit", minute: "2-digit" }).format(
    new Date(message.created_at),
  );
  const why = failed && message.error_message ? t(message.error_message) : "";
  return h(
    "li",
    { class: [out ? "out" : "in", failed && "failed"].filter(Boolean).join(" "), "data-id": message.id },
    h("span", { class: "away" }, out ? t("You:") : t("They:")),
    written(message.body, "p", { class: "bubble", part: "bubble" }),
    h(
      "p",
      { class: "meta" },
      dotted(
        channelName(message.channel),
        status && h("span", {}, ticks(message.status), status),
        h("time", { datetime: message.created_at }, time),
        message.media_url && h("a", { href: message.media_url, rel: "noreferrer", target: "_blank" }, t("Picture")),
        message.content_sid && t("from a template"),
      ),
    ),
    why ? h("p", { class: "meta bad" }, why, message.error_code ? ` (${message.error_code})` : "") : null,
    element.may("update") && (failed || waits)
      ? h(
          "p",
          { class: "meta" },
          failed
            ? button(t("Send again"), () => element.again(message), { key: `again-${message.id}` })
            : button(t("Cancel it"), () => element.cancel(message), { key: `cancel-${message.id}` }),
        )
      : null,
  );
}
