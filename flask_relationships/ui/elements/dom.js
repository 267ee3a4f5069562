// Building nodes. Text is only ever set as text: no markup is parsed anywhere in these modules.

const SVG = "http://www.w3.org/2000/svg";

/**
 * A node: `on` holds listeners, names that the node has as properties are set as such, all others as attributes.
 * null, undefined and false leave an attribute or child out.
 * @param {string} tag
 * @param {Record<string, any> | null} [given]
 * @param {...any} children nodes, texts, numbers, or arrays of them
 * @returns {any}
 */
export function h(tag, given, ...children) {
  return make(document.createElement(tag), given, children);
}

/** The same for a node of a drawing. */
export function svg(tag, given, ...children) {
  return make(document.createElementNS(SVG, tag), given, children);
}

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "selected", "indeterminate"]);

function make(node, given, children) {
  for (const [name, value] of Object.entries(given ?? {})) {
    if (name === "on") for (const [kind, listen] of Object.entries(value)) node.addEventListener(kind, listen);
    else if (PROPERTIES.has(name) && name in node) node[name] = value ?? "";
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...flat(children));
  return node;
}

/** Children without what is left out. */
export function flat(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false && child !== "");
}

/**
 * A button that says what it does; `key` is what the focus is found by after the part was drawn again. While what it
 * does has not ended, pressing it again does nothing.
 */
export function button(label, run, { key = null, kind = "", about = "", ...given } = {}) {
  return h(
    "button",
    {
      type: "button",
      class: kind,
      part: kind === "primary" ? "button primary" : "button",
      "data-key": key,
      on: { click: (event) => whileBusy(event.currentTarget, () => run(event)) },
      ...given,
    },
    label,
    about && h("span", { class: "aside" }, " ", about),
  );
}

/** Do what a button does, which it says is being done, and nothing while that has not ended. */
export async function whileBusy(pressed, run) {
  if (pressed.ariaBusy) return;
  const doing = run();
  if (!doing?.then) return;
  pressed.ariaBusy = "true";
  try {
    return await doing;
  } finally {
    pressed.ariaBusy = null;
  }
}

/**
 * What is folded away until somebody opens it. `told` hears so with the click: the browser's own `toggle` comes later,
 * and the part may be drawn again in between. That is heard too, for a search in the page opens it without a click.
 */
export function folded(words, { open, told, key, ...given }, ...children) {
  const node = h(
    "details",
    { open, on: { toggle: () => told(node.open) }, ...given },
    h("summary", { "data-key": key, on: { click: () => told(!node.open) } }, words),
    children,
  );
  return node;
}

/** What somebody wrote: in the direction of its own script, where the block around it has that of the page. */
export function written(text, tag = "span", given = {}) {
  return h(tag, given, h("bdi", {}, text));
}

/** Short texts in one line, with dots between them; what is empty is left out. */
export function dotted(...parts) {
  return flat(parts)
    .flatMap((part, place) => [place ? " · " : "", h("span", {}, part)])
    .filter(Boolean);
}

/** Set a text, and leave it alone where it says so already: what is announced is announced once. */
export function fillText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
