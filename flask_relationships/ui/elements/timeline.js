// <rel-timeline contact-id="…">: the life events of a contact, what comes in the next ninety days, and editing them.

import { Problem } from "./client.js";
import {
  daysBetween,
  formatDay,
  formatDayOfMonth,
  formatDistance,
  formatFullDay,
  formatMonth,
  today,
} from "./dates.js";
import { button, disclosure, h, joinWithDots, userText } from "./dom.js";
import { RelElement, define } from "./element.js";
import { followUpDate, groupEvents, yearsAtNextOccurrence } from "./event-dates.js";
import { focusFirstField, form, hasDraft } from "./form.js";
import { eventName, eventTypeOf, eventTypeOptions } from "./labels.js";
import { explain, logFault } from "./problems.js";
import { strip, stripSheet } from "./strip.js";
import { n, t } from "./texts.js";
import { css } from "./theme.js";

/** @import { LifeEvent } from "../types/api.js" */
/** @import { Field } from "./form.js" */
/** @import { Values } from "./form-values.js" */

const timelineSheet = css`
  .tile.near {
    border-color: var(--accent);
  }
  .tile.near .month {
    background: var(--wash);
    color: var(--accent);
  }
  .end {
    display: flex;
    flex-direction: column;
    align-items: flex-end;
    gap: 0.1rem;
  }
  .end button {
    margin-inline-end: -0.5rem;
  }
  .recurs {
    color: var(--muted);
  }
  li.form {
    display: block !important;
    padding: 0 !important;
  }
`;

/** An event that is at most so many days ahead stands out. */
const NEAR_DAYS = 14;
/** How many upcoming events are shown until the user opens all. */
const MAX_UPCOMING = 6;
const DEFAULT_LEAD_DAYS = 7;

/** @typedef {{ events: LifeEvent[] }} TimelineData */

/** @extends {RelElement<TimelineData>} */
export class RelTimeline extends RelElement {
  static sheets = [stripSheet, timelineSheet];

  /**
   * The open form, and the id of its event; null for a new one.
   * @type {{ id: string | null, node: HTMLFormElement } | null}
   */
  #editing = null;
  #showsAll = false;
  #pastOpen = false;

  /** @param {AbortSignal} signal */
  onConnect(signal) {
    this.subscribe("life-events", () => this.refresh(), signal);
    this.subscribe("actions", () => this.refresh(), signal);
  }

  reset() {
    this.#editing = null;
    this.#showsAll = this.#pastOpen = false;
  }

  async load() {
    /** @type {TimelineData} */
    const { events } = await this.client.get(`${this.contactPath}/life-events`);
    if (this.can("update") && !this.#editing && hasDraft(this, "new")) {
      this.#editing = { id: null, node: this.#form(null) };
    }
    return { events };
  }

  renderHeading() {
    return t("Life events");
  }

