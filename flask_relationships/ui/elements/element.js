// What all elements share: a section that loads, may fail, and is rendered again without losing the focus.

import { publishChange, subscribeToChanges } from "./changes.js";
import { clientOf } from "./client.js";
import { button, flat, h, setChildren } from "./dom.js";
import { explain, logFault } from "./problems.js";
import { loadTexts, t } from "./texts.js";
import { theme } from "./theme.js";
import { commitToastOf, showToast } from "./toast.js";

/** @import { Change, ChangeKind, Child } from "../types/elements.js" */
/** @import { ToastOptions } from "./toast.js" */

/**
 * Where the page puts nodes of its own: children of the tag with such a `slot`. Children without one are the fallback
 * that is shown until the module has run; they have no slot.
 */
export const SLOTS = ["header", "actions", "footer", "empty"];

/** The parts that `::part()` reaches, also through the panel. */
export const PARTS = [
  ...["section", "heading", "controls", "row", "button", "primary", "form", "field"],
  ...["chip", "badge", "bubble", "notice", "composer", "strip", "toast"],
].join(", ");

/** The age after which data are loaded again when the tab is seen again. */
const STALE_MILLISECONDS = 60_000;

/** What a pointer or the space bar presses. The click comes with the release. */
const PRESSABLE = "a, button, label, summary";

/** Events that end a press: `contextmenu` may come instead of `pointerup`. */
const RELEASE_EVENTS = ["pointerup", "pointercancel", "contextmenu", "keyup"];

/** @typedef {"view" | "update" | "manage"} Permission */

/** @template Data what `load` returns */
export class RelElement extends HTMLElement {
  /** Style sheets beside the theme. @type {CSSStyleSheet[]} */
  static sheets = [];
  static observedAttributes = ["contact-id", "company-id", "permissions", "api", "viewer", "name", "time-zone"];
  /** The attribute without which there is nothing to load yet. @type {string | null} */
  static keyAttribute = "contact-id";

  /** @type {Data | null} */
  data = null;
  /** Why it could not be loaded. @type {unknown} */
  problem = null;

  root = this.attachShadow({ mode: "open" });
  heading = h("h2", { class: "heading", id: "heading", part: "heading", tabindex: "-1" });
  controls = h("div", { class: "controls", part: "controls" });
  body = h("div", { class: "body" });
  added = slot("actions");
  live = h("div", { role: "status", "aria-live": "polite" });
  section = h(
    "section",
    { class: "root card", part: "section", "aria-labelledby": "heading", "aria-busy": "true" },
    h("div", { class: "head" }, this.heading, this.controls),
    slot("header"),
    this.body,
    slot("footer"),
    this.live,
  );

  /** Ends the subscriptions of this stay on the page. @type {AbortController | null} */
  #stay = null;
  #loads = 0;
  #loadedAt = 0;
  /** Until then attributes are still being set. */
  #isConnected = false;
  #isPressed = false;
  /** Whether to render once the pressed control is released. */
  #isRenderDue = false;

  constructor() {
    super();
    this.root.adoptedStyleSheets = [theme, .../** @type {typeof RelElement} */ (this.constructor).sheets];
    this.root.append(this.section);
    this.section.addEventListener("pointerdown", (event) => {
      this.#isPressed = event.button === 0 && isPressable(event);
    });
    this.section.addEventListener("keydown", (event) => {
      if (event.key === " ") this.#isPressed = isPressable(event);
    });
  }

  /** Return the heading's text or nodes. @returns {Child} */
  renderHeading() {
    return "";
  }

  /** Return what stands at the end of the heading's line. @param {Data} _data @returns {Child} */
  renderControls(_data) {
    return [];
  }

  /** Return the nodes below the heading. @param {Data} _data @returns {Child} */
  renderBody(_data) {
    return [];
  }

  /** Fetch what is shown. @returns {Promise<Data>} */
  load() {
    throw new Error("load() is missing");
  }

  /** Subscribe to changes until the signal ends. @param {AbortSignal} _signal */
  onConnect(_signal) {}

  /** Forget what belongs to another contact or company. @param {string} _attribute the one that has changed */
  reset(_attribute) {}

