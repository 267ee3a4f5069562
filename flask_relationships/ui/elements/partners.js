// <rel-partners company-id="…">: the partners of a client company, as a table that is sorted and edited in place.

import { button, h, written } from "./dom.js";
import { RelElement, define } from "./element.js";
import { enter, form, hasDraft } from "./form.js";
import { explain } from "./problems.js";
import { tableSheet } from "./table-look.js";
import { number, t } from "./texts.js";
import { css } from "./theme.js";

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

const PARTNER_COLUMNS = [
  { name: "partner_company_name", words: () => t("Company") },
  { name: "partner_contact_name", words: () => t("Contact") },
  { name: "relationship_type", words: () => t("What they are") },
  { name: "estimated_deal_size", words: () => t("Estimated deal"), number: true },
  { name: "notes", words: () => t("Notes") },
];

export class RelPartners extends RelElement {
  static sheets = [tableSheet, partnersSheet];
  static whose = "company-id";
  static observedAttributes = [...RelElement.observedAttributes, "currency", "contacts", "contact-url"];

  /** The form that is open, and whose: null a new one's. @type {any} */
  editing = null;
  /** Whose deletion is asked about. @type {string | null} */
  asking = null;
  by = { name: "partner_company_name", down: false };

  connected(signal) {
    this.hear("partners", () => this.refresh(), signal);
  }

  reset() {
    this.editing = this.asking = null;
  }

  async load() {
    try {
      const { partners } = await this.client.get(`${this.companyPath}/partners`);
      this.#resume(partners);
      return { partners, client: true };
    } catch (problem) {
      if (problem.code !== "not_a_client") throw problem;
      return { partners: [], client: false };
    }
  }

  /** Open the form again whose typing a navigation interrupted. */
  #resume(partners) {
    if (this.editing || !this.may("update")) return;
    const found = hasDraft(this, "new") ? { id: null } : partners.find(({ id }) => hasDraft(this, id));
    if (found) this.editing = { id: found.id, node: this.#form(found.id === null ? null : found) };
  }

  words() {
    const count = this.data?.partners.length;
    return [t("Partners"), " ", count > 0 && h("span", { class: "count" }, number(count))];
  }

