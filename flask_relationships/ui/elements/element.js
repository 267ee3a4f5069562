// What all elements share: a section with a heading, that loads, may fail, and is drawn again without losing the focus.

import { hearChange, tellChange } from "./changes.js";
import { clientOf } from "./client.js";
import { button, flat, h } from "./dom.js";
import { explain } from "./problems.js";
import { speak, t } from "./texts.js";
import { theme } from "./theme.js";
import { leave, toast } from "./toast.js";

/**
 * Where the page puts nodes of its own: children of the tag with such a `slot`. Children without one are what stands
 * there until the module has run, and have no place.
 */
export const SLOTS = ["header", "actions", "footer", "empty"];

/** The parts that `::part()` reaches, also through the panel. */
export const PARTS =
  "section, heading, controls, row, button, primary, form, field, chip, badge, bubble, notice, composer, strip, toast";

/** After how many milliseconds what is shown is looked up again when the tab is seen again. */
const STALE = 60_000;

/** What a pointer or the space bar presses: what that does comes with the release. */
const PRESSED = "a, button, label, summary";

/** What ends a press: `contextmenu` may come instead of `pointerup`. */
const RELEASES = ["pointerup", "pointercancel", "contextmenu", "keyup"];

export class RelElement extends HTMLElement {
  /** Style sheets beside the theme. @type {CSSStyleSheet[]} */
  static sheets = [];
  static observedAttributes = ["contact-id", "company-id", "permissions", "api", "viewer", "name", "time-zone"];
  /** The attribute without which there is nothing to ask for yet. @type {string | null} */
  static whose = "contact-id";

  /** What `load` returned last. @type {any} */
  data = null;
  /** Why it could not be loaded. @type {any} */
  problem = null;

