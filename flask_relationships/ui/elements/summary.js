// <rel-summary company-id="…">: a company at a glance, from one request.

import {
  daysBetween,
  formatDayOfMonth,
  formatDistance,
  formatFullDay,
  formatMoment,
  formatMonth,
  today,
} from "./dates.js";
import { button, h, joinWithDots, userText } from "./dom.js";
import { dueBadge } from "./due-badge.js";
import { RelElement, define } from "./element.js";
import { isUpcoming } from "./event-dates.js";
import { actionName, channelName, contactName, eventName } from "./labels.js";
import { STRIP_DAYS, strip, stripSheet } from "./strip.js";
import { countChannels, figuresOf } from "./summary-figures.js";
import { cell, channelBar, consentBadge, eventNodes, figure, titleAndAbout } from "./summary-nodes.js";
import { summarySheet } from "./summary-styles.js";
import { tableSheet } from "./table-styles.js";
import { formatNumber, n, t } from "./texts.js";

/**
 * @import { Action, LastContact, Message, Partner, SummaryContact, SummaryEvent } from "../types/api.js"
 */
/** @import { ChangeKind, Child } from "../types/elements.js" */
/** @import { UpcomingEvent } from "./event-dates.js" */
/** @import { Summary } from "./summary-figures.js" */

/** @typedef {"contacts" | "events" | "actions" | "channels" | "messages" | "partners"} SectionName */
/** @typedef {SummaryEvent & UpcomingEvent} NearEvent */

/** How many rows of a section are shown until the user opens all. */
const MAX_ROWS = 6;

/** @type {ChangeKind[]} */
const CHANGES = ["profile", "life-events", "actions", "messages", "partners"];

/** @extends {RelElement<Summary>} */
export class RelSummary extends RelElement {
  static sheets = [stripSheet, tableSheet, summarySheet];
  static keyAttribute = "company-id";
  static observedAttributes = [...RelElement.observedAttributes, "without", "contact-url", "currency"];

  /** The sections that are shown whole. @type {Set<SectionName>} */
  #whole = new Set();

  /** @param {AbortSignal} signal */
  onConnect(signal) {
    for (const kind of CHANGES) this.subscribe(kind, () => this.refresh(), signal);
  }

  reset() {
    this.#whole.clear();
  }

  /** @returns {Promise<Summary>} */
  load() {
    return this.client.get(`/clients/${encodeURIComponent(this.companyId)}/relationship-summary`);
  }

  renderHeading() {
    return t("Summary");
  }

  get now() {
    return today(this.timeZone);
  }