  async connectedCallback() {
    const { signal } = (this.#stay = new AbortController());
    await loadTexts(languageOf(this));
    if (signal.aborted) return;
    this.onConnect(signal);
    this.#isConnected = true;
    document.addEventListener("visibilitychange", () => this.#refreshStale(), { signal });
    for (const kind of RELEASE_EVENTS) addEventListener(kind, () => this.#release(), { signal, capture: true });
    await this.refresh();
  }

  /** Who comes back to the tab after a while sees what others have changed. */
  #refreshStale() {
    const isStale = this.data !== null && Date.now() - this.#loadedAt > STALE_MILLISECONDS;
    if (isStale && document.visibilityState === "visible") this.refresh({ quiet: true });
  }

  disconnectedCallback() {
    this.#stay?.abort();
    this.#isPressed = false;
    commitToastOf(this);
  }

  /** @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    if (before === after || !this.#isConnected) return;
    this.data = null;
    this.reset(name);
    this.refresh();
  }

  /**
   * Load and render: with a placeholder where nothing was shown yet, otherwise in place.
   * @param {{ quiet?: boolean }} [options] `quiet`: nobody asked for it, so a failure is not shown
   */
  async refresh({ quiet = false } = {}) {
    const own = ++this.#loads;
    if (this.data === null) {
      this.problem = null;
      this.requestRender();
      const { keyAttribute } = /** @type {typeof RelElement} */ (this.constructor);
      if (keyAttribute && !this.getAttribute(keyAttribute)) return;
    }
    try {
      const data = await this.load();
      if (own !== this.#loads) return;
      this.data = data;
      this.#loadedAt = Date.now();
      this.problem = null;
    } catch (error) {
      if (own !== this.#loads) return;
      logFault(error);
      if (this.data !== null) {
        if (!quiet) this.notify(explain(error));
        return;
      }
      this.problem = error;
    }
    this.requestRender();
  }

  /** Render, but not while a button is pressed: the click would miss a button that is created again meanwhile. */
  requestRender() {
    this.#isRenderDue = this.#isPressed;
    if (!this.#isRenderDue) this.render();
  }

  /** Render after the click, which comes next and may render by itself. */
  #release() {
    this.#isPressed = false;
    setTimeout(() => {
      if (this.#isRenderDue) this.requestRender();
    });
  }

  /** Render, and give the focus back to the control that had it, where it is still there. */
  render() {
    const { focused } = this;
    const hadFocus = focused !== null && this.section.contains(focused) && !this.live.contains(focused);
    const key = focused?.closest("[data-key]")?.getAttribute("data-key");
    this.section.setAttribute("aria-busy", String(this.data === null && !this.problem));
    this.heading.replaceChildren(...flat([this.renderHeading()]));
    setChildren(this.controls, [this.data !== null && this.renderControls(this.data), this.added]);
    setChildren(this.body, this.data !== null ? this.renderBody(this.data) : this.#placeholder());
    if (!hadFocus) return;
    if (!focused.isConnected) this.focusOn(key ?? "");
    else if (this.root.activeElement !== focused) focused.focus({ preventScroll: true });
  }

  /**
   * Return what stands there when there is nothing to show, unless the page has something better.
   * @param {string} text
   */
  renderEmpty(text) {
    return slot("empty", h("p", { class: "empty" }, text));
  }

  #placeholder() {
    return this.problem ? this.#failure() : loadingLines();
  }

  #failure() {
    const tryAgain = () => {
      this.problem = null;
      this.refresh();
    };
    return [
      h("div", { role: "alert", class: "alert", part: "notice" }, explain(this.problem)),
      h("p", { class: "empty" }, button(t("Try again"), tryAgain, { key: "again" })),
    ];
  }

  /** The control of this element that has the focus. */
  get focused() {
    const active = this.root.activeElement;
    return active instanceof HTMLElement ? active : null;
  }

  get client() {
    return clientOf({
      api: this.getAttribute("api"),
      token: this.getAttribute("csrf-token"),
      viewer: this.getAttribute("viewer"),
    });
  }

  get timeZone() {
    return this.getAttribute("time-zone");
  }

  get contactId() {
    return this.getAttribute("contact-id") ?? "";
  }

  get companyId() {
    return this.getAttribute("company-id") ?? "";
  }

  /** The path of the contact below the API. */
  get contactPath() {
    return `/contacts/${encodeURIComponent(this.contactId)}`;
  }

  /** The path of the company below the API. */
  get companyPath() {
    return `/companies/${encodeURIComponent(this.companyId)}`;
  }

  /** The name of the contact or company; "" where the tag does not say. */
  get displayName() {
    return this.getAttribute("name") ?? "";
  }

  /** Return the address of a contact's page, where the tag has a pattern for it. @param {string} id */
  contactUrl(id) {
    return this.getAttribute("contact-url")?.replace("{id}", encodeURIComponent(id)) ?? null;
  }

  /**
   * Return an attribute that is a JSON list; an empty list where it is none.
   * @template Item
   * @param {string} name
   * @returns {Item[]}
   */
  listAttribute(name) {
    try {
      const list = JSON.parse(this.getAttribute(name) || "[]");
      if (Array.isArray(list)) return list;
    } catch {
      // Logged below.
    }
    console.error(`the attribute ${name} of an element is no JSON list`);
    return [];
  }

  /**
   * Return whether the user has a permission. A tag without `permissions` leaves it to the API.
   * @param {Permission} level
   */
  can(level) {
    return (this.getAttribute("permissions") ?? "view update manage").split(/\s+/).includes(level);
  }

  /** Tell other elements, and the page, what this one changed. @param {ChangeKind} kind @param {Change} [change] */
  publish(kind, change = {}) {
    const own = { contact: this.getAttribute("contact-id"), company: this.getAttribute("company-id") };
    publishChange(this, kind, { ...own, ...change });
  }

  /**
   * Call `run` when another element changes something of the same contact or company; of any where this one has none.
   * @param {ChangeKind} kind
   * @param {(change: Change) => unknown} run
   * @param {AbortSignal} signal
   */
  subscribe(kind, run, signal) {
    /** @param {string} attribute @param {string | null | undefined} id */
    const isOwn = (attribute, id) =>
      !this.hasAttribute(attribute) || id === null || id === undefined || id === this.getAttribute(attribute);
    subscribeToChanges(
      this,
      kind,
      (change) => {
        if (isOwn("contact-id", change.contact) && isOwn("company-id", change.company)) run(change);
      },
      signal,
    );
  }

  /**
   * Show a line at the foot of the window; see toast.js for what can be undone.
   * @param {string} text
   * @param {ToastOptions} [options]
   */
  notify(text, options = {}) {
    showToast(this, text, options);
  }

  /** Run what may fail, and say why it did. Return whether it did not. @param {() => unknown} run */
  async attempt(run) {
    try {
      await run();
      return true;
    } catch (error) {
      logFault(error);
      this.notify(explain(error));
      return false;
    }
  }

  /** Give the focus to the control with a key, or to the heading where there is none. @param {string} key */
  focusOn(key) {
    const found = this.root.querySelector(`[data-key="${CSS.escape(key)}"]`);
    (found instanceof HTMLElement ? found : this.heading).focus({ preventScroll: true });
  }

  focusHeading() {
    this.heading.focus({ preventScroll: true });
  }
}

/**
 * Return a place for the page's own nodes, and what stands there where it has none.
 * @param {string} name
 * @param {...Child} otherwise
 */
export function slot(name, ...otherwise) {
  return h("slot", { name }, otherwise);
}

/** @param {Event} event */
function isPressable({ target }) {
  return target instanceof Element && target.closest(PRESSABLE) !== null;
}

/**
 * Return the language of the page where an element stands, looked for through every shadow root around it.
 * @param {Element} element
 */
function languageOf(element) {
  for (let node = element; node;) {
    const found = node.closest("[lang]")?.getAttribute("lang");
    if (found) return found;
    const root = node.getRootNode();
    if (!(root instanceof ShadowRoot)) break;
    node = root.host;
  }
  return navigator.language;
}

function loadingLines() {
  const lines = [1, 2, 3].map(() => h("div", { class: "bone", "aria-hidden": "true" }));
  return [h("p", { class: "away" }, t("Loading…")), ...lines];
}

/**
 * Define an element once, however often its module is loaded.
 * @param {string} tag
 * @param {CustomElementConstructor} element
 */
export function define(tag, element) {
  if (!customElements.get(tag)) customElements.define(tag, element);
}
