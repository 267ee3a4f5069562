// The approved template that a WhatsApp message is made from: one of the page's list, or any by its id.
//
// The list is the element's `templates`, JSON: [{"sid": "HX…", "name": "Birthday", "body": "Happy birthday, {{1}}!"}].

import { h } from "./dom.js";
import { explainMember } from "./problems.js";
import { fillVariables, variablesOf } from "./template-text.js";
import { t } from "./texts.js";

/** @import { FieldError, MessageTemplate } from "../types/elements.js" */
/** @import { TypedTemplate } from "./message-draft.js" */
/** @import { RelThread } from "./thread.js" */

export class TemplateField {
  /** @type {MessageTemplate[]} */
  #known;
  #error = h("p", { class: "wrong", id: "template-wrong", hidden: true });
  #places = h("div", { class: "places" });
  /** Inputs by the names of their variables. @type {Map<string, HTMLInputElement>} */
  #inputs = new Map();
  #write;

  /**
   * @param {RelThread} element
   * @param {TypedTemplate | undefined} draft
   * @param {(text: string) => void} write puts the template's filled text into the message
   */
  constructor(element, draft, write) {
    /** @type {MessageTemplate[]} */
    const listed = element.listAttribute("templates");
    this.#known = listed.filter((one) => typeof one?.sid === "string");
    this.#write = write;
    this.choice = this.#known.length ? this.#createSelect() : this.#createInput();
    this.choice.addEventListener("input", () => this.#chosen());
    const label = this.#known.length ? t("Template") : t("Template ID");
    const field = h("div", { class: "field" }, h("label", { for: "template" }, label), this.choice, this.#error);
    this.node = h("details", {}, h("summary", {}, t("Template")), field, this.#places);
    if (draft) this.choose(draft.sid, draft.variables);
  }

  #createSelect() {
    return h(
      "select",
      { id: "template", "aria-describedby": "template-wrong" },
      h("option", { value: "" }, t("None: free text")),
      this.#known.map((one) => h("option", { value: one.sid }, one.name ?? one.sid)),
    );
  }

  #createInput() {
    return h("input", {
      id: "template",
      dir: "ltr",
      placeholder: "HX…",
      autocomplete: "off",
      spellcheck: "false",
      "aria-describedby": "template-wrong",
    });
  }

  get #template() {
    return this.#known.find(({ sid }) => sid === this.choice.value);
  }

  get #variables() {
    const values = [...this.#inputs].map(([name, { value }]) => [name, value.trim()]);
    return Object.fromEntries(values.filter(([, value]) => value));
  }

  #chosen() {
    // An id that is being typed keeps the fields that are there already.
    const needsInputs = this.#inputs.size > 0 && this.choice.value !== "";
    if (this.#known.length || !needsInputs) this.#renderPlaces({});
    if (this.choice.value) this.#writeText();
  }

  /** @param {Record<string, string>} values */
  #renderPlaces(values) {
    const text = this.#known.length ? (this.#template?.body ?? "") : undefined;
    this.#inputs.clear();
    const names = this.choice.value ? variablesOf(text) : [];
    const fields = names.map((name) => {
      const input = h("input", {
        id: `place-${name}`,
        dir: "auto",
        autocomplete: "off",
        value: values[name] ?? "",
        on: { input: () => this.#writeText() },
      });
      this.#inputs.set(name, input);
      const label = t("Variable {name}", { name });
      return h("div", { class: "field" }, h("label", { for: `place-${name}` }, label), input);
    });
    this.#places.replaceChildren(...fields);
  }

  #writeText() {
    const text = this.#template?.body;
    const values = Object.fromEntries([...this.#inputs].map(([name, { value }]) => [name, value]));
    if (text) this.#write(fillVariables(text, values));
  }

  /** @param {string | null} sid @param {Record<string, string>} [values] */
  choose(sid, values = {}) {
    if (!sid || (this.#known.length && !this.#known.some((one) => one.sid === sid))) return;
    this.choice.value = sid;
    this.node.open = true;
    this.#renderPlaces(values);
  }

  /** Return what is chosen and typed; undefined for free text. @returns {TypedTemplate | undefined} */
  typed() {
    const sid = this.choice.value.trim();
    return sid ? { sid, variables: this.#variables } : undefined;
  }

  /** Whether a template of the list lacks a variable. */
  get isIncomplete() {
    return this.#template !== undefined && [...this.#inputs.values()].some((input) => !input.value.trim());
  }

  /** @param {FieldError | undefined} error */
  showError(error) {
    this.#error.hidden = !error;
    this.#error.textContent = error ? explainMember(error) : "";
  }

  clear() {
    this.choice.value = "";
    this.node.open = false;
    this.#renderPlaces({});
  }
}
