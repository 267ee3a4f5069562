// Forms: a label for each field, its error next to it, and a draft of everything typed until it is saved.

import { Problem } from "./client.js";
import { button, h, whileBusy } from "./dom.js";
import { changedValues, draftName, initialValue, parseValue } from "./form-values.js";
import { explain, explainMember, logFault } from "./problems.js";
import { t } from "./texts.js";

/** @import { RelElement } from "./element.js" */
/** @import { Kind, Value, Values } from "./form-values.js" */

/**
 * @typedef {object} Field
 * @property {string} name the member's name in the API
 * @property {string} label
 * @property {Kind} [kind]
 * @property {[string, string][]} [options] of a select: values and labels
 * @property {string[]} [suggestions] of a text
 * @property {string | null} [hint]
 * @property {boolean} [required]
 * @property {boolean} [wide]
 */

/**
 * @typedef {object} FormOptions
 * @property {string} draft tells the drafts of the element's forms apart
 * @property {Field[]} fields
 * @property {object} values the row that is edited
 * @property {(values: Values) => Promise<unknown>} save may throw a Problem: it is shown, and what was typed stays
 * @property {() => void} close called once the form is saved or given up
 * @property {string} label what the button says
 * @property {boolean} [whole] whether `save` gets all values, not only those that have changed
 * @property {Node | null} [more] what stands below the buttons
 * @property {string} [name] what the form is called, for screen readers
 */

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Input */

let forms = 0;

/** Create a form. @param {RelElement<unknown>} element @param {FormOptions} options */
export function form(element, { draft, fields, values, save, close, label, whole = false, name = label, more = null }) {
  const { storage } = element.client;
  const key = draftKey(element, draft);
  /** @type {Values} */
  const typed = storage.get(key) ?? {};
  const id = `form-${++forms}`;
  const alert = h("p", { class: "alert wide", role: "alert", hidden: true });
  const controls = fields.map((field) => new Control(field, initialValue(field.name, typed, values), id));
  const submit = h("button", { class: "primary", part: "button primary" }, label);

  const current = () => Object.fromEntries(controls.map((control) => [control.name, control.value]));
  const changed = () => changedValues(current(), values);
  const finish = () => {
    storage.remove(key);
    close();
  };
  const storeDraft = () => {
    const now = changed();
    if (Object.keys(now).length) storage.set(key, now);
    else storage.remove(key);
  };
  const handleKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !event.defaultPrevented) {
      event.stopPropagation();
      finish();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) node.requestSubmit();
  };
  const send = async () => {
    alert.hidden = true;
    for (const control of controls) control.showError("");
    if (!checkRequired(controls)) return;
    // What is typed after the button was pressed would be lost with the form.
    for (const control of controls) control.isReadOnly = true;
    try {
      await save(whole ? current() : changed());
      finish();
    } catch (error) {
      logFault(error);
      showErrors(error);
    } finally {
      for (const control of controls) control.isReadOnly = false;
    }
  };
  const showErrors = (/** @type {unknown} */ error) => {
    /** @type {string[]} */
    const others = [];
    for (const [member, fault] of error instanceof Problem ? error.members : []) {
      const control = controls.find((one) => one.name === member);
      if (control) control.showError(explainMember(fault));
      else others.push(explainMember(fault));
    }
    const first = controls.find((control) => control.isInvalid);
    if (!first || others.length) {
      alert.textContent = others.join(" ") || explain(error);
      alert.hidden = false;
    }
    first?.input.focus();
  };

  const node = h(
    "form",
    {
      class: "fields inset",
      novalidate: true,
      "aria-label": name,
      part: "form",
      on: {
        input: storeDraft,
        keydown: handleKey,
        submit: (event) => {
          event.preventDefault();
          whileBusy(submit, send);
        },
      },
    },
    Object.keys(typed).length > 0 &&
      h("p", { class: "notice wide small" }, t("Not saved yet: this is what you typed last time.")),
    alert,
    controls.map((control) => control.node),
    h("div", { class: "buttons wide" }, submit, button(t("Cancel"), finish, { kind: "quiet" })),
    more,
  );
  return node;
}

