// <rel-actions>: the board of follow-ups in the scope of the current user, by when they are due.

import { ActionFilters } from "./action-filters.js";
import { ActionRow } from "./action-row.js";
import {
  appendPage,
  closeActions,
  countText,
  cutToFirstPages,
  isRunningShort,
  loadGroups,
  removeActions,
} from "./board-groups.js";
import { handleKey, keyHelp } from "./board-keys.js";
import { boardSheet } from "./board-styles.js";
import { ClosedActions } from "./closed-actions.js";
import { today } from "./dates.js";
import { button, h, reorderChildren, setChildren } from "./dom.js";
import { RelElement, define } from "./element.js";
import { holdClosed } from "./hold-closed.js";
import { HiddenRows } from "./optimistic.js";
import { explainReason } from "./problems.js";
import { Selection } from "./selection.js";
import { n, t } from "./texts.js";

/** @import { Action } from "../types/api.js" */
/** @import { Choice, SendOptions } from "../types/elements.js" */
/** @import { Group, GroupName } from "./board-groups.js" */
/** @import { ClosedStatus } from "./hold-closed.js" */

/** The nodes of a group. @typedef {{ node: Element, heading: Element, rows: Element, more: Element }} GroupNodes */

/** @extends {RelElement<Group[]>} */
export class RelActions extends RelElement {
  static sheets = [boardSheet];
  static keyAttribute = null;
  static observedAttributes = [...RelElement.observedAttributes, "scope", "people", "contact-url"];

  /**
   * Rows by the action's id. They stay the same nodes for as long as they are shown.
   * @type {Map<string, ActionRow>}
   */
  rows = new Map();
  /** Follow-ups that were closed here and which are not sent to the API yet. */
  held = new HiddenRows();
  selection = new Selection(this);

