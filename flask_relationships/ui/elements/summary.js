// <rel-summary company-id="…">: a company at a glance, from one request.

import { away, day, dayInFull, dayOfMonth, daysBetween, moment, month, today } from "./dates.js";
import { button, dotted, h, svg, written } from "./dom.js";
import { due } from "./due.js";
import { RelElement, define } from "./element.js";
import { DAYS, strip, stripSheet } from "./strip.js";
import { summarySheet } from "./summary-look.js";
import { tableSheet } from "./table-look.js";
import { n, number, t } from "./texts.js";
import { actionName, channelName, eventName, nameOf } from "./words.js";

/** How many rows of a section are shown until all are asked for. */
const SHOWN = 6;

export class RelSummary extends RelElement {
  static sheets = [stripSheet, tableSheet, summarySheet];
  static whose = "company-id";
  static observedAttributes = [...RelElement.observedAttributes, "without", "contact-url", "currency"];

  /** The sections that are shown whole. @type {Set<string>} */
  whole = new Set();

  connected(signal) {
    for (const kind of ["profile", "life-events", "actions", "messages", "partners"])
      this.hear(kind, () => this.refresh(), signal);
  }

  reset() {
    this.whole.clear();
  }

  load() {
    return this.client.get(
      `/clients/${encodeURIComponent(this.getAttribute("company-id") ?? "")}/relationship-summary`,
    );
  }

  words() {
    return t("At a glance");
  }

  get now() {
    return today(this.getAttribute("time-zone"));
  }

