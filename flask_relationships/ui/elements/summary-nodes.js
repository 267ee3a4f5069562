// Small parts of a company's summary.

import { formatDistance } from "./dates.js";
import { flat, h, svg, userText } from "./dom.js";
import { channelName } from "./labels.js";
import { formatNumber, t } from "./texts.js";

/** @import { NextEvent, SummaryContact } from "../types/api.js" */
/** @import { Child } from "../types/elements.js" */

/** @param {string} label @param {string} value @param {Child} about @param {boolean} [isBad] */
export function figure(label, value, about, isBad = false) {
  const kind = isBad ? "about bad" : "about ";
  return h("div", {}, h("dt", {}, label), h("dd", {}, value, about && h("span", { class: kind }, about)));
}

/** @param {string} title @param {Child} about */
export function titleAndAbout(title, about) {
  return h(
    "div",
    { class: "grow" },
    userText(title, "div", { class: "title" }),
    h("div", { class: "muted small" }, about),
  );
}

/** @param {SummaryContact} contact */
export function consentBadge({ twilio_opt_in: isOptedIn }) {
  return isOptedIn
    ? h("span", { class: "badge good", part: "badge" }, t("Opted in"))
    : h("span", { class: "badge", part: "badge" }, t("Not opted in"));
}

/** @param {NextEvent} event */
export function eventNodes({ title, days_until: days }) {
  return [userText(title), " ", h("span", { class: "muted small nowrap" }, formatDistance(days))];
}

/** @param {string} label shown before the value in small windows @param {Child} value */
export function cell(label, value) {
  const isEmpty = flat([value]).length === 0;
  const dash = isEmpty && h("span", { class: "muted" }, "–");
  return h("td", { "data-label": label, class: isEmpty ? "nothing" : null }, value, dash);
}

/**
 * @param {string | null} channel null for those without a preference
 * @param {number} count
 * @param {number} share of the most
 */
export function channelBar(channel, count, share) {
  const bar = svg("rect", { width: `${share * 100}%`, height: "100%", rx: "3" });
  return h(
    "li",
    { class: channel ? "" : "none" },
    h("span", { class: "small" }, channel ? channelName(channel) : t("unknown")),
    svg("svg", { class: "bar", "aria-hidden": "true" }, bar),
    h("span", { class: "small number" }, formatNumber(count)),
  );
}
