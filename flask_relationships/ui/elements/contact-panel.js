// <rel-contact-panel contact-id="…">: all parts of a contact together, in two columns where there is room.

import { h } from "./dom.js";
import { PARTS, SLOTS, define } from "./element.js";
import { css, theme } from "./theme.js";
import "./contact-actions.js";
import "./profile.js";
import "./thread.js";
import "./timeline.js";

/** @type {(keyof HTMLElementTagNameMap)[][]} */
const COLUMNS = [
  ["rel-profile", "rel-timeline"],
  ["rel-contact-actions", "rel-thread"],
];

const panelSheet = css`
  .root {
    container-type: inline-size;
  }
  .columns {
    display: grid;
    gap: var(--space);
    grid-template-columns: minmax(0, 1fr);
    align-items: start;
  }
  .column > * {
    margin: 0;
  }
  .column {
    display: grid;
    gap: var(--space);
    grid-template-columns: minmax(0, 1fr);
  }
  @container (width >= 46rem) {
    .columns {
      grid-template-columns: minmax(0, 11fr) minmax(0, 10fr);
    }
  }
`;

export class RelContactPanel extends HTMLElement {
  /** Attributes that every part gets too. */
  static observedAttributes = [
    ...["contact-id", "api", "permissions", "viewer", "time-zone"],
    ...["leap-day", "csrf-token", "name", "lang", "templates"],
  ];

  #parts = COLUMNS.map((tags) =>
    tags.map((tag) => h(tag, { exportparts: `${PARTS}, section: ${partName(tag)}`, part: partName(tag) })),
  );
  #observer = new MutationObserver(() => this.#forwardSlots());

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [theme, panelSheet];
    const columns = this.#parts.map((parts) => h("div", { class: "column" }, parts));
    root.append(h("div", { class: "root" }, h("div", { class: "columns" }, columns)));
  }

  connectedCallback() {
    this.#observer.observe(this, { childList: true });
    this.#forwardSlots();
    for (const name of RelContactPanel.observedAttributes) {
      this.attributeChangedCallback(name, null, this.getAttribute(name));
    }
  }

  disconnectedCallback() {
    this.#observer.disconnect();
  }

  /**
   * Hand the page's own nodes on to the parts: `slot="profile-footer"` is the footer of the profile. Empty slots are
   * not handed on: they would hide what the part itself shows there.
   */
  #forwardSlots() {
    const filled = new Set([...this.children].map((node) => node.slot));
    for (const part of this.#parts.flat()) {
      const names = SLOTS.filter((name) => filled.has(`${partName(part.localName)}-${name}`));
      if (names.join() === [...part.children].map((node) => node.slot).join()) continue;
      const slots = names.map((name) => h("slot", { name: `${partName(part.localName)}-${name}`, slot: name }));
      part.replaceChildren(...slots);
    }
  }

  /** @param {string} name @param {string | null} _before @param {string | null} value */
  attributeChangedCallback(name, _before, value) {
    for (const part of this.#parts.flat()) {
      if (value === null) part.removeAttribute(name);
      else part.setAttribute(name, value);
    }
  }
}

/** Return the name of a part, by which style sheets and slots know it. @param {string} tag */
function partName(tag) {
  return tag.slice("rel-".length);
}

define("rel-contact-panel", RelContactPanel);
