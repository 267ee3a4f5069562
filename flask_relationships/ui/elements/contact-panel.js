// <rel-contact-panel contact-id="…">: all of a contact's parts together, in two columns where there is room.

import { h } from "./dom.js";
import { PARTS, SLOTS, define } from "./element.js";
import { css, theme } from "./theme.js";
import "./contact-actions.js";
import "./profile.js";
import "./thread.js";
import "./timeline.js";

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

class RelContactPanel extends HTMLElement {
  /** What is handed on to every part. */
  static observedAttributes = [
    "contact-id",
    "api",
    "permissions",
    "viewer",
    "time-zone",
    "leap-day",
    "csrf-token",
    "name",
    "lang",
    "templates",
  ];

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [theme, panelSheet];
    const part = (tag) => h(tag, { exportparts: `${PARTS}, section: ${tag.slice(4)}`, part: tag.slice(4) });
    this.shadowRoot.append(
      h(
        "div",
        { class: "root" },
        h(
          "div",
          { class: "columns" },
          COLUMNS.map((tags) => h("div", { class: "column" }, tags.map(part))),
        ),
      ),
    );
  }

  /** The page's own nodes for a part: `slot="profile-footer"` is the footer of the profile. */
  #slots = new MutationObserver(() => this.#handOn());

  connectedCallback() {
    this.#slots.observe(this, { childList: true });
    this.#handOn();
    for (const name of RelContactPanel.observedAttributes)
      this.attributeChangedCallback(name, null, this.getAttribute(name));
  }

  disconnectedCallback() {
    this.#slots.disconnect();
  }

  /** Only slots that are filled: one that is handed on empty would hide what the part itself shows there. */
  #handOn() {
    const wanted = new Set([...this.children].map((node) => node.slot));
    for (const part of this.shadowRoot.querySelectorAll(".column > *")) {
      const names = SLOTS.map((name) => [name, `${part.localName.slice(4)}-${name}`]).filter(([, name]) =>
        wanted.has(name),
      );
      if (names.join() !== [...part.children].map((one) => [one.slot, one.name]).join())
        part.replaceChildren(...names.map(([slot, name]) => h("slot", { name, slot })));
    }
  }

  attributeChangedCallback(name, _before, value) {
    for (const part of this.shadowRoot.querySelectorAll(".column > *")) {
      if (value === null) part.removeAttribute(name);
      else part.setAttribute(name, value);
    }
  }
}

define("rel-contact-panel", RelContactPanel);