  tools() {
    return [
      this.data.client &&
        this.may("update") &&
        this.editing?.id !== null &&
        button(t("Add partner"), () => this.#open(null), { key: "add" }),
    ];
  }

  draw() {
    const { partners, client } = this.data;
    if (!client) return this.#noClient();
    const name = this.called || t("this client");
    return [
      this.editing?.id === null && this.editing.node,
      partners.length
        ? this.#table()
        : this.empty(
            this.may("update")
              ? t("No partners yet. Add those who bring {name} business, or share it.", { name })
              : t("No partners yet."),
          ),
    ];
  }

  #noClient() {
    const own = this.hasAttribute("own-clients") && this.may("manage");
    return [
      h(
        "p",
        { class: "empty" },
        this.called
          ? t("{name} is not a client yet. Partners are kept for clients.", { name: this.called })
          : t("This company is not a client yet. Partners are kept for clients."),
      ),
      own && button(t("Make it a client"), () => this.#makeClient(), { key: "make-client" }),
    ];
  }

  #table() {
    const sum = this.data.partners.reduce((all, one) => all + (one.estimated_deal_size ?? 0), 0);
    const editable = this.may("update") || this.may("manage");
    return h(
      "table",
      {},
      h("caption", { class: "away" }, this.called ? t("Partners of {name}", { name: this.called }) : t("Partners")),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          PARTNER_COLUMNS.map((column) => this.#heading(column)),
          editable && h("td", { class: "controls-cell" }),
        ),
      ),
      h(
        "tbody",
        {},
        this.#sorted().map((partner) => this.#row(partner, editable)),
      ),
      sum > 0 &&
        this.data.partners.length > 1 &&
        h(
          "tfoot",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "row", colspan: "3" }, t("Together")),
            h("td", { class: "number" }, this.#money(sum)),
            h("td", { class: "nothing", colspan: editable ? "2" : "1" }),
          ),
        ),
    );
  }

  #heading({ name, words, number: right }) {
    const sorted = this.by.name === name;
    return h(
      "th",
      {
        scope: "col",
        class: right ? `number ${name}` : name,
        "aria-sort": sorted ? (this.by.down ? "descending" : "ascending") : null,
      },
      button(
        [words(), h("span", { "aria-hidden": "true" }, sorted ? (this.by.down ? "↓" : "↑") : "")],
        () => this.#sort(name),
        { key: `sort-${name}` },
      ),
    );
  }

  #sort(name) {
    this.by = { name, down: this.by.name === name ? !this.by.down : name === "estimated_deal_size" };
    this.paint();
  }

  /** By the chosen column; what is empty comes last either way. */
  #sorted() {
    const { name, down } = this.by;
    const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
    const order = (a, b) => (typeof a === "number" ? a - b : words.compare(a, b));
    return [...this.data.partners].sort((one, other) => {
      const [a, b] = [one[name], other[name]];
      if (a === null || b === null) return (a === null) - (b === null);
      return down ? order(b, a) : order(a, b);
    });
  }

  #row(partner, editable) {
    if (this.editing?.id === partner.id)
      return h("tr", {}, h("td", { colspan: String(PARTNER_COLUMNS.length + 1) }, this.editing.node));
    const {
      partner_company_name: company,
      partner_contact_name: name,
      partner_contact_email: mail,
      relationship_type: kind,
      estimated_deal_size: deal,
      notes,
      contact_id,
    } = partner;
    const address = contact_id && this.contactAddress(contact_id);
    const cell = (words, given, ...children) =>
      h(
        "td",
        {
          "data-label": words,
          ...given,
          class: [given?.class, !children.some(Boolean) && "nothing"].filter(Boolean).join(" "),
        },
        children,
      );
    return h(
      "tr",
      { part: "row" },
      h("th", { scope: "row" }, written(company)),
      cell(
        t("Contact"),
        {},
        name && (address ? h("a", { href: address }, h("bdi", {}, name)) : written(name)),
        !name && address && h("a", { href: address }, t("In your contacts")),
        mail && [" ", h("a", { class: "mail", href: `mailto:${mail}` }, h("bdi", {}, mail))],
      ),
      cell(t("What they are"), {}, kind && written(kind)),
      cell(t("Estimated deal"), { class: "number" }, deal === null ? null : this.#money(deal)),
      cell(t("Notes"), {}, notes && written(notes, "div", { class: "notes small" })),
      editable &&
        h(
          "td",
          { class: "controls-cell" },
          this.asking === partner.id ? this.#asked(partner) : this.#controls(partner),
        ),
    );
  }

  #controls({ id, partner_company_name: about }) {
    return [
      this.may("update") &&
        button(t("Edit"), () => this.#open(this.data.partners.find((one) => one.id === id)), {
          key: `edit-${id}`,
          kind: "quiet",
          about,
        }),
      this.may("manage") && button(t("Remove"), () => this.#ask(id), { key: `remove-${id}`, kind: "quiet", about }),
    ];
  }

  #asked({ id, partner_company_name: about }) {
    return h(
      "div",
      { class: "asked" },
      h("span", { role: "alert" }, t("Remove for good?")),
      button(t("Remove"), () => this.#remove(id, about), { key: `yes-${id}`, kind: "danger", about }),
      button(t("Keep"), () => this.#ask(null, `remove-${id}`), { kind: "quiet", about }),
    );
  }

  #ask(id, key = `yes-${id}`) {
    this.asking = id;
    this.paint();
    this.focusOn(key);
  }

  #money(amount) {
    const currency = this.getAttribute("currency");
    const digits = Number.isInteger(amount) ? 0 : 2;
    return number(amount, {
      ...(currency ? { style: "currency", currency } : {}),
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  }

  #open(partner) {
    this.asking = null;
    this.editing = { id: partner?.id ?? null, node: this.#form(partner) };
    this.paint();
    enter(this.editing.node);
  }

  #form(partner) {
    const contacts = this.#contacts();
    return form(this, {
      draft: partner?.id ?? "new",
      whole: partner === null,
      label: partner ? t("Save") : t("Add"),
      name: partner ? partner.partner_company_name : t("New partner"),
      values: partner ?? {},
      fields: [
        { name: "partner_company_name", label: t("Company"), required: true },
        {
          name: "relationship_type",
          label: t("What they are (optional)"),
          suggestions: [...new Set((this.data?.partners ?? []).map((one) => one.relationship_type).filter(Boolean))],
        },
        { name: "partner_contact_name", label: t("Contact’s name (optional)") },
        { name: "partner_contact_email", label: t("Contact’s e-mail (optional)"), kind: "email" },
        {
          name: "estimated_deal_size",
          label: this.getAttribute("currency")
            ? t("Estimated deal, {currency} (optional)", { currency: this.getAttribute("currency") })
            : t("Estimated deal (optional)"),
          kind: "number",
        },
        ...(contacts.length
          ? [
              {
                name: "contact_id",
                label: t("One of your contacts (optional)"),
                kind: "select",
                options: [["", "–"], ...contacts],
              },
            ]
          : []),
        { name: "notes", label: t("Notes (optional)"), kind: "textarea", wide: true },
      ],
      save: (values) => this.#save(partner, values),
      close: () => {
        this.editing = null;
        this.paint();
        this.focusOn(partner ? `edit-${partner.id}` : "add");
      },
    });
  }

  /** Contacts that a partner may be linked to, where the page gives them: pairs of key and name. */
  #contacts() {
    return this.listed("contacts").map(({ id, name }) => [String(id), name]);
  }

  async #save(partner, values) {
    if (partner && !Object.keys(values).length) return;
    const path = `${this.companyPath}/partners`;
    if (partner) await this.client.patch(`${path}/${partner.id}`, values);
    else await this.client.post(path, values);
    await this.#changed();
  }

  async #remove(id, name) {
    try {
      await this.client.delete(`${this.companyPath}/partners/${id}`);
    } catch (problem) {
      if (problem.kind !== "missing") return this.say(explain(problem));
    }
    this.asking = null;
    await this.#changed();
    this.focusHeading();
    return this.say(t("“{title}” is removed.", { title: name }));
  }

  #makeClient() {
    return this.attempt(async () => {
      await this.client.put(`${this.companyPath}/client-profile`);
      await this.#changed();
      this.focusOn("add");
    });
  }

  async #changed() {
    await this.refresh();
    this.tell("partners");
  }
}

define("rel-partners", RelPartners);