  draw() {
    const { contacts, events, actions, messages, partners } = this.data;
    this.names = new Map(contacts.map((contact) => [contact.id, nameOf(contact)]));
    const near = events.filter((event) => event.days_until !== null && event.days_until <= DAYS);
    const sections = {
      events: () =>
        this.#section(
          "events",
          t("Next {days} days", { days: DAYS }),
          near,
          (event) => this.#event(event),
          t("No life events in the next {days} days.", { days: DAYS }),
        ),
      actions: () =>
        this.#section(
          "actions",
          t("Open follow-ups"),
          actions,
          (action) => this.#action(action),
          t("Nothing is open."),
        ),
      channels: () => this.#channels(contacts),
      partners: () =>
        this.#section("partners", t("Partners"), partners, (partner) => this.#partner(partner), t("No partners yet.")),
      messages: () =>
        this.#section(
          "messages",
          t("Recent messages"),
          messages,
          (message) => this.#message(message),
          t("No messages yet."),
        ),
    };
    const without = (this.getAttribute("without") ?? "").split(/\s+/);
    const column = (...names) =>
      h(
        "div",
        { class: "column" },
        names.filter((name) => !without.includes(name)).map((name) => sections[name]()),
      );
    return [
      this.#figures(near),
      strip(near, this.now, this.matches(":dir(rtl)"), (event) => `${nameOf(event)}: ${event.title}`),
      without.includes("contacts") ? null : this.#contacts(contacts),
      h("div", { class: "sections" }, column("events", "messages"), column("actions", "channels", "partners")),
    ];
  }

  #figures(near) {
    const { contacts, actions, partners } = this.data;
    const agreed = contacts.filter((contact) => contact.twilio_opt_in).length;
    const late = actions.filter((action) => action.due_date && action.due_date < this.now).length;
    const last = contacts
      .map((contact) => contact.last_contact?.at)
      .filter(Boolean)
      .sort()
      .at(-1);
    const deals = partners.reduce((sum, partner) => sum + (partner.estimated_deal_size ?? 0), 0);
    const figure = (words, value, about, tone = "") =>
      h("div", {}, h("dt", {}, words), h("dd", {}, value, about && h("span", { class: `about ${tone}` }, about)));
    return h(
      "dl",
      { class: "figures" },
      figure(t("Contacts"), number(contacts.length), t("{count} agreed to messages", { count: number(agreed) })),
      figure(
        t("Open follow-ups"),
        number(actions.length),
        late ? t("{count} overdue", { count: number(late) }) : t("none overdue"),
        late ? "bad" : "",
      ),
      figure(t("Life events"), number(near.length), t("in {days} days", { days: DAYS })),
      figure(
        t("Last contact"),
        last ? this.#ago(last) : "–",
        last ? h("time", { datetime: last }, moment(last, { time: false })) : t("not yet"),
      ),
      partners.length > 0 && figure(t("Partners"), number(partners.length), deals > 0 && this.#money(deals)),
    );
  }

  #ago(at) {
    return away(Math.min(0, daysBetween(this.now, at.slice(0, 10))));
  }

  #money(amount) {
    const currency = this.getAttribute("currency");
    return number(amount, { maximumFractionDigits: 0, ...(currency ? { style: "currency", currency } : {}) });
  }

  #section(name, words, all, row, nothing) {
    const shown = this.whole.has(name) ? all : all.slice(0, SHOWN);
    return h(
      "div",
      { class: name },
      h(
        "h3",
        { class: "group", id: `heading-${name}` },
        words,
        " ",
        all.length > 0 && h("span", { class: "count" }, number(all.length)),
      ),
      all.length
        ? h("ul", { class: "rows", "aria-labelledby": `heading-${name}` }, shown.map(row))
        : h("p", { class: "empty" }, nothing),
      this.#rest(name, words, all.length - shown.length),
    );
  }

  #rest(name, about, count) {
    return (
      count > 0 &&
      button(
        n("Show {count} more", "Show {count} more", count),
        () => {
          this.whole.add(name);
          this.paint();
        },
        { key: `all-${name}`, kind: "quiet", about },
      )
    );
  }

  #link(id, name) {
    const address = this.contactAddress(id);
    const words = name || t("a contact");
    return address ? h("a", { href: address }, h("bdi", {}, words)) : written(words);
  }

  #contacts(contacts) {
    if (!contacts.length) return this.empty(t("No contacts yet."));
    const shown = this.whole.has("contacts") ? contacts : contacts.slice(0, SHOWN);
    const columns = [t("Contact"), t("Prefers"), t("Messages"), t("Next life event"), t("Last contact")];
    return h(
      "div",
      { class: "contacts" },
      h(
        "table",
        {},
        h("caption", { class: "away" }, t("Contacts")),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            columns.map((words) => h("th", { scope: "col" }, words)),
          ),
        ),
        h(
          "tbody",
          {},
          shown.map((contact) => this.#contact(contact, columns)),
        ),
      ),
      this.#rest("contacts", t("Contacts"), contacts.length - shown.length),
    );
  }

  #contact(contact, [, prefers, messages, next, last]) {
    const { next_event: event, last_contact: touch } = contact;
    const cell = (words, ...children) =>
      h(
        "td",
        { "data-label": words, class: children.some(Boolean) ? null : "nothing" },
        children.some(Boolean) ? children : h("span", { class: "muted" }, "–"),
      );
    return h(
      "tr",
      { part: "row" },
      h(
        "th",
        { scope: "row" },
        this.#link(contact.id, nameOf(contact)),
        contact.preferred_name &&
          contact.preferred_name !== contact.first_name && [
            " ",
            h("span", { class: "muted small" }, "(", h("bdi", {}, contact.preferred_name), ")"),
          ],
      ),
      cell(prefers, contact.communication_preference && channelName(contact.communication_preference)),
      cell(
        messages,
        contact.twilio_opt_in
          ? h("span", { class: "badge good", part: "badge" }, t("Opted in"))
          : h("span", { class: "badge", part: "badge" }, t("Not opted in")),
      ),
      cell(
        next,
        event && [written(event.title), " ", h("span", { class: "muted small nowrap" }, away(event.days_until))],
      ),
      cell(
        last,
        touch && [
          channelName(touch.channel),
          " ",
          h("time", { class: "muted small nowrap", datetime: touch.at }, this.#ago(touch.at)),
        ],
      ),
    );
  }

  #event(event) {
    const kind = eventName(event.event_type);
    return h(
      "li",
      { part: "row" },
      h(
        "time",
        { class: "tile", datetime: event.next_occurrence, title: dayInFull(event.next_occurrence) },
        h("span", { class: "month" }, month(event.next_occurrence)),
        h("span", { class: "day" }, dayOfMonth(event.next_occurrence)),
      ),
      h(
        "div",
        { class: "grow" },
        written(event.title, "div", { class: "title" }),
        h(
          "div",
          { class: "muted small" },
          dotted(this.#link(event.contact_id, nameOf(event)), kind.toLowerCase() !== event.title.toLowerCase() && kind),
        ),
      ),
      h("span", { class: "muted small nowrap" }, away(event.days_until)),
    );
  }

  #action(action) {
    return h(
      "li",
      { part: "row" },
      h(
        "div",
        { class: "grow" },
        written(action.title, "div", { class: "title" }),
        h(
          "div",
          { class: "muted small" },
          dotted(
            this.#link(action.contact_id, nameOf(action)),
            actionName(action.action_type),
            action.assigned_to_name && written(action.assigned_to_name),
          ),
        ),
      ),
      due(action.due_date, this.getAttribute("time-zone")),
    );
  }

  #message(message) {
    const name = this.names.get(message.contact_id);
    const failed = message.status === "failed" || message.status === "undelivered";
    const who = message.direction === "inbound" ? t("from") : t("to");
    return h(
      "li",
      { part: "row" },
      h(
        "div",
        { class: "grow" },
        written(message.body, "div", { class: "said" }),
        h(
          "div",
          { class: "muted small" },
          dotted(
            h("span", {}, who, " ", this.#link(message.contact_id, name)),
            channelName(message.channel),
            h("time", { datetime: message.created_at }, moment(message.created_at)),
          ),
        ),
      ),
      failed && h("span", { class: "badge bad", part: "badge" }, t("not sent")),
    );
  }

  #partner(partner) {
    return h(
      "li",
      { part: "row" },
      h(
        "div",
        { class: "grow" },
        written(partner.partner_company_name, "div", { class: "title" }),
        h(
          "div",
          { class: "muted small" },
          dotted(
            partner.relationship_type && written(partner.relationship_type),
            partner.partner_contact_name && written(partner.partner_contact_name),
          ),
        ),
      ),
      partner.estimated_deal_size !== null &&
        h("span", { class: "nowrap small" }, this.#money(partner.estimated_deal_size)),
    );
  }

  /** How the contacts like to be spoken to: bars, whose counts are text beside them. */
  #channels(contacts) {
    const counts = new Map();
    for (const { communication_preference: channel } of contacts) counts.set(channel, (counts.get(channel) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const rows = [...counts].sort(([a, one], [b, other]) => (a === null) - (b === null) || other - one);
    return h(
      "div",
      { class: "channels" },
      h("h3", { class: "group", id: "heading-channels" }, t("How they like to be reached")),
      rows.length
        ? h(
            "ul",
            { class: "bars", "aria-labelledby": "heading-channels" },
            rows.map(([channel, count]) =>
              h(
                "li",
                { class: channel ? "" : "none" },
                h("span", { class: "small" }, channel ? channelName(channel) : t("not known")),
                svg(
                  "svg",
                  { class: "bar", "aria-hidden": "true" },
                  svg("rect", { width: `${(count / most) * 100}%`, height: "100%", rx: "3" }),
                ),
                h("span", { class: "small number" }, number(count)),
              ),
            ),
          )
        : h("p", { class: "empty" }, t("No contacts yet.")),
    );
  }
}

define("rel-summary", RelSummary);