  #ends = null;
  #asked = 0;
  #at = 0;
  /** Before that, attributes are still being written. */
  #begun = false;
  /** Whether a control is pressed. */
  #pressed = false;
  /** Whether to draw once it is released. */
  #due = false;

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [theme, ...this.constructor.sheets];
    this.heading = h("h2", { class: "heading", id: "heading", part: "heading", tabindex: "-1" });
    this.controls = h("div", { class: "controls", part: "controls" });
    this.body = h("div", { class: "body" });
    this.added = slot("actions");
    this.live = h("div", { role: "status", "aria-live": "polite" });
    this.section = h(
      "section",
      { class: "root card", part: "section", "aria-labelledby": "heading", "aria-busy": "true" },
      h("div", { class: "head" }, this.heading, this.controls),
      slot("header"),
      this.body,
      slot("footer"),
      this.live,
    );
    this.shadowRoot.append(this.section);
    this.section.addEventListener("pointerdown", ({ button, target }) => {
      this.#pressed = !button && target.closest(PRESSED);
    });
    this.section.addEventListener("keydown", ({ key, target }) => {
      if (key === " ") this.#pressed = target.closest(PRESSED);
    });
  }

  /** The heading's text, or nodes. */
  words() {
    return "";
  }

  /** What stands at the end of the heading's line. */
  tools() {
    return [];
  }

  /** Fetch what is shown. @returns {Promise<any>} */
  async load() {
    return {};
  }

  /** The nodes below the heading, from `this.data`. */
  draw() {
    return [];
  }

  /** Subscribe here: the signal ends when the element leaves the page. @param {AbortSignal} _signal */
  connected(_signal) {}

  async connectedCallback() {
    this.#ends = new AbortController();
    const { signal } = this.#ends;
    await speak(languageOf(this));
    if (signal.aborted) return;
    this.connected(signal);
    this.#begun = true;
    document.addEventListener("visibilitychange", () => this.#seenAgain(), { signal });
    for (const kind of RELEASES) addEventListener(kind, () => this.#release(), { signal, capture: true });
    await this.refresh();
  }

  /** Whoever comes back to the tab after a while sees what others did meanwhile. */
  #seenAgain() {
    if (document.visibilityState === "visible" && this.data !== null && Date.now() - this.#at > STALE)
      this.refresh({ quiet: true });
  }

  disconnectedCallback() {
    this.#ends?.abort();
    this.#pressed = false;
    leave(this);
  }

  attributeChangedCallback(name, before, after) {
    if (before === after || !this.#begun) return;
    this.data = null;
    this.reset?.(name);
    this.refresh();
  }

  /** Load again and draw: with bones where nothing was shown yet, else in place. `quiet`: nobody asked for it. */
  async refresh({ quiet = false } = {}) {
    const asked = ++this.#asked;
    if (this.data === null) {
      this.problem = null;
      this.paint();
      const { whose } = this.constructor;
      if (whose && !this.getAttribute(whose)) return;
    }
    try {
      const data = await this.load();
      if (asked !== this.#asked) return;
      this.data = data;
      this.#at = Date.now();
      this.problem = null;
    } catch (problem) {
      if (asked !== this.#asked) return;
      if (!problem.kind) console.error(problem);
      if (this.data !== null) return quiet || this.say(explain(problem));
      this.problem = problem;
    }
    this.paint();
  }

  /** Draw what there is, but not while a button is pressed: one that is made anew meanwhile is not clicked. */
  paint() {
    this.#due = Boolean(this.#pressed);
    if (!this.#due) this.render();
  }

  /** What is due is drawn after the click, which comes next and may draw by itself. */
  #release() {
    this.#pressed = false;
    setTimeout(() => this.#due && this.paint());
  }

  /** The control that had the focus has it again, where it is still there. */
  render() {
    const active = this.shadowRoot.activeElement;
    const key = active?.closest("[data-key]")?.dataset.key;
    const inside = active !== null && this.section.contains(active) && !this.live.contains(active);
    this.section.setAttribute("aria-busy", String(this.data === null && !this.problem));
    this.heading.replaceChildren(...flat([this.words()]));
    const shown = this.data !== null;
    fill(this.controls, [shown && this.tools(), this.added]);
    fill(this.body, shown ? this.draw() : this.problem ? this.failure() : bones());
    if (!inside || active.isConnected) {
      if (inside && this.shadowRoot.activeElement !== active) active.focus({ preventScroll: true });
      return;
    }
    this.focusOn(key ?? "");
  }

  /** What stands there when there is nothing to show, unless the page has something better. */
  empty(...words) {
    return slot("empty", h("p", { class: "empty" }, words));
  }

  /** What stands there when loading failed. */
  failure() {
    return [
      h("div", { role: "alert", class: "alert", part: "notice" }, explain(this.problem)),
      h(
        "p",
        { class: "empty" },
        button(
          t("Try again"),
          () => {
            this.problem = null;
            this.refresh();
          },
          { key: "again" },
        ),
      ),
    ];
  }

  get client() {
    return clientOf({
      api: this.getAttribute("api"),
      token: this.getAttribute("csrf-token"),
      viewer: this.getAttribute("viewer"),
    });
  }

  /** The address of the element's contact below the API. */
  get contactPath() {
    return `/contacts/${encodeURIComponent(this.getAttribute("contact-id") ?? "")}`;
  }

  get companyPath() {
    return `/companies/${encodeURIComponent(this.getAttribute("company-id") ?? "")}`;
  }

  /** What the contact or company is called; "" where the tag does not say. */
  get called() {
    return this.getAttribute("name") ?? "";
  }

  /** The page of a contact, where the tag says how it is found. */
  contactAddress(id) {
    return this.getAttribute("contact-url")?.replace("{id}", encodeURIComponent(id)) ?? null;
  }

  /** An attribute that is a JSON list; an empty one where it is none. @returns {any[]} */
  listed(name) {
    try {
      const given = JSON.parse(this.getAttribute(name) || "[]");
      if (Array.isArray(given)) return given;
    } catch {
      // Told below.
    }
    console.error(`the attribute ${name} of an element is no JSON list`);
    return [];
  }

  /** Whether controls of a level are there: update or manage. A tag without `permissions` leaves it to the API. */
  may(level) {
    return (this.getAttribute("permissions") ?? "view update manage").split(/\s+/).includes(level);
  }

  /** Tell other elements, and the page, what this one changed. */
  tell(kind, detail = {}) {
    tellChange(this, kind, {
      contact: this.getAttribute("contact-id"),
      company: this.getAttribute("company-id"),
      ...detail,
    });
  }

  /** Hear what other elements changed of the same contact or company, or of any where this one is of none. */
  hear(kind, run, signal) {
    const mine = (name, told) =>
      !this.hasAttribute(`${name}-id`) || told == null || told === this.getAttribute(`${name}-id`);
    hearChange(
      this,
      kind,
      (detail) => mine("contact", detail.contact) && mine("company", detail.company) && run(detail),
      signal,
    );
  }

  /** Say something at the foot of the window; see toast.js for what may be undone. */
  say(text, held = {}) {
    toast(this, text, held);
  }

  /** Do what may fail, and say why it did. @returns {Promise<boolean>} whether it did not */
  async attempt(run) {
    try {
      await run();
      return true;
    } catch (problem) {
      if (!problem.kind) console.error(problem);
      this.say(explain(problem));
      return false;
    }
  }

  /** The focus goes to the control of a key, or to the heading where it is gone. */
  focusOn(key) {
    (this.shadowRoot.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? this.heading).focus({ preventScroll: true });
  }

  focusHeading() {
    this.heading.focus({ preventScroll: true });
  }
}

/** A place for the page's own nodes, and what stands there where it has none. */
export function slot(name, ...otherwise) {
  return h("slot", { name }, otherwise);
}

/** Exchange the children, and leave those alone that stay in their place. */
export function fill(place, nodes) {
  const wanted = flat([nodes]);
  if (wanted.length === place.childNodes.length && wanted.every((node, index) => node === place.childNodes[index]))
    return;
  place.replaceChildren(...wanted);
}

/** The language of the page where an element stands, looked for through every shadow root around it. */
function languageOf(node) {
  for (let at = node; at; at = at.getRootNode().host) {
    const found = at.closest("[lang]")?.getAttribute("lang");
    if (found) return found;
  }
  return navigator.language;
}

function bones() {
  return [
    h("p", { class: "away" }, t("Loading…")),
    ...[1, 2, 3].map(() => h("div", { class: "bone", "aria-hidden": "true" })),
  ];
}

/** Define an element once, however often its module is asked for. */
export function define(tag, element) {
  if (!customElements.get(tag)) customElements.define(tag, element);
}