  renderControls() {
    const isOffered = this.can("update") && this.#editing?.id !== null;
    return isOffered && button(t("Add event"), () => this.#open(null), { key: "add" });
  }

  get now() {
    return today(this.timeZone);
  }

  /** @param {TimelineData} data */
  renderBody({ events }) {
    const { upcoming, undated, past } = groupEvents(events);
    return [
      this.#editing?.id === null && this.#editing.node,
      strip(upcoming, this.now, { isRightToLeft: this.matches(":dir(rtl)") }),
      !events.length && this.renderEmpty(this.#emptyText()),
      this.#group(t("Upcoming"), this.#showsAll ? upcoming : upcoming.slice(0, MAX_UPCOMING)),
      this.#showAllButton(upcoming.length - MAX_UPCOMING),
      this.#group(t("Without a date"), undated),
      past.length > 0 && this.#past(past),
    ];
  }

  #emptyText() {
    return this.can("update")
      ? t("No life events yet. Add a birthday, a promotion or an anniversary: its follow-up is created in time.")
      : t("No life events yet.");
  }

  /** @param {string} heading @param {LifeEvent[]} events */
  #group(heading, events) {
    if (!events.length) return null;
    const rows = events.map((event) => this.#row(event));
    return [h("h3", { class: "group" }, heading), h("ul", { class: "rows" }, rows)];
  }

  /** @param {number} hidden how many events are not shown */
  #showAllButton(hidden) {
    if (this.#showsAll || hidden <= 0) return null;
    const showAll = () => {
      this.#showsAll = true;
      this.requestRender();
    };
    return button(n("Show {count} more", "Show {count} more", hidden), showAll, { key: "all", kind: "quiet" });
  }

  /** @param {LifeEvent[]} events */
  #past(events) {
    const open = this.#pastOpen || events.some((event) => event.id === this.#editing?.id);
    const onToggle = (/** @type {boolean} */ isOpen) => {
      this.#pastOpen = isOpen;
    };
    const label = [t("Past"), " ", h("span", { class: "count" }, events.length)];
    const rows = events.map((event) => this.#row(event, true));
    return disclosure(label, { open, onToggle, key: "past" }, h("ul", { class: "rows" }, rows));
  }

  /** @param {LifeEvent} event @param {boolean} [isPast] */
  #row(event, isPast = false) {
    if (this.#editing?.id === event.id) return h("li", { class: "form" }, this.#editing.node);
    const { id, title } = event;
    const date = event.next_occurrence ?? event.event_date;
    const about = joinWithDots(this.#about(event));
    const draftAction = () => this.publish("draft-action", { title });
    return h(
      "li",
      { part: "row" },
      date && this.#tile(event, date),
      h(
        "div",
        { class: "grow" },
        userText(title, "div", { class: "title" }),
        about.length > 0 && h("div", { class: "muted small" }, about),
        event.description && userText(event.description, "div", { class: "muted small" }),
        isPast &&
          this.can("update") &&
          button(t("Add follow-up"), draftAction, {
            kind: "quiet",
            about: t("to {title}", { title }),
            key: `follow-${id}`,
          }),
      ),
      h(
        "div",
        { class: "end" },
        date && this.#distance(event, date),
        this.can("update") &&
          button(t("Edit"), () => this.#open(event), { key: `edit-${id}`, kind: "quiet", about: title }),
      ),
    );
  }

  /** @param {LifeEvent} event @param {string} date */
  #tile({ days_until: days }, date) {
    return h(
      "time",
      { class: days !== null && days <= NEAR_DAYS ? "tile near" : "tile", datetime: date },
      h("span", { class: "month" }, formatMonth(date)),
      h("span", { class: "day" }, formatDayOfMonth(date)),
    );
  }

  /** @param {LifeEvent} event @param {string} date */
  #distance(event, date) {
    const days = event.days_until ?? daysBetween(this.now, date);
    return h("span", { class: "muted small nowrap", title: formatFullDay(date) }, formatDistance(days));
  }

  /** @param {LifeEvent} event */
  #about(event) {
    const kind = eventName(event.event_type);
    return [
      kind.toLowerCase() !== event.title.toLowerCase() && userText(kind),
      yearsText(event),
      event.recurs_annually && h("span", { class: "recurs" }, t("every year")),
      event.open_action_id && followUpText(event.auto_action_days_before),
    ];
  }

  /** @param {LifeEvent | null} event null for a new one */
  #open(event) {
    this.#editing = { id: event?.id ?? null, node: this.#form(event) };
    this.requestRender();
    focusFirstField(this.#editing.node);
  }

