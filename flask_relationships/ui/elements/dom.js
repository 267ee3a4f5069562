// Building nodes. Text is only ever set as text: no markup is parsed anywhere in these modules.

/** @import { Attributes, Child } from "../types/elements.js" */

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

/** Names that are set as properties: their attributes only say what they are at first. */
const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "selected", "indeterminate"]);

/**
 * Create an element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes | null} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * Create an element of a drawing.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes | null} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG_NAMESPACE, tag), attributes, children);
}

/**
 * @template {Element} Node
 * @param {Node} node
 * @param {Attributes | null | undefined} attributes
 * @param {Child[]} children
 */
function fill(node, attributes, children) {
  const { on = {}, ...others } = attributes ?? {};
  for (const [kind, listener] of Object.entries(on)) {
    node.addEventListener(kind, /** @type {EventListener} */ (listener));
  }
  for (const [name, value] of Object.entries(others)) {
    if (PROPERTIES.has(name) && name in node) Object.assign(node, { [name]: value ?? "" });
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, String(value));
  }
  node.append(...flat(children));
  return node;
}

/**
 * Return nested children as one list, without those that are left out.
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
export function flat(children) {
  return children.flatMap((child) => {
    if (Array.isArray(child)) return flat(child);
    if (child === null || child === undefined || child === false || child === "") return [];
    return [child instanceof Node ? child : String(child)];
  });
}

/**
 * Create a button. Pressing it again before `run` has ended does nothing.
 * @param {Child} label
 * @param {(event: MouseEvent) => unknown} run
 * @param {Attributes & ButtonOptions} [options]
 * @typedef {object} ButtonOptions
 * @property {string} [key] finds the button again after its part was rendered again, so that it keeps the focus
 * @property {string} [kind] class name
 * @property {string} [about] what the button acts on, for screen readers
 */
export function button(label, run, { key, kind = "", about = "", ...attributes } = {}) {
  /** @type {HTMLButtonElement} */
  const node = h(
    "button",
    {
      type: "button",
      class: kind,
      part: kind === "primary" ? "button primary" : "button",
      "data-key": key,
      on: { click: (event) => whileBusy(node, () => run(event)) },
      ...attributes,
    },
    label,
    about && h("span", { class: "aside" }, " ", about),
  );
  return node;
}

/**
 * Run what a button does and mark the button as busy meanwhile. Do nothing where it is busy already.
 * @template Result
 * @param {HTMLElement} pressed
 * @param {() => Result} run
 * @returns {Promise<Awaited<Result> | undefined>}
 */
export async function whileBusy(pressed, run) {
  if (pressed.ariaBusy) return undefined;
  const running = run();
  if (!(running instanceof Promise)) return undefined;
  pressed.ariaBusy = "true";
  try {
    return await running;
  } finally {
    pressed.ariaBusy = null;
  }
}

/**
 * Create a part that is folded away until the user opens it.
 *
 * `onToggle` is called with the click: the browser's own `toggle` comes later, and the part may be rendered again in
 * between. `toggle` is listened to as well, because a search in the page opens the part without a click.
 * @param {Child} label
 * @param {{ open: boolean, onToggle: (open: boolean) => void, key: string, class?: string }} options
 * @param {...Child} children
 */
export function disclosure(label, { open, onToggle, key, ...attributes }, ...children) {
  /** @type {HTMLDetailsElement} */
  const node = h(
    "details",
    { on: { toggle: () => onToggle(node.open) }, ...attributes, open },
    h("summary", { "data-key": key, on: { click: () => onToggle(!node.open) } }, label),
    children,
  );
  return node;
}

/**
 * Create an element for text that a user typed: it keeps the direction of its own script.
 * @template {keyof HTMLElementTagNameMap} [Tag="span"]
 * @param {string} text
 * @param {Tag} [tag]
 * @param {Attributes} [attributes]
 */
export function userText(text, tag, attributes = {}) {
  return h(tag ?? "span", attributes, h("bdi", {}, text));
}

/**
 * Return short texts for one line, with dots between them.
 * @param {...Child} parts
 */
export function joinWithDots(...parts) {
  return flat(parts).flatMap((part, place) => [place ? " · " : "", h("span", {}, part)]);
}

/**
 * Set a text. The same text is not set again: a live region would announce it twice.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Replace the children, unless they are the same nodes already.
 * @param {Element} place
 * @param {Child} nodes
 */
export function setChildren(place, nodes) {
  const wanted = flat([nodes]);
  const isSame =
    wanted.length === place.childNodes.length && wanted.every((node, index) => node === place.childNodes[index]);
  if (!isSame) place.replaceChildren(...wanted);
}

/**
 * Make the children of a list these nodes. A node that stays in its place is not touched: it keeps its focus and state.
 * @param {Element} list
 * @param {Element[]} nodes
 */
export function reorderChildren(list, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...list.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, place) => {
    if (list.children[place] !== node) list.insertBefore(node, list.children[place] ?? null);
  });
}
