// One way to ask for values: labels, what is wrong beside each field, and everything typed kept until it is saved.

import { button, h, whileBusy } from "./dom.js";
import { explain, explainMember } from "./problems.js";
import { t } from "./texts.js";

/**
 * @typedef {object} Field
 * @property {string} name the member's name in the API
 * @property {string} label
 * @property {"text"|"textarea"|"date"|"number"|"email"|"tel"|"url"|"select"|"checkbox"} [kind]
 * @property {[string, string][]} [options] of a select: values and words
 * @property {string[]} [suggestions] of a text
 * @property {string} [hint]
 * @property {boolean} [required]
 * @property {boolean} [wide]
 */

let made = 0;

/**
 * A form. `save` gets the values that differ from those at first (all of them with `whole`), and may throw a Problem:
 * it is told, and what was typed stays.
 * @param {import("./element.js").RelElement} element
 * @param {object} given
 * @param {string} given.draft the name under which what was typed is kept
 * @param {Field[]} given.fields
 * @param {Record<string, any>} given.values
 * @param {(values: Record<string, any>) => Promise<any>} given.save
 * @param {() => void} given.close called once saved, and when given up
 * @param {string} given.label what the button says
 * @param {boolean} [given.whole]
 * @param {Node | null} [given.more] what stands below the buttons
 * @param {string} [given.name] what the form is called, for those who cannot see where it stands
 */
export function form(element, { draft, fields, values, save, close, label, whole = false, name = label, more = null }) {
  const kept = element.client.kept;
  const key = `draft:${element.localName}:${element.getAttribute("contact-id") ?? element.getAttribute("company-id") ?? ""}:${draft}`;
  const typed = kept.get(key) ?? {};
  const id = `form-${++made}`;
  const alert = h("p", { class: "alert wide", role: "alert", hidden: true });
  const controls = new Map(
    fields.map((field) => [field.name, control(field, typed[field.name] ?? values[field.name], id)]),
  );
  const submit = h("button", { class: "primary", part: "button primary" }, label);
  const changed = () =>
    Object.fromEntries(
      fields
        .map(({ name }) => [name, read(controls.get(name))])
        .filter(([name, value]) => value !== untouched(values[name])),
    );
  const give = () => {
    kept.remove(key);
    close();
  };
  const node = h(
    "form",
    {
      class: "fields inset",
      novalidate: true,
      "aria-label": name,
      part: "form",
      on: {
        input: () => {
          const now = changed();
          if (Object.keys(now).length) kept.set(key, now);
          else kept.remove(key);
        },
        keydown: (event) => {
          if (event.isComposing) return;
          if (event.key === "Escape" && !event.defaultPrevented) {
            event.stopPropagation();
            give();
          } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) node.requestSubmit();
        },
        submit: (event) => {
          event.preventDefault();
          whileBusy(submit, send);
        },
      },
    },
    Object.keys(typed).length
      ? h("p", { class: "notice wide small" }, t("Not saved yet: this is what you typed last time."))
      : null,
    alert,
    [...controls.values()].map((one) => one.place),
    h("div", { class: "buttons wide" }, submit, button(t("Cancel"), give, { kind: "quiet" })),
    more,
  );

  const send = async () => {
    clear();
    if (!complete()) return;
    hold(true);
    try {
      await save(whole ? Object.fromEntries(fields.map(({ name }) => [name, read(controls.get(name))])) : changed());
      give();
    } catch (problem) {
      if (!problem.kind) console.error(problem);
      tell(problem);
    } finally {
      hold(false);
    }
  };
  /** What is typed after the button was pressed would be gone with the form. */
  const hold = (saving) => {
    for (const { input } of controls.values()) input.readOnly = saving;
  };
  const clear = () => {
    alert.hidden = true;
    for (const one of controls.values()) one.say("");
  };
  const complete = () => {
    const missing = fields.filter(({ name, required }) => required && !read(controls.get(name)));
    for (const { name } of missing) controls.get(name).say(t("This is needed."));
    if (missing.length) controls.get(missing[0].name).input.focus();
    return !missing.length;
  };
  const tell = (problem) => {
    const elsewhere = [];
    for (const [member, error] of problem.members ?? []) {
      if (controls.has(member)) controls.get(member).say(explainMember(error));
      else elsewhere.push(explainMember(error));
    }
    const first = [...controls.values()].find((one) => one.input.getAttribute("aria-invalid"));
    if (!first || elsewhere.length) {
      alert.textContent = elsewhere.join(" ") || explain(problem);
      alert.hidden = false;
    }
    first?.input.focus();
  };
  return node;
}

/** Whether something typed is kept of a form that is not open. */
export function hasDraft(element, draft) {
  const of = element.getAttribute("contact-id") ?? element.getAttribute("company-id") ?? "";
  return element.client.kept.get(`draft:${element.localName}:${of}:${draft}`) !== undefined;
}

/** Put the focus into the first field of a form that has just been opened. */
export function enter(node) {
  node.querySelector("input, select, textarea")?.focus();
}

function control(field, value, form) {
  const { name, label, kind = "text", options = [], suggestions = [], hint, required, wide } = field;
  const id = `${form}-${name}`;
  const wrong = h("p", { class: "wrong", id: `${id}-wrong`, hidden: true });
  const about = [hint && `${id}-hint`, `${id}-wrong`].filter(Boolean).join(" ");
  const given = { id, name, "aria-describedby": about, "aria-required": required ? "true" : null };
  let input;
  if (kind === "textarea") input = h("textarea", { ...given, rows: 2, dir: "auto", value: value ?? "" });
  else if (kind === "select") {
    const known = options.some(([one]) => one === (value ?? ""));
    const shown = known || !value ? options : [...options, [value, value]];
    input = h(
      "select",
      given,
      shown.map(([one, words]) => h("option", { value: one, selected: one === (value ?? "") }, words)),
    );
  } else if (kind === "checkbox") input = h("input", { ...given, type: "checkbox", checked: Boolean(value) });
  else {
    const list = suggestions.length ? `${id}-list` : null;
    input = h("input", {
      ...given,
      type: kind,
      list,
      dir: ["text", "email", "url"].includes(kind) ? "auto" : null,
      autocomplete: "off",
      value: value ?? "",
    });
  }
  const tip = hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null;
  const list = suggestions.length
    ? h(
        "datalist",
        { id: `${id}-list` },
        suggestions.map((one) => h("option", { value: one })),
      )
    : null;
  const place =
    kind === "checkbox"
      ? h(
          "div",
          { class: wide ? "wide" : "", part: "field" },
          h("label", { class: "check" }, input, h("span", {}, label)),
          tip,
          wrong,
        )
      : h(
          "div",
          { class: wide ? "field wide" : "field", part: "field" },
          h("label", { for: id }, label),
          input,
          list,
          tip,
          wrong,
        );
  const say = (words) => {
    wrong.textContent = words;
    wrong.hidden = !words;
    if (words) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  return { input, place, say, kind };
}

function read({ input, kind }) {
  if (kind === "checkbox") return input.checked;
  if (kind === "number") return input.value === "" ? null : Number(input.value);
  return input.value.trim() === "" ? null : input.value.trim();
}

/** A value as `read` would find it in an untouched field. */
const untouched = (value) => (value === "" || value === undefined ? null : value);
