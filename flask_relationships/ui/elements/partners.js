// <rel-partners company-id="…">: the partners of a client company, as a table that is sorted and edited in place.

import { Problem } from "./client.js";
import { button, flat, h, userText } from "./dom.js";
import { RelElement, define } from "./element.js";
import { focusFirstField, form, hasDraft } from "./form.js";
import { nextOrder, sortPartners, totalDeal } from "./partner-order.js";
import { explain, logFault } from "./problems.js";
import { tableSheet } from "./table-styles.js";
import { formatNumber, t } from "./texts.js";
import { css } from "./theme.js";

/** @import { Partner } from "../types/api.js" */
/** @import { Child, Choice } from "../types/elements.js" */
/** @import { Field } from "./form.js" */
/** @import { Values } from "./form-values.js" */
/** @import { Column, Order } from "./partner-order.js" */

const partnersSheet = css`
  table {
    table-layout: fixed;
  }
  .partner_company_name {
    width: 17%;
  }
  .partner_contact_name {
    width: 28%;
  }
  .relationship_type {
    width: 13%;
  }
  .estimated_deal_size {
    width: 9rem;
  }
  thead button {
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    text-align: inherit;
    padding: 0.1rem 0.3rem;
    margin-inline: -0.3rem;
    min-height: 1.75rem;
  }
  thead button:hover {
    color: var(--text);
  }
  .mail {
    display: block;
    font-size: 0.88em;
  }
  .notes {
    color: var(--muted);
    white-space: pre-line;
  }
  .controls-cell {
    width: 12.2rem;
    white-space: nowrap;
    text-align: end;
    padding: 0.3rem 0 !important;
  }
  .controls-cell button {
    font-size: 0.88em;
    min-height: 1.85rem;
    padding-inline: 0.3rem;
    margin-inline-start: 0.3rem;
  }
  tfoot :is(td, th) {
    color: var(--muted);
  }
  .asked {
    display: flex;
    flex-wrap: wrap;
    gap: 0.4rem;
    align-items: center;
    justify-content: flex-end;
  }
  @container (width < 38rem) {
    .controls-cell {
      width: auto;
      text-align: start;
      margin-inline-start: -0.5rem;
    }
    .asked {
      justify-content: flex-start;
      margin-inline-start: 0.5rem;
    }
    .notes,
    .mail {
      display: inline;
    }
    tfoot tr {
      display: flex;
      justify-content: space-between;
      border-top: 1px solid var(--line);
      padding-top: 0.4rem;
    }
  }
`;

/** @type {{ name: Column, label: () => string, isNumber?: boolean }[]} */
const COLUMNS = [
  { name: "partner_company_name", label: () => t("Company") },
  { name: "partner_contact_name", label: () => t("Contact") },
  { name: "relationship_type", label: () => t("Role") },
  { name: "estimated_deal_size", label: () => t("Estimated deal"), isNumber: true },
  { name: "notes", label: () => t("Notes") },
];

/** @typedef {{ partners: Partner[], isClient: boolean }} PartnersData */

/** @extends {RelElement<PartnersData>} */
export class RelPartners extends RelElement {
  static sheets = [tableSheet, partnersSheet];
  static keyAttribute = "company-id";
  static observedAttributes = [...RelElement.observedAttributes, "currency", "contacts", "contact-url"];

  /**
   * The open form, and the id of its partner; null for a new one.
   * @type {{ id: string | null, node: HTMLFormElement } | null}
   */
  #editing = null;
  /** Id of the partner whose removal waits for an answer. @type {string | null} */
  #removing = null;
  /** @type {Order} */
  #order = { column: "partner_company_name", isDescending: false };

  /** @param {AbortSignal} signal */
  onConnect(signal) {
    this.subscribe("partners", () => this.refresh(), signal);
  }

  reset() {
    this.#editing = this.#removing = null;
  }

