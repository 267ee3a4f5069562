// <rel-actions>: the board of follow-ups in the scope of whoever is asking, by when they are due.

import { ActionFilters } from "./action-filters.js";
import { ActionRow } from "./action-row.js";
import { FIRST, arrange, closeAll, groups } from "./board.js";
import { boardSheet } from "./board-look.js";
import { keyHelp, pressed } from "./board-keys.js";
import { ClosedActions } from "./closed-actions.js";
import { holdClosed } from "./closing.js";
import { today } from "./dates.js";
import { button, flat, h } from "./dom.js";
import { RelElement, define, fill } from "./element.js";
import { reason } from "./problems.js";
import { n, t } from "./texts.js";
import { Ticked } from "./ticked.js";

/** With fewer rows than this left in a group that has more, the next are fetched. */
const FEW = 5;

export class RelActions extends RelElement {
  static sheets = [boardSheet];
  static whose = null;
  static observedAttributes = [...RelElement.observedAttributes, "scope", "people", "contact-url"];

  /** Rows by the action's id, which stay the same nodes for as long as they are shown. @type {Map<string, ActionRow>} */
  rows = new Map();
  /** Those that were closed here, which the API is told of in a moment. @type {Set<string>} */
  held = new Set();
  /** Those that a message from here has just completed. @type {Set<string>} */
  sent = new Set();
  past = new ClosedActions(
    this,
    () => ["/relationship-actions", this.filters.query()],
    (action) => this.rows.get(action.id)?.node.focus(),
  );
  ticked = new Ticked(this);
  helping = false;

  #whole = h("div", {});
  #lists = new Map();
  #filters = null;
  #fetching = new Set();

  connected(signal) {
    this.hear(
      "actions",
      ({ sent }) => {
        if (sent) this.sent.add(sent);
        return this.refresh();
      },
      signal,
    );
    this.hear("life-events", () => this.refresh(), signal);
    this.hear("messages", () => this.refresh(), signal);
    this.hear(
      "ask-consent",
      ({ contact }) => this.contactAddress(contact) && location.assign(this.contactAddress(contact)),
      signal,
    );
    this.section.addEventListener("keydown", (event) => pressed(this, event), { signal });
  }

  reset() {
    this.rows.clear();
    this.#filters = null;
  }

  get filters() {
    this.#filters ??= new ActionFilters(this);
    return this.#filters;
  }

  /** Whether the follow-ups of others are shown too. */
  get all() {
    return this.filters.all;
  }

  get now() {
    return today(this.getAttribute("time-zone"));
  }

  load() {
    return groups(this.client, this.filters.query(), this.now, this.data ?? []);
  }

  /** Another choice of what is shown: what was ticked and paged belongs to the one before. */
  chosen() {
    this.data = this.data?.map((group) => ({ ...group, items: group.items.slice(0, FIRST) })) ?? null;
    this.past.forget();
    this.ticked.none();
    for (const row of this.rows.values()) row.shut();
    return this.refresh();
  }

  /** Somebody changed something here: look again, and tell the others. */
  async changed() {
    await this.refresh();
    this.tell("actions");
  }

  words() {
    const open = this.#open();
    const count = (name) => {
      const group = open.find((one) => one.name === name);
      return group?.items.length ? `${group.items.length}${group.next ? "+" : ""}` : null;
    };
    const late = count("overdue");
    const now = count("today");
    return [
      t("Follow-ups"),
      " ",
      late && h("span", { class: "badge bad", part: "badge" }, t("{count} overdue", { count: late })),
      " ",
      now && h("span", { class: "badge warn", part: "badge" }, t("{count} today", { count: now })),
    ];
  }

  tools() {
    return [
      this.filters.draw(this.data.flatMap(({ items }) => items.map((action) => action.action_type))),
      button("?", () => this.help(), {
        key: "help",
        kind: "quiet",
        "aria-label": t("Keys"),
        title: t("Keys"),
        "aria-expanded": String(this.helping),
      }),
    ];
  }

  help() {
    this.helping = !this.helping;
    this.paint();
  }

  draw() {
    const open = this.#open();
    this.#prune(open);
    const shown = open.filter(({ items, next }) => items.length || next);
    this.ticked.tell();
    arrange(
      this.#whole,
      flat([
        this.helping && keyHelp(),
        shown.map((group) => this.#group(group)),
        !shown.length && this.#nothing(),
        this.ticked.node,
        this.past.draw(),
      ]),
    );
    return [this.#whole];
  }

  #open() {
    return (this.data ?? []).map((group) => ({ ...group, items: group.items.filter(({ id }) => !this.held.has(id)) }));
  }

  #nothing() {
    if (this.filters.narrowed)
      return h(
        "p",
        { class: "empty" },
        t("Nothing here is of that kind."),
        " ",
        button(t("Show all"), () => this.filters.choose({ type: "", person: "" }), { key: "show-all" }),
      );
    return this.empty(this.all ? t("Nothing is waiting for anybody.") : t("Nothing is waiting for you."));
  }

