// <rel-timeline contact-id="…">: the life events of a contact, what comes in the next ninety days, and editing them.

import { away, day, daysBetween, dayInFull, dayOfMonth, month, plusDays, today } from "./dates.js";
import { button, dotted, folded, h, written } from "./dom.js";
import { RelElement, define } from "./element.js";
import { enter, form, hasDraft } from "./form.js";
import { explain } from "./problems.js";
import { strip, stripSheet } from "./strip.js";
import { n, t } from "./texts.js";
import { css } from "./theme.js";
import { eventName, eventType, eventTypes } from "./words.js";

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

const NEAR = 14;
const COMING = 6;
const LEAD = 7;

export class RelTimeline extends RelElement {
  static sheets = [stripSheet, timelineSheet];

  /** The form that is open, the event it edits (null: a new one), and whether its deletion is asked about. @type {any} */
  editing = null;
  all = false;
  pastOpen = false;

  connected(signal) {
    this.hear("life-events", () => this.refresh(), signal);
    this.hear("actions", () => this.refresh(), signal);
  }

  reset() {
    this.editing = null;
    this.all = this.pastOpen = false;
  }

  async load() {
    const { events } = await this.client.get(`${this.contactPath}/life-events`);
    if (this.may("update") && !this.editing && hasDraft(this, "new"))
      this.editing = { id: null, node: this.#form(null) };
    return { events };
  }

  words() {
    return t("Life events");
  }

  tools() {
    return [
      this.may("update") && this.editing?.id !== null && button(t("Add event"), () => this.#open(null), { key: "add" }),
    ];
  }

  get now() {
    return today(this.getAttribute("time-zone"));
  }

  draw() {
    const { events } = this.data;
    const coming = events.filter((one) => one.days_until !== null).sort((a, b) => a.days_until - b.days_until);
    const undated = events.filter((one) => one.event_date === null && one.days_until === null);
    const past = events.filter((one) => one.event_date !== null && one.days_until === null);
    const first = this.all ? coming : coming.slice(0, COMING);
    return [
      this.editing?.id === null && this.editing.node,
      strip(coming, this.now, this.matches(":dir(rtl)")),
      !events.length &&
        this.empty(
          this.may("update")
            ? t("No life events yet. Add a birthday, a promotion, an anniversary: a follow-up is made in time.")
            : t("No life events yet."),
        ),
      coming.length > 0 && [
        h("h3", { class: "group" }, t("Upcoming")),
        h(
          "ul",
          { class: "rows" },
          first.map((one) => this.#row(one)),
        ),
      ],
      first.length < coming.length &&
        button(
          n("Show {count} more", "Show {count} more", coming.length - first.length),
          () => {
            this.all = true;
            this.paint();
          },
          { key: "all", kind: "quiet" },
        ),
      undated.length > 0 && [
        h("h3", { class: "group" }, t("Without a date")),
        h(
          "ul",
          { class: "rows" },
          undated.map((one) => this.#row(one)),
        ),
      ],
      past.length > 0 && this.#past(past),
    ];
  }

  #past(past) {
    const open = this.pastOpen || past.some((one) => one.id === this.editing?.id);
    return folded(
      [t("Past"), " ", h("span", { class: "count" }, past.length)],
      {
        open,
        told: (seen) => {
          this.pastOpen = seen;
        },
        key: "past",
      },
      h(
        "ul",
        { class: "rows" },
        past.map((one) => this.#row(one, true)),
      ),
    );
  }

  #row(event, past = false) {
    if (this.editing?.id === event.id) return h("li", { class: "form" }, this.editing.node);
    const date = event.next_occurrence ?? event.event_date;
    const years =
      event.recurs_annually && event.event_date && event.next_occurrence
        ? Number(event.next_occurrence.slice(0, 4)) - Number(event.event_date.slice(0, 4))
        : 0;
    const birthday = event.event_type === "birthday";
    const kind = eventName(event.event_type);
    const about = [
      kind.toLowerCase() !== event.title.toLowerCase() && written(kind),
      years > 0 && (birthday ? n("turns {count}", "turns {count}", years) : n("{count} year", "{count} years", years)),
      event.recurs_annually && h("span", { class: "recurs" }, t("every year")),
      event.open_action_id &&
        (event.auto_action_days_before
          ? n("follow-up {count} day before", "follow-up {count} days before", event.auto_action_days_before)
          : t("follow-up on the day")),
    ].filter(Boolean);
    const days = event.days_until ?? (date && daysBetween(this.now, date));
    return h(
      "li",
      { part: "row" },
      date
        ? h(
            "time",
            { class: event.days_until !== null && event.days_until <= NEAR ? "tile near" : "tile", datetime: date },
            h("span", { class: "month" }, month(date)),
            h("span", { class: "day" }, dayOfMonth(date)),
          )
        : null,
      h(
        "div",
        { class: "grow" },
        written(event.title, "div", { class: "title" }),
        about.length ? h("div", { class: "muted small" }, dotted(about)) : null,
        event.description ? written(event.description, "div", { class: "muted small" }) : null,
        past && this.may("update")
          ? button(t("Add follow-up"), () => this.tell("draft-action", { title: event.title }), {
              kind: "quiet",
              about: t("to {title}", { title: event.title }),
              key: `follow-${event.id}`,
            })
          : null,
      ),
      h(
        "div",
        { class: "end" },
        date && h("span", { class: "muted small nowrap", title: dayInFull(date) }, away(days)),
        this.may("update") &&
          button(t("Edit"), () => this.#open(event), { key: `edit-${event.id}`, kind: "quiet", about: event.title }),
      ),
    );
  }

  #open(event) {
    this.editing = { id: event?.id ?? null, node: this.#form(event) };
    this.paint();
    enter(this.editing.node);
  }

  #close(key) {
    this.editing = null;
    this.paint();
    this.focusOn(key);
  }

  #form(event) {
    const fresh = { recurs_annually: false, auto_action_enabled: true, auto_action_days_before: LEAD };
    const node = form(this, {
      draft: event?.id ?? "new",
      whole: event === null,
      label: event ? t("Save") : t("Add"),
      name: event ? event.title : t("New life event"),
      fields: [
        {
          name: "event_type",
          label: t("Type"),
          required: true,
          suggestions: eventTypes().map(([, words]) => words),
          hint: t("Choose one, or write your own"),
        },
        { name: "event_date", label: t("Date (optional)"), kind: "date" },
        { name: "title", label: t("Title"), required: event !== null, hint: event ? "" : t("Empty: the type") },
        { name: "auto_action_days_before", label: t("Follow-up, days before"), kind: "number" },
        { name: "recurs_annually", label: t("Every year"), kind: "checkbox" },
        { name: "auto_action_enabled", label: t("Make a follow-up"), kind: "checkbox" },
        { name: "description", label: t("Notes (optional)"), kind: "textarea", wide: true },
      ],
      values: event ? { ...event, event_type: eventName(event.event_type) } : fresh,
      save: (values) => this.#save(event, values),
      close: () => this.#close(event ? `edit-${event.id}` : "add"),
      more: event && this.may("manage") ? this.#deleting(event) : null,
    });
    if (!event) this.#untickForThePast(node);
    return node;
  }

  /** What is over needs no follow-up, unless somebody wants one. */
  #untickForThePast(node) {
    const { event_date: date, recurs_annually: annual, auto_action_enabled: reminds } = node.elements;
    let touched = false;
    reminds.addEventListener("input", () => {
      touched = true;
    });
    node.addEventListener(
      "input",
      () => {
        if (!touched) reminds.checked = annual.checked || !date.value || date.value >= this.now;
      },
      { capture: true },
    );
  }

  #deleting(event) {
    const place = h("div", { class: "wide" });
    const ask = () => {
      const confirm = button(t("Delete"), () => this.#remove(event), { kind: "danger" });
      place.replaceChildren(
        h(
          "p",
          { class: "notice warn", role: "alert" },
          event.open_action_id ? t("Delete this event? Its open follow-up is dismissed too.") : t("Delete this event?"),
          confirm,
          button(t("Keep it"), rest, { kind: "quiet" }),
        ),
      );
      confirm.focus();
    };
    const rest = () => {
      const start = button(t("Delete…"), ask, { kind: "quiet", about: event.title });
      const had = place.contains(this.shadowRoot.activeElement);
      place.replaceChildren(start);
      if (had) start.focus();
    };
    rest();
    return place;
  }

  async #save(event, values) {
    if ("event_type" in values && values.event_type) values.event_type = eventType(values.event_type);
    if (event) {
      if (!Object.keys(values).length) return;
      await this.client.patch(`${this.contactPath}/life-events/${event.id}`, values);
      await this.#took();
      return;
    }
    values.title ??= eventName(values.event_type);
    const { event: made } = await this.client.post(`${this.contactPath}/life-events`, values);
    await this.#took();
    if (!made.open_action_id) return;
    const wished = made.next_occurrence && plusDays(made.next_occurrence, -made.auto_action_days_before);
    const due = wished && (wished < this.now ? this.now : wished);
    this.say(due ? t("Added. Its follow-up is due on {date}.", { date: day(due) }) : t("Added, with a follow-up."), {
      label: t("No follow-up"),
      undo: () =>
        this.attempt(async () => {
          await this.client.patch(`${this.contactPath}/life-events/${made.id}`, { auto_action_enabled: false });
          await this.#took();
        }),
    });
  }

  async #remove(event) {
    try {
      await this.client.delete(`${this.contactPath}/life-events/${event.id}`);
    } catch (problem) {
      if (problem.kind !== "missing") return this.say(explain(problem));
    }
    this.editing = null;
    await this.#took();
    this.focusHeading();
    this.say(t("“{title}” is deleted.", { title: event.title }));
  }

  async #took() {
    await this.refresh();
    this.tell("life-events");
    this.tell("actions");
  }
}

define("rel-timeline", RelTimeline);