/** Return whether a draft of a form is stored. @param {RelElement<unknown>} element @param {string} draft */
export function hasDraft(element, draft) {
  return element.client.storage.get(draftKey(element, draft)) !== undefined;
}

/** @param {RelElement<unknown>} element @param {string} draft */
function draftKey(element, draft) {
  return draftName(element.localName, element.contactId || element.companyId, draft);
}

/** Give the focus to the first field of a form that has just been opened. @param {Element} node */
export function focusFirstField(node) {
  const first = node.querySelector("input, select, textarea");
  if (first instanceof HTMLElement) first.focus();
}

/** Mark the required fields that are empty, and return whether there is none. @param {Control[]} controls */
function checkRequired(controls) {
  const missing = controls.filter((control) => control.field.required && !control.value);
  for (const control of missing) control.showError(t("This field is required."));
  missing[0]?.input.focus();
  return !missing.length;
}

/** A field with its label, hint and error. */
class Control {
  #error = h("p", { class: "wrong", hidden: true });

  /** @param {Field} field @param {Value} value @param {string} formId */
  constructor(field, value, formId) {
    this.field = field;
    this.id = `${formId}-${field.name}`;
    this.#error.id = `${this.id}-wrong`;
    this.input = this.#createInput(value);
    this.node = this.#arrange();
  }

  get name() {
    return this.field.name;
  }

  get kind() {
    return this.field.kind ?? "text";
  }

  /** @returns {Value} */
  get value() {
    if (this.input instanceof HTMLInputElement && this.kind === "checkbox") return this.input.checked;
    return parseValue(this.kind, this.input.value);
  }

  get isInvalid() {
    return this.input.hasAttribute("aria-invalid");
  }

  set isReadOnly(/** @type {boolean} */ isReadOnly) {
    if (!(this.input instanceof HTMLSelectElement)) this.input.readOnly = isReadOnly;
  }

  /** @param {string} text "" where nothing is wrong */
  showError(text) {
    this.#error.textContent = text;
    this.#error.hidden = !text;
    if (text) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }

  /** @param {Value} value @returns {Input} */
  #createInput(value) {
    const { name, options = [], suggestions = [], hint, required } = this.field;
    const { id, kind } = this;
    const given = {
      id,
      name,
      "aria-describedby": hint ? `${id}-hint ${id}-wrong` : `${id}-wrong`,
      "aria-required": required ? "true" : null,
    };
    if (kind === "textarea") return h("textarea", { ...given, rows: 2, dir: "auto", value: value ?? "" });
    if (kind === "checkbox") return h("input", { ...given, type: "checkbox", checked: Boolean(value) });
    if (kind === "select") return h("select", given, optionNodes(options, String(value ?? "")));
    return h("input", {
      ...given,
      type: kind,
      list: suggestions.length ? `${id}-list` : null,
      dir: ["text", "email", "url"].includes(kind) ? "auto" : null,
      autocomplete: "off",
      value: value ?? "",
    });
  }

  #arrange() {
    const { label, suggestions = [], hint, wide } = this.field;
    const { id, input } = this;
    const tip = hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null;
    if (this.kind === "checkbox") {
      const around = h("label", { class: "check" }, input, h("span", {}, label));
      return h("div", { class: wide ? "wide" : "", part: "field" }, around, tip, this.#error);
    }
    const options = suggestions.map((one) => h("option", { value: one }));
    return h(
      "div",
      { class: wide ? "field wide" : "field", part: "field" },
      h("label", { for: id }, label),
      input,
      options.length > 0 && h("datalist", { id: `${id}-list` }, options),
      tip,
      this.#error,
    );
  }
}

/**
 * Return the options of a select. A value that is none of them gets an option of its own, so that it is not lost.
 * @param {[string, string][]} options
 * @param {string} value
 */
function optionNodes(options, value) {
  const isKnown = !value || options.some(([one]) => one === value);
  /** @type {[string, string][]} */
  const shown = isKnown ? options : [...options, [value, value]];
  return shown.map(([one, label]) => h("option", { value: one, selected: one === value }, label));
}
