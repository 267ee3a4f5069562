// The values of a form: what a field holds, what has changed, and under which name a draft of it is stored.

/** @typedef {string | number | boolean | null} Value null is an empty field */
/** @typedef {Record<string, Value>} Values by the names of the API's members */
/** @typedef {"text" | "textarea" | "date" | "number" | "email" | "tel" | "url" | "select" | "checkbox"} Kind */

/**
 * Return the value of a field that is no checkbox.
 * @param {Kind} kind
 * @param {string} text what stands in it
 * @returns {string | number | null}
 */
export function parseValue(kind, text) {
  if (kind === "number") return text === "" ? null : Number(text);
  return text.trim() || null;
}

/**
 * Return the value that a field has at first: that of the draft, where there is one. A field may have been emptied.
 * @param {string} name
 * @param {Values} draft
 * @param {object} initial a row of the API
 * @returns {Value}
 */
export function initialValue(name, draft, initial) {
  return name in draft ? (draft[name] ?? null) : valueOf(name, initial);
}

/**
 * Return the values that differ from those of a row.
 * @param {Values} values
 * @param {object} initial
 * @returns {Values}
 */
export function changedValues(values, initial) {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== valueOf(name, initial)));
}

/**
 * Return a member of a row as an untouched field has it.
 * @param {string} name
 * @param {object} row
 * @returns {Value}
 */
function valueOf(name, row) {
  const value = /** @type {Record<string, Value | undefined>} */ (row)[name];
  return value === "" || value === undefined ? null : value;
}

/**
 * Return the name under which a form's draft is stored.
 * @param {string} tag of the element
 * @param {string} owner id of its contact or company; "" where it has none
 * @param {string} form tells the forms of an element apart
 */
export const draftName = (tag, owner, form) => `draft:${tag}:${owner}:${form}`;