  /** Ids of follow-ups that a message from here has just completed. @type {Set<string>} */
  #completed = new Set();
  #closed = new ClosedActions(
    this,
    () => ({ path: "/relationship-actions", filters: this.filters.query() }),
    (action) => this.rows.get(action.id)?.node.focus(),
  );
  #showsHelp = false;
  /** Rendered into, in place of `body`: a node that stays in its place keeps the focus and what is typed. */
  #content = h("div", {});
  /** @type {Map<GroupName, GroupNodes>} */
  #groups = new Map();
  /** @type {ActionFilters | null} */
  #filters = null;
  /** Groups whose next page is on its way. @type {Set<GroupName>} */
  #loading = new Set();

  /** @param {AbortSignal} signal */
  onConnect(signal) {
    this.subscribe(
      "actions",
      ({ sent }) => {
        if (sent) this.#completed.add(sent);
        this.refresh();
      },
      signal,
    );
    this.subscribe("life-events", () => this.refresh(), signal);
    this.subscribe("messages", () => this.refresh(), signal);
    this.subscribe("ask-consent", ({ contact }) => this.#openPage(contact ?? ""), signal);
    this.section.addEventListener("keydown", (event) => handleKey(this, event), { signal });
  }

  /** @param {string} contact */
  #openPage(contact) {
    const url = this.contactUrl(contact);
    if (url) location.assign(url);
  }

  reset() {
    this.rows.clear();
    this.#filters = null;
  }

  get filters() {
    this.#filters ??= new ActionFilters(this);
    return this.#filters;
  }

  get now() {
    return today(this.timeZone);
  }

  load() {
    return loadGroups(this.client, this.filters.query(), this.now, this.data ?? []);
  }

  /** Load what the filters say now. What was ticked, opened and paged belongs to the ones before. */
  applyFilters() {
    this.data = this.data && cutToFirstPages(this.data);
    this.#closed.reset();
    this.selection.clear();
    for (const row of this.rows.values()) row.close();
    return this.refresh();
  }

  /** Load again after a change, and tell the other elements of it. */
  async refreshAndPublish() {
    await this.refresh();
    this.publish("actions");
  }

  renderHeading() {
    const open = this.#openGroups();
    const overdue = countText(open, "overdue");
    const dueToday = countText(open, "today");
    return [
      t("Follow-ups"),
      " ",
      overdue && h("span", { class: "badge bad", part: "badge" }, t("{count} overdue", { count: overdue })),
      " ",
      dueToday && h("span", { class: "badge warn", part: "badge" }, t("{count} today", { count: dueToday })),
    ];
  }

  /** @param {Group[]} groups */
  renderControls(groups) {
    return [
      this.filters.render(groups.flatMap(({ items }) => items.map((action) => action.action_type))),
      button("?", () => this.toggleHelp(), {
        key: "help",
        kind: "quiet",
        "aria-label": t("Keys"),
        title: t("Keys"),
        "aria-expanded": String(this.#showsHelp),
      }),
    ];
  }

  toggleHelp() {
    this.#showsHelp = !this.#showsHelp;
    this.requestRender();
  }

  renderBody() {
    const open = this.#openGroups();
    this.#forgetRowsBut(open);
    const shown = open.filter(({ items, next }) => items.length || next);
    this.selection.update();
    reorderChildren(this.#content, [
      ...(this.#showsHelp ? [keyHelp()] : []),
      ...shown.map((group) => this.#renderGroup(group)),
      ...(shown.length ? [] : [this.#nothing()]),
      this.selection.node,
      this.#closed.render(),
    ]);
    return [this.#content];
  }

  #openGroups() {
    return (this.data ?? []).map((group) => ({ ...group, items: this.held.visible(group.items) }));
  }

  #nothing() {
    if (!this.filters.isFiltered) {
      return this.renderEmpty(this.filters.showsAll ? t("No follow-ups are open.") : t("You have no open follow-ups."));
    }
    const showAll = () => this.filters.choose({ type: "", person: "" });
    return h(
      "p",
      { class: "empty" },
      t("No follow-ups of this type."),
      " ",
      button(t("Show all"), showAll, { key: "show-all" }),
    );
  }

  /** @param {Group} group */
  #renderGroup({ name, label, items, next }) {
    const { node, heading, rows, more } = this.#nodesOf(name);
    heading.replaceChildren(label, " ", h("span", { class: "count" }, `${items.length}${next ? "+" : ""}`));
    reorderChildren(
      rows,
      items.map((action) => this.#rowNode(action)),
    );
    const showMore = () => this.#showMore(name);
    setChildren(
      more,
      next && button(t("Show more"), showMore, { key: `more-of-${name}`, kind: "quiet", about: label }),
    );
    return node;
  }

  /** @param {GroupName} name */
  #nodesOf(name) {
    const known = this.#groups.get(name);
    if (known) return known;
    const heading = h("h3", { class: `group ${name}`, id: `group-${name}` });
    const rows = h("ul", { class: "rows", "aria-labelledby": `group-${name}` });
    const more = h("div", {});
    const nodes = { node: h("div", { class: "due-group" }, heading, rows, more), heading, rows, more };
    this.#groups.set(name, nodes);
    return nodes;
  }

  /** @param {Action} action */
  #rowNode(action) {
    let row = this.rows.get(action.id);
    if (row) row.update(action);
    else this.rows.set(action.id, (row = new ActionRow(this, action)));
    return row.node;
  }

  /**
   * Forget the rows that are gone. A message that was written in one of them has closed it.
   * @param {Group[]} groups
   */
  #forgetRowsBut(groups) {
    const ids = new Set(groups.flatMap(({ items }) => items.map(({ id }) => id)));
    for (const [id, row] of this.rows) {
      if (ids.has(id) || this.held.has(id)) continue;
      this.rows.delete(id);
      if (this.#completed.delete(id)) this.notify(t("Sent. “{title}” is done.", { title: row.action.title }));
      else if (row.open === "send" || row.open === "edit") this.notify(explainReason("action_not_pending"));
    }
  }

  /** @param {GroupName} name */
  async #showMore(name) {
    const group = this.data?.find((one) => one.name === name);
    if (!group?.next || this.#loading.has(name)) return;
    const { next } = group;
    const last = group.items.at(-1)?.id ?? "";
    this.#loading.add(name);
    await this.attempt(async () => {
      const page = await next();
      this.data = this.data && appendPage(this.data, name, page);
      const hadFocus = this.focused?.dataset.key === `more-of-${name}`;
      this.requestRender();
      if (hadFocus && page.items.length && !page.next) this.step(this.rows.get(last) ?? null, 1);
    });
    this.#loading.delete(name);
  }

  /** Return the row that a node stands in. @param {Element} node */
  rowOf(node) {
    return this.rows.get(node.closest("li.action")?.getAttribute("data-id") ?? "") ?? null;
  }

  get #rowNodes() {
    return [...this.body.querySelectorAll("li")].filter((node) => node.matches(".action"));
  }

  /**
   * Give the focus to the row some places after another, or to the first.
   * @param {ActionRow | null} row
   * @param {number} by
   */
  step(row, by) {
    const nodes = this.#rowNodes;
    const place = row ? nodes.indexOf(row.node) + by : 0;
    const node = nodes[Math.max(0, Math.min(nodes.length - 1, place))];
    node?.focus();
    node?.scrollIntoView({ block: "nearest" });
  }

  /**
   * Close follow-ups. For a few seconds it can be undone.
   * @param {Action[]} actions
   * @param {ClosedStatus} status
   */
  close(actions, status) {
    const ids = new Set(actions.map(({ id }) => id));
    holdClosed(this, actions, status, {
      back: `row-${actions[0]?.id}`,
      send: (options) => this.#sendClosed(ids, status, options),
    });
    const focusNext = this.#nextFocus(ids);
    for (const id of ids) {
      const row = this.rows.get(id);
      if (!row) continue;
      row.check.checked = false;
      row.close();
    }
    this.requestRender();
    focusNext();
  }

  /**
   * Return what gives the focus to the place where it belongs once these rows are gone: the same control of the next
   * row, that row itself, or the heading.
   * @param {Set<string>} ids
   */
  #nextFocus(ids) {
    const active = this.focused;
    const row = active && this.rowOf(active);
    const nodes = this.#rowNodes;
    const isGone = (/** @type {HTMLElement} */ node) => ids.has(node.dataset.id ?? "");
    const place = nodes.findIndex(isGone);
    const next =
      nodes.slice(place).find((node) => !isGone(node)) ??
      nodes
        .slice(0, Math.max(place, 0))
        .reverse()
        .find((node) => !isGone(node));
    return () => {
      const control = active?.dataset.key?.split("-")[0];
      const same = row && active !== row.node && next?.querySelector(`[data-key="${control}-${next.dataset.id}"]`);
      (same instanceof HTMLElement ? same : (next ?? this.heading)).focus();
    };
  }

  /** @param {Set<string>} ids @param {ClosedStatus} status @param {SendOptions} options */
  async #sendClosed(ids, status, options) {
    const results = await closeActions(this.client, [...ids], status, options);
    const refused = results.filter(({ outcome }) => outcome === "forbidden" || outcome === "not_found");
    this.data = this.data && removeActions(this.data, ids);
    if (refused.length) this.notify(n("{count} could not be closed.", "{count} could not be closed.", refused.length));
    this.#closed.load();
    if (refused.length || isRunningShort(this.data ?? [])) await this.refresh();
    this.publish("actions");
  }

  /** Return who may be assigned a follow-up, nobody last. @returns {[string, string][]} */
  assignees() {
    /** @type {Choice[]} */
    const people = this.listAttribute("people");
    const known = new Map(people.map(({ id, name }) => [String(id), name]));
    for (const { assigned_to_user_id: id, assigned_to_name: name } of (this.data ?? []).flatMap((one) => one.items)) {
      if (id && name && !known.has(id)) known.set(id, name);
    }
    return [...known, ["", t("Unassigned")]];
  }
}

define("rel-actions", RelActions);