  #group({ name, words, items, next }) {
    let list = this.#lists.get(name);
    if (!list) {
      list = {
        heading: h("h3", { class: `group ${name}`, id: `group-${name}` }),
        rows: h("ul", { class: "rows", "aria-labelledby": `group-${name}` }),
        more: h("div", {}),
      };
      list.node = h("div", { class: "due-group" }, list.heading, list.rows, list.more);
      this.#lists.set(name, list);
    }
    list.heading.replaceChildren(words, " ", h("span", { class: "count" }, `${items.length}${next ? "+" : ""}`));
    arrange(
      list.rows,
      items.map((action) => this.#row(action)),
    );
    fill(
      list.more,
      next
        ? [button(t("Show more"), () => this.#more(name), { key: `more-of-${name}`, kind: "quiet", about: words })]
        : [],
    );
    return list.node;
  }

  #row(action) {
    let row = this.rows.get(action.id);
    if (row) row.update(action);
    else this.rows.set(action.id, (row = new ActionRow(this, action)));
    return row.node;
  }

  /** Forget the rows that are gone; a message that was written in one has closed it. */
  #prune(open) {
    const there = new Set(open.flatMap(({ items }) => items.map(({ id }) => id)));
    for (const [id, row] of this.rows) {
      if (there.has(id) || this.held.has(id)) continue;
      this.rows.delete(id);
      if (this.sent.delete(id)) this.say(t("Sent. “{title}” is done.", { title: row.action.title }));
      else if (["send", "edit"].includes(row.open)) this.say(reason("action_not_pending"));
    }
  }

  async #more(name) {
    const group = this.data.find((one) => one.name === name);
    if (!group?.next || this.#fetching.has(name)) return;
    this.#fetching.add(name);
    const last = group.items.at(-1)?.id;
    await this.attempt(async () => {
      const page = await group.next();
      const known = new Set(group.items.map(({ id }) => id));
      const fresh = page.items.filter(({ id }) => !known.has(id));
      this.data = this.data.map((one) =>
        one.name === name ? { ...one, items: [...group.items, ...fresh], next: page.next } : one,
      );
      const pressedHere = this.shadowRoot.activeElement?.dataset.key === `more-of-${name}`;
      this.paint();
      if (pressedHere && fresh.length && !page.next) this.step(this.rows.get(last), 1);
    });
    this.#fetching.delete(name);
  }

  /** The row that a node stands in. */
  rowOf(node) {
    return this.rows.get(node.closest?.("li.action")?.dataset.id) ?? null;
  }

  /** The focus goes to a row so many further than another, or to the first. */
  step(row, by) {
    const nodes = [...this.body.querySelectorAll("li.action")];
    const place = row ? nodes.indexOf(row.node) + by : 0;
    const node = nodes[Math.max(0, Math.min(nodes.length - 1, place))];
    node?.focus();
    node?.scrollIntoView({ block: "nearest" });
  }

  /** Close some; for a few seconds there is a way back, and the focus goes to what comes next. */
  close(actions, status) {
    const ids = new Set(actions.map(({ id }) => id));
    holdClosed(this, actions, status, {
      back: `row-${actions[0].id}`,
      send: (options) => this.#send(ids, status, options),
    });
    const near = this.#near(ids);
    for (const id of ids) {
      const row = this.rows.get(id);
      if (!row) continue;
      row.check.checked = false;
      row.shut();
    }
    this.paint();
    near();
  }

  /** Where the focus goes once these rows are gone: the same control of the next row, the row itself, or the heading. */
  #near(ids) {
    const active = this.shadowRoot.activeElement;
    const row = active && this.rowOf(active);
    const nodes = [...this.body.querySelectorAll("li.action")];
    const at = nodes.findIndex((node) => ids.has(node.dataset.id));
    const next =
      nodes.slice(at).find((node) => !ids.has(node.dataset.id)) ??
      nodes.slice(0, at).findLast((node) => !ids.has(node.dataset.id));
    return () => {
      const same =
        row &&
        active !== row.node &&
        next?.querySelector(`[data-key="${active.dataset.key?.split("-")[0]}-${next.dataset.id}"]`);
      (same || next || this.heading).focus();
    };
  }

  async #send(ids, status, options) {
    const results = await closeAll(this.client, [...ids], status, options);
    const refused = results.filter(({ outcome }) => outcome === "forbidden" || outcome === "not_found");
    this.data = this.data.map((group) => ({ ...group, items: group.items.filter(({ id }) => !ids.has(id)) }));
    if (refused.length) this.say(n("{count} could not be closed.", "{count} could not be closed.", refused.length));
    const short = this.data.some(({ items, next }) => next && items.length < FEW);
    this.past.look();
    if (refused.length || short) await this.refresh();
    this.tell("actions");
  }

  /** Who may be given a follow-up: pairs of key and name, nobody last. */
  assignees() {
    const known = new Map(this.listed("people").map(({ id, name }) => [String(id), name]));
    for (const { items } of this.data ?? [])
      for (const one of items)
        if (one.assigned_to_name && !known.has(one.assigned_to_user_id))
          known.set(one.assigned_to_user_id, one.assigned_to_name);
    return [...known, ["", t("Nobody")]];
  }
}

define("rel-actions", RelActions);