  /** @param {Summary} summary */
  renderBody(summary) {
    const near = nearEvents(summary.events);
    const nameOf = (/** @type {NearEvent} */ event) => `${contactName(event)}: ${event.title}`;
    const isRightToLeft = this.matches(":dir(rtl)");
    return [
      this.#figures(summary, near.length),
      strip(near, this.now, { isRightToLeft, nameOf }),
      this.#has("contacts") && this.#contacts(summary.contacts),
      h(
        "div",
        { class: "sections" },
        this.#column([this.#has("events") && this.#events(near), this.#has("messages") && this.#messages(summary)]),
        this.#column([
          this.#has("actions") && this.#actions(summary.actions),
          this.#has("channels") && this.#channels(summary.contacts),
          this.#has("partners") && this.#partners(summary.partners),
        ]),
      ),
    ];
  }

  /** @param {SectionName} section */
  #has(section) {
    return !(this.getAttribute("without") ?? "").split(/\s+/).includes(section);
  }

  /** @param {Child} sections */
  #column(sections) {
    return h("div", { class: "column" }, sections);
  }

  /** @param {Summary} summary @param {number} near how many life events are near */
  #figures(summary, near) {
    const { optedIn, overdue, lastContact, deals } = figuresOf(summary, this.now);
    const { contacts, actions, partners } = summary;
    const overdueText = overdue ? t("{count} overdue", { count: formatNumber(overdue) }) : t("none overdue");
    return h(
      "dl",
      { class: "figures" },
      figure(
        t("Contacts"),
        formatNumber(contacts.length),
        t("{count} agreed to messages", { count: formatNumber(optedIn) }),
      ),
      figure(t("Open follow-ups"), formatNumber(actions.length), overdueText, overdue > 0),
      figure(t("Life events"), formatNumber(near), t("in {days} days", { days: STRIP_DAYS })),
      lastContact
        ? figure(
            t("Last contact"),
            this.#distance(lastContact),
            h("time", { datetime: lastContact }, formatMoment(lastContact, { time: false })),
          )
        : figure(t("Last contact"), "–", t("not yet")),
      partners.length > 0 && figure(t("Partners"), formatNumber(partners.length), deals > 0 && this.#money(deals)),
    );
  }

  /** Format how long ago a moment was. @param {string} moment */
  #distance(moment) {
    return formatDistance(Math.min(0, daysBetween(this.now, moment.slice(0, 10))));
  }

  /** @param {number} amount */
  #money(amount) {
    const currency = this.getAttribute("currency");
    return formatNumber(amount, { maximumFractionDigits: 0, ...(currency ? { style: "currency", currency } : {}) });
  }

  /**
   * @template Row
   * @param {SectionName} name
   * @param {string} heading
   * @param {Row[]} rows
   * @param {(row: Row) => Child} render
   * @param {string} emptyText
   */
  #section(name, heading, rows, render, emptyText) {
    const shown = this.#shown(name, rows);
    const id = `heading-${name}`;
    const count = rows.length > 0 && h("span", { class: "count" }, formatNumber(rows.length));
    return h(
      "div",
      { class: name },
      h("h3", { class: "group", id }, heading, " ", count),
      rows.length > 0
        ? h("ul", { class: "rows", "aria-labelledby": id }, shown.map(render))
        : h("p", { class: "empty" }, emptyText),
      this.#showAllButton(name, heading, rows.length - shown.length),
    );
  }

  /**
   * @template Row
   * @param {SectionName} name
   * @param {Row[]} rows
   */
  #shown(name, rows) {
    return this.#whole.has(name) ? rows : rows.slice(0, MAX_ROWS);
  }

  /** @param {SectionName} name @param {string} about @param {number} count how many rows are not shown */
  #showAllButton(name, about, count) {
    if (count <= 0) return null;
    const showAll = () => {
      this.#whole.add(name);
      this.requestRender();
    };
    const label = n("Show {count} more", "Show {count} more", count);
    return button(label, showAll, { key: `all-${name}`, kind: "quiet", about });
  }

  /**
   * Return the name of a contact, which leads to its page where the tag has an address for it.
   * @param {string | null} id
   * @param {string | undefined} name
   */
  #link(id, name) {
    const url = id && this.contactUrl(id);
    const text = name || t("a contact");
    return url ? h("a", { href: url }, h("bdi", {}, text)) : userText(text);
  }

  /** @param {SummaryContact[]} contacts */
  #contacts(contacts) {
    if (!contacts.length) return this.renderEmpty(t("No contacts yet."));
    const shown = this.#shown("contacts", contacts);
    const labels = [t("Contact"), t("Preferred channel"), t("Messages"), t("Next life event"), t("Last contact")];
    const headings = labels.map((label) => h("th", { scope: "col" }, label));
    const rows = shown.map((contact) => this.#contact(contact, labels));
    const table = h(
      "table",
      {},
      h("caption", { class: "away" }, t("Contacts")),
      h("thead", {}, h("tr", {}, headings)),
      h("tbody", {}, rows),
    );
    const rest = this.#showAllButton("contacts", t("Contacts"), contacts.length - shown.length);
    return h("div", { class: "contacts" }, table, rest);
  }

  /** @param {SummaryContact} contact @param {string[]} labels of the columns */
  #contact(contact, labels) {
    const { preferred_name: called, first_name: first, communication_preference: channel } = contact;
    const values = [
      channel && channelName(channel),
      consentBadge(contact),
      contact.next_event && eventNodes(contact.next_event),
      contact.last_contact && this.#touchNodes(contact.last_contact),
    ];
    return h(
      "tr",
      { part: "row" },
      h(
        "th",
        { scope: "row" },
        this.#link(contact.id, contactName(contact)),
        called && called !== first && [" ", h("span", { class: "muted small" }, "(", h("bdi", {}, called), ")")],
      ),
      values.map((value, place) => cell(labels[place + 1] ?? "", value)),
    );
  }

  /** @param {LastContact} touch */
  #touchNodes({ channel, at }) {
    const time = h("time", { class: "muted small nowrap", datetime: at }, this.#distance(at));
    return [channelName(channel), " ", time];
  }

  /** @param {NearEvent[]} events */
  #events(events) {
    const heading = t("Next {days} days", { days: STRIP_DAYS });
    const emptyText = t("No life events in the next {days} days.", { days: STRIP_DAYS });
    return this.#section("events", heading, events, (event) => this.#event(event), emptyText);
  }

  /** @param {NearEvent} event */
  #event(event) {
    const { title, next_occurrence: date } = event;
    const kind = eventName(event.event_type);
    const contact = this.#link(event.contact_id, contactName(event));
    const about = joinWithDots(contact, kind.toLowerCase() !== title.toLowerCase() && kind);
    return h(
      "li",
      { part: "row" },
      h(
        "time",
        { class: "tile", datetime: date, title: formatFullDay(date) },
        h("span", { class: "month" }, formatMonth(date)),
        h("span", { class: "day" }, formatDayOfMonth(date)),
      ),
      titleAndAbout(title, about),
      h("span", { class: "muted small nowrap" }, formatDistance(event.days_until)),
    );
  }

  /** @param {Action[]} actions */
  #actions(actions) {
    const render = (/** @type {Action} */ action) => this.#action(action);
    return this.#section("actions", t("Open follow-ups"), actions, render, t("No open follow-ups."));
  }

  /** @param {Action} action */
  #action(action) {
    const about = joinWithDots(
      this.#link(action.contact_id, contactName(action)),
      actionName(action.action_type),
      action.assigned_to_name && userText(action.assigned_to_name),
    );
    return h("li", { part: "row" }, titleAndAbout(action.title, about), dueBadge(action.due_date, this.timeZone));
  }

  /** @param {Summary} summary */
  #messages({ messages, contacts }) {
    const names = new Map(contacts.map((contact) => [contact.id, contactName(contact)]));
    const render = (/** @type {Message} */ message) => this.#message(message, names.get(message.contact_id ?? ""));
    return this.#section("messages", t("Recent messages"), messages, render, t("No messages yet."));
  }

  /** @param {Message} message @param {string | undefined} name of the contact */
  #message(message, name) {
    const { created_at: at, status } = message;
    const isFailed = status === "failed" || status === "undelivered";
    const direction = message.direction === "inbound" ? t("from") : t("to");
    const about = joinWithDots(
      h("span", {}, direction, " ", this.#link(message.contact_id, name)),
      channelName(message.channel),
      h("time", { datetime: at }, formatMoment(at)),
    );
    return h(
      "li",
      { part: "row" },
      h(
        "div",
        { class: "grow" },
        userText(message.body, "div", { class: "said" }),
        h("div", { class: "muted small" }, about),
      ),
      isFailed && h("span", { class: "badge bad", part: "badge" }, t("not sent")),
    );
  }

  /** @param {Partner[]} partners */
  #partners(partners) {
    const render = (/** @type {Partner} */ partner) => this.#partner(partner);
    return this.#section("partners", t("Partners"), partners, render, t("No partners yet."));
  }

  /** @param {Partner} partner */
  #partner({ partner_company_name: company, relationship_type: kind, partner_contact_name: name, ...partner }) {
    const deal = partner.estimated_deal_size;
    const about = joinWithDots(kind && userText(kind), name && userText(name));
    return h(
      "li",
      { part: "row" },
      titleAndAbout(company, about),
      deal !== null && h("span", { class: "nowrap small" }, this.#money(deal)),
    );
  }

  /**
   * Return which channels the contacts prefer, as bars with their counts as text beside them.
   * @param {SummaryContact[]} contacts
   */
  #channels(contacts) {
    const counts = countChannels(contacts);
    const most = Math.max(...counts.map(([, count]) => count));
    const rows = counts.map(([channel, count]) => channelBar(channel, count, count / most));
    const id = "heading-channels";
    return h(
      "div",
      { class: "channels" },
      h("h3", { class: "group", id }, t("Preferred channels")),
      rows.length > 0
        ? h("ul", { class: "bars", "aria-labelledby": id }, rows)
        : h("p", { class: "empty" }, t("No contacts yet.")),
    );
  }
}

/** @param {SummaryEvent[]} events @returns {NearEvent[]} */
function nearEvents(events) {
  return events.flatMap((event) => (isUpcoming(event) && event.days_until <= STRIP_DAYS ? [event] : []));
}

define("rel-summary", RelSummary);
