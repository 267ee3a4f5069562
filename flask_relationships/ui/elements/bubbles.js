// The messages of a thread: who wrote, by which channel, how far a message got, and why it got no further.

import { formatFullDay, formatMoment, today } from "./dates.js";
import { button, h, joinWithDots, svg, userText } from "./dom.js";
import { channelName } from "./labels.js";
import { currentLocale, t } from "./texts.js";
import { css } from "./theme.js";

/** @import { Message } from "../types/api.js" */
/** @import { RelThread } from "./thread.js" */

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

/** @type {Record<string, () => string>} */
const STATUSES = {
  sending: () => t("being sent"),
  unconfirmed: () => t("possibly sent: ask the recipient before you send it again"),
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

/** Return whether the provider may report more about a message. @param {Message} message */
export const isPending = (message) =>
  message.direction === "outbound" && !FINAL.has(message.status) && !message.not_before;

/** Paths of the drawings beside a status. @type {Record<string, string[]>} */
const DRAWINGS = {
  sent: ["M5 5l3 3 6-6"],
  delivered: ["M2 5l3 3 6-6", "M8 8l6-6"],
  read: ["M2 5l3 3 6-6", "M8 8l6-6"],
  failed: ["M5 2l6 6", "M11 2l-6 6"],
  undelivered: ["M5 2l6 6", "M11 2l-6 6"],
};

/** @param {string} status */
function drawingOf(status) {
  const lines = DRAWINGS[status];
  if (!lines) return null;
  const paths = lines.map((d) => svg("path", { d }));
  return svg("svg", { class: `ticks ${status}`, viewBox: "0 0 16 10", "aria-hidden": "true" }, paths);
}

/**
 * Return the items of a thread, oldest first, with a line where another day begins.
 * @param {RelThread} element
 * @param {Message[]} messages
 */
export function bubbles(element, messages) {
  let last = "";
  return [...messages].reverse().flatMap((message) => {
    const date = localDate(message.created_at);
    const isNewDay = date !== last;
    last = date;
    return [isNewDay && h("li", { class: "date" }, formatDate(date)), bubble(element, message)];
  });
}

/** Return the civil date of a moment in the reader's time zone. @param {string} moment */
const localDate = (moment) => today(null, new Date(moment));

/** @param {string} date */
function formatDate(date) {
  const now = today();
  return date === now ? t("Today") : formatFullDay(date, date.slice(0, 4) !== now.slice(0, 4));
}

/** @param {RelThread} element @param {Message} message */
function bubble(element, message) {
  const isOutbound = message.direction === "outbound";
  const isFailed = FAILED.has(message.status);
  const text = isFailed && message.error_message ? t(message.error_message) : "";
  const code = message.error_code ? ` (${message.error_code})` : "";
  return h(
    "li",
    { class: `${isOutbound ? "out" : "in"}${isFailed ? " failed" : ""}`, "data-id": message.id },
    h("span", { class: "away" }, isOutbound ? t("You:") : t("They:")),
    userText(message.body, "p", { class: "bubble", part: "bubble" }),
    h("p", { class: "meta" }, metaLine(message)),
    text && h("p", { class: "meta bad" }, text, code),
    element.can("update") && repairButton(element, message),
  );
}

/**
 * Return when a message leaves that waits for the end of the quiet hours; null for any other.
 * @param {Message} message
 */
const leavesAt = (message) => (message.status === "queued" ? message.not_before : null);

/** @param {Message} message */
function metaLine(message) {
  const { created_at: at, media_url: picture } = message;
  const time = new Intl.DateTimeFormat(currentLocale(), { hour: "2-digit", minute: "2-digit" }).format(new Date(at));
  return joinWithDots(
    channelName(message.channel),
    message.direction === "outbound" && h("span", {}, drawingOf(message.status), statusText(message)),
    h("time", { datetime: at }, time),
    picture && h("a", { href: picture, rel: "noreferrer", target: "_blank" }, t("Picture")),
    message.content_sid && t("from a template"),
  );
}

/** @param {Message} message */
function statusText(message) {
  const waitsUntil = leavesAt(message);
  if (waitsUntil) return t("waits until {time}", { time: formatMoment(waitsUntil) });
  return STATUSES[message.status]?.() ?? message.status;
}

/**
 * Return the button that sends a failed message again, or cancels one that waits.
 * @param {RelThread} element
 * @param {Message} message
 */
function repairButton(element, message) {
  const { id, status } = message;
  if (FAILED.has(status)) {
    return h(
      "p",
      { class: "meta" },
      button(t("Send again"), () => element.sendAgain(message), { key: `again-${id}` }),
    );
  }
  if (!leavesAt(message)) return null;
  return h(
    "p",
    { class: "meta" },
    button(t("Cancel it"), () => element.cancel(message), { key: `cancel-${id}` }),
  );
}