  /** @param {string} key */
  #close(key) {
    this.#editing = null;
    this.requestRender();
    this.focusOn(key);
  }

  /** @param {LifeEvent | null} event */
  #form(event) {
    if (event) {
      return form(this, {
        draft: event.id,
        label: t("Save"),
        name: event.title,
        fields: fields(true),
        values: { ...event, event_type: eventName(event.event_type) },
        save: (values) => this.#saveChanges(event, values),
        close: () => this.#close(`edit-${event.id}`),
        more: this.can("manage") ? this.#deletion(event) : null,
      });
    }
    const node = form(this, {
      draft: "new",
      whole: true,
      label: t("Add"),
      name: t("New life event"),
      fields: fields(false),
      values: {
        recurs_annually: false,
        auto_action_enabled: true,
        auto_action_days_before: DEFAULT_LEAD_DAYS,
      },
      save: (values) => this.#add(values),
      close: () => this.#close("add"),
    });
    this.#untickForPastDates(node);
    return node;
  }

  /** An event that is over needs no follow-up, unless the user ticks the box. @param {HTMLFormElement} node */
  #untickForPastDates(node) {
    const input = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (node.elements.namedItem(name));
    const [date, isAnnual, wantsAction] = [input("event_date"), input("recurs_annually"), input("auto_action_enabled")];
    let isTouched = false;
    wantsAction.addEventListener("input", () => {
      isTouched = true;
    });
    const update = () => {
      if (!isTouched) wantsAction.checked = isAnnual.checked || !date.value || date.value >= this.now;
    };
    // Before the form reads its values.
    node.addEventListener("input", update, { capture: true });
  }

  /** Return the button that deletes an event, in whose place the question stands. @param {LifeEvent} event */
  #deletion(event) {
    const place = h("div", { class: "wide" });
    const ask = () => {
      const confirm = button(t("Delete"), () => this.#remove(event), { kind: "danger" });
      const question = event.open_action_id
        ? t("Delete this event? Its open follow-up is dismissed too.")
        : t("Delete this event?");
      const keep = button(t("Keep it"), showButton, { kind: "quiet" });
      place.replaceChildren(h("p", { class: "notice warn", role: "alert" }, question, confirm, keep));
      confirm.focus();
    };
    const showButton = () => {
      const start = button(t("Delete…"), ask, { kind: "quiet", about: event.title });
      const hadFocus = place.contains(this.root.activeElement);
      place.replaceChildren(start);
      if (hadFocus) start.focus();
    };
    showButton();
    return place;
  }

  /** @param {LifeEvent} event @param {Values} values */
  async #saveChanges(event, values) {
    if (!Object.keys(values).length) return;
    await this.#patch(event.id, typedValues(values));
  }

  /** @param {string} id @param {object} values */
  async #patch(id, values) {
    await this.client.patch(`${this.contactPath}/life-events/${id}`, values);
    await this.#refreshAndPublish();
  }

  /** @param {Values} values */
  async #add(values) {
    const typed = typedValues(values);
    typed.title ??= eventName(String(typed.event_type));
    /** @type {{ event: LifeEvent }} */
    const { event } = await this.client.post(`${this.contactPath}/life-events`, typed);
    await this.#refreshAndPublish();
    if (!event.open_action_id) return;
    const due = followUpDate(event, this.now);
    const text = due
      ? t("Added. Its follow-up is due on {date}.", { date: formatDay(due) })
      : t("Added, with a follow-up.");
    const undo = () => this.attempt(() => this.#patch(event.id, { auto_action_enabled: false }));
    this.notify(text, { label: t("No follow-up"), undo });
  }

  /** @param {LifeEvent} event */
  async #remove(event) {
    try {
      await this.client.delete(`${this.contactPath}/life-events/${event.id}`);
    } catch (error) {
      const isGone = error instanceof Problem && error.kind === "missing";
      if (!isGone) {
        logFault(error);
        this.notify(explain(error));
        return;
      }
    }
    this.#editing = null;
    await this.#refreshAndPublish();
    this.focusHeading();
    this.notify(t("“{title}” is deleted.", { title: event.title }));
  }

  async #refreshAndPublish() {
    await this.refresh();
    this.publish("life-events");
    this.publish("actions");
  }
}

/** @param {boolean} isEdited whether the event is there already @returns {Field[]} */
const fields = (isEdited) => [
  {
    name: "event_type",
    label: t("Type"),
    required: true,
    suggestions: eventTypeOptions().map(([, label]) => label),
    hint: t("Choose one, or write your own"),
  },
  { name: "event_date", label: t("Date (optional)"), kind: "date" },
  { name: "title", label: t("Title"), required: isEdited, hint: isEdited ? "" : t("Empty: the type") },
  { name: "auto_action_days_before", label: t("Follow-up, days before"), kind: "number" },
  { name: "recurs_annually", label: t("Every year"), kind: "checkbox" },
  { name: "auto_action_enabled", label: t("Create a follow-up"), kind: "checkbox" },
  { name: "description", label: t("Notes (optional)"), kind: "textarea", wide: true },
];

/** Return the values of the form with the API's name of the type. @param {Values} values @returns {Values} */
function typedValues(values) {
  const { event_type: type } = values;
  return typeof type === "string" ? { ...values, event_type: eventTypeOf(type) } : { ...values };
}

/** @param {LifeEvent} event */
function yearsText(event) {
  const years = yearsAtNextOccurrence(event);
  if (years <= 0) return null;
  return event.event_type === "birthday"
    ? n("turns {count}", "turns {count}", years)
    : n("{count} year", "{count} years", years);
}

/** @param {number} leadDays */
function followUpText(leadDays) {
  return leadDays
    ? n("follow-up {count} day before", "follow-up {count} days before", leadDays)
    : t("follow-up on the day");
}

define("rel-timeline", RelTimeline);