  /** @returns {Promise<PartnersData>} */
  async load() {
    try {
      /** @type {{ partners: Partner[] }} */
      const { partners } = await this.client.get(`${this.companyPath}/partners`);
      this.#reopenForm(partners);
      return { partners, isClient: true };
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "not_a_client") throw error;
      return { partners: [], isClient: false };
    }
  }

  /** Open the form again that was left by a navigation while the user typed. @param {Partner[]} partners */
  #reopenForm(partners) {
    if (this.#editing || !this.can("update")) return;
    const partner = partners.find(({ id }) => hasDraft(this, id)) ?? null;
    if (hasDraft(this, "new")) this.#editing = { id: null, node: this.#form(null, partners) };
    else if (partner) this.#editing = { id: partner.id, node: this.#form(partner, partners) };
  }

  renderHeading() {
    const count = this.data?.partners.length ?? 0;
    return [t("Partners"), " ", count > 0 && h("span", { class: "count" }, formatNumber(count))];
  }

  /** @param {PartnersData} data */
  renderControls({ partners, isClient }) {
    const isOffered = isClient && this.can("update") && this.#editing?.id !== null;
    return isOffered && button(t("Add partner"), () => this.#open(null, partners), { key: "add" });
  }

  /** @param {PartnersData} data */
  renderBody({ partners, isClient }) {
    if (!isClient) return this.#noClient();
    return [
      this.#editing?.id === null && this.#editing.node,
      partners.length ? this.#table(partners) : this.renderEmpty(this.#emptyText()),
    ];
  }

  #emptyText() {
    const name = this.displayName || t("this client");
    return this.can("update")
      ? t("No partners yet. Add the people who refer business to {name} or share it.", { name })
      : t("No partners yet.");
  }

  #noClient() {
    const isOffered = this.hasAttribute("own-clients") && this.can("manage");
    const { displayName: name } = this;
    const text = name
      ? t("{name} is not a client yet. Partners are kept for clients.", { name })
      : t("This company is not a client yet. Partners are kept for clients.");
    return [
      h("p", { class: "empty" }, text),
      isOffered && button(t("Mark as a client"), () => this.#makeClient(), { key: "make-client" }),
    ];
  }

  /** @param {Partner[]} partners */
  #table(partners) {
    const { displayName: name } = this;
    const isEditable = this.can("update") || this.can("manage");
    const headings = COLUMNS.map((column) => this.#heading(column));
    const rows = sortPartners(partners, this.#order).map((partner) => this.#row(partner, partners, isEditable));
    const total = totalDeal(partners);
    return h(
      "table",
      {},
      h("caption", { class: "away" }, name ? t("Partners of {name}", { name }) : t("Partners")),
      h("thead", {}, h("tr", {}, headings, isEditable && h("td", { class: "controls-cell" }))),
      h("tbody", {}, rows),
      total > 0 && partners.length > 1 && this.#footer(total, isEditable),
    );
  }

  /** @param {number} total @param {boolean} isEditable */
  #footer(total, isEditable) {
    const cells = [
      h("th", { scope: "row", colspan: "3" }, t("Total")),
      h("td", { class: "number" }, this.#money(total)),
      h("td", { class: "nothing", colspan: isEditable ? "2" : "1" }),
    ];
    return h("tfoot", {}, h("tr", {}, cells));
  }

  /** @param {(typeof COLUMNS)[number]} column */
  #heading({ name, label, isNumber }) {
    const { column, isDescending } = this.#order;
    const isSorted = column === name;
    const arrow = isSorted && (isDescending ? "↓" : "↑");
    const sort = () => {
      this.#order = nextOrder(this.#order, name);
      this.requestRender();
    };
    return h(
      "th",
      {
        scope: "col",
        class: isNumber ? `number ${name}` : name,
        "aria-sort": isSorted ? (isDescending ? "descending" : "ascending") : null,
      },
      button([label(), h("span", { "aria-hidden": "true" }, arrow)], sort, { key: `sort-${name}` }),
    );
  }

  /** @param {Partner} partner @param {Partner[]} partners @param {boolean} isEditable */
  #row(partner, partners, isEditable) {
    if (this.#editing?.id === partner.id) {
      return h("tr", {}, h("td", { colspan: String(COLUMNS.length + 1) }, this.#editing.node));
    }
    const { relationship_type: kind, estimated_deal_size: deal, notes } = partner;
    const isRemoving = this.#removing === partner.id;
    const controls = isRemoving ? this.#removalQuestion(partner) : this.#controls(partner, partners);
    return h(
      "tr",
      { part: "row" },
      h("th", { scope: "row" }, userText(partner.partner_company_name)),
      cell(t("Contact"), "", this.#person(partner)),
      cell(t("Role"), "", kind && userText(kind)),
      cell(t("Estimated deal"), "number", deal !== null && this.#money(deal)),
      cell(t("Notes"), "", notes && userText(notes, "div", { class: "notes small" })),
      isEditable && h("td", { class: "controls-cell" }, controls),
    );
  }

  /** @param {Partner} partner @returns {Child} */
  #person({ partner_contact_name: name, partner_contact_email: mail, contact_id: contact }) {
    const url = contact && this.contactUrl(contact);
    return [
      name && (url ? h("a", { href: url }, h("bdi", {}, name)) : userText(name)),
      !name && url && h("a", { href: url }, t("Contact record")),
      mail && [" ", h("a", { class: "mail", href: `mailto:${mail}` }, h("bdi", {}, mail))],
    ];
  }

  /** @param {Partner} partner @param {Partner[]} partners */
  #controls(partner, partners) {
    const { id, partner_company_name: about } = partner;
    const edit = () => this.#open(partner, partners);
    return [
      this.can("update") && button(t("Edit"), edit, { key: `edit-${id}`, kind: "quiet", about }),
      this.can("manage") &&
        button(t("Remove"), () => this.#askRemoval(id), { key: `remove-${id}`, kind: "quiet", about }),
    ];
  }

  /** @param {Partner} partner */
  #removalQuestion({ id, partner_company_name: about }) {
    return h(
      "div",
      { class: "asked" },
      h("span", { role: "alert" }, t("Remove permanently?")),
      button(t("Remove"), () => this.#remove(id, about), { key: `yes-${id}`, kind: "danger", about }),
      button(t("Keep"), () => this.#askRemoval(null, `remove-${id}`), { kind: "quiet", about }),
    );
  }

  /**
   * @param {string | null} id null takes the question away
   * @param {string} [key] of the control that has the focus then
   */
  #askRemoval(id, key = `yes-${id}`) {
    this.#removing = id;
    this.requestRender();
    this.focusOn(key);
  }

  /** @param {number} amount */
  #money(amount) {
    const currency = this.getAttribute("currency");
    const digits = Number.isInteger(amount) ? 0 : 2;
    return formatNumber(amount, {
      ...(currency ? { style: "currency", currency } : {}),
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  }

  /** @param {Partner | null} partner null for a new one @param {Partner[]} partners */
  #open(partner, partners) {
    this.#removing = null;
    this.#editing = { id: partner?.id ?? null, node: this.#form(partner, partners) };
    this.requestRender();
    focusFirstField(this.#editing.node);
  }

  /** @param {Partner | null} partner @param {Partner[]} partners */
  #form(partner, partners) {
    return form(this, {
      draft: partner?.id ?? "new",
      whole: partner === null,
      label: partner ? t("Save") : t("Add"),
      name: partner ? partner.partner_company_name : t("New partner"),
      values: partner ?? {},
      fields: this.#fields(partners),
      save: (values) => this.#save(partner, values),
      close: () => {
        this.#editing = null;
        this.requestRender();
        this.focusOn(partner ? `edit-${partner.id}` : "add");
      },
    });
  }

  /** @param {Partner[]} partners @returns {Field[]} */
  #fields(partners) {
    const currency = this.getAttribute("currency");
    const kinds = partners.flatMap((partner) => partner.relationship_type || []);
    const deal = currency ? t("Estimated deal, {currency} (optional)", { currency }) : t("Estimated deal (optional)");
    return [
      { name: "partner_company_name", label: t("Company"), required: true },
      { name: "relationship_type", label: t("Role (optional)"), suggestions: [...new Set(kinds)] },
      { name: "partner_contact_name", label: t("Contact’s name (optional)") },
      { name: "partner_contact_email", label: t("Contact’s e-mail (optional)"), kind: "email" },
      { name: "estimated_deal_size", label: deal, kind: "number" },
      ...this.#contactFields(),
      { name: "notes", label: t("Notes (optional)"), kind: "textarea", wide: true },
    ];
  }

  /** Return the choice of a contact, where the page lists contacts. @returns {Field[]} */
  #contactFields() {
    /** @type {Choice[]} */
    const contacts = this.listAttribute("contacts");
    if (!contacts.length) return [];
    /** @type {[string, string][]} */
    const options = contacts.map(({ id, name }) => [String(id), name]);
    const label = t("One of your contacts (optional)");
    return [{ name: "contact_id", label, kind: "select", options: [["", "–"], ...options] }];
  }

  /** @param {Partner | null} partner @param {Values} values */
  async #save(partner, values) {
    if (partner && !Object.keys(values).length) return;
    const path = `${this.companyPath}/partners`;
    if (partner) await this.client.patch(`${path}/${partner.id}`, values);
    else await this.client.post(path, values);
    await this.#refreshAndPublish();
  }

  /** @param {string} id @param {string} title */
  async #remove(id, title) {
    try {
      await this.client.delete(`${this.companyPath}/partners/${id}`);
    } catch (error) {
      const isGone = error instanceof Problem && error.kind === "missing";
      if (!isGone) {
        logFault(error);
        this.notify(explain(error));
        return;
      }
    }
    this.#removing = null;
    await this.#refreshAndPublish();
    this.focusHeading();
    this.notify(t("“{title}” is removed.", { title }));
  }

  #makeClient() {
    return this.attempt(async () => {
      await this.client.put(`${this.companyPath}/client-profile`);
      await this.#refreshAndPublish();
      this.focusOn("add");
    });
  }

  async #refreshAndPublish() {
    await this.refresh();
    this.publish("partners");
  }
}

/**
 * @param {string} label shown before the value in small windows
 * @param {string} kind
 * @param {...Child} children
 */
function cell(label, kind, ...children) {
  const isEmpty = flat(children).length === 0;
  const names = [kind, isEmpty && "nothing"].filter(Boolean).join(" ");
  return h("td", { "data-label": label, class: names }, children);
}

define("rel-partners", RelPartners);
