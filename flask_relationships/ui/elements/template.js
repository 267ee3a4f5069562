// The approved template that a WhatsApp message is made from: one of the page's list, or any by its id.
//
// The list is the element's `templates`, JSON: [{"sid": "HX…", "name": "Birthday", "body": "Happy birthday, {{1}}!"}].

import { h } from "./dom.js";
import { explainMember } from "./problems.js";
import { t } from "./texts.js";

const PLACE = /\{\{\s*(\w+)\s*\}\}/g;

/**
 * @param {import("./thread.js").RelThread} element
 * @param {any} before what was typed last time
 * @param {(text: string) => void} write put the template's text, filled, into the message
 */
export function template(element, before, write) {
  const known = element.listed("templates").filter((one) => typeof one?.sid === "string");
  const wrong = h("p", { class: "wrong", id: "template-wrong", hidden: true });
  const choice = known.length
    ? h(
        "select",
        { id: "template", "aria-describedby": "template-wrong" },
        h("option", { value: "" }, t("None: free text")),
        known.map((one) => h("option", { value: one.sid }, one.name ?? one.sid)),
      )
    : h("input", {
        id: "template",
        dir: "ltr",
        placeholder: "HX…",
        autocomplete: "off",
        spellcheck: "false",
        "aria-describedby": "template-wrong",
      });
  const places = h("div", { class: "places" });
  const node = h(
    "details",
    {},
    h("summary", {}, t("Template")),
    h(
      "div",
      { class: "field" },
      h("label", { for: "template" }, known.length ? t("Template") : t("Id of the template")),
      choice,
      wrong,
    ),
    places,
  );
  const inputs = new Map();
  const chosen = () => known.find(({ sid }) => sid === choice.value);

  function ask(typed = {}) {
    const body = chosen()?.body ?? "";
    const names = known.length ? [...new Set([...body.matchAll(PLACE)].map(([, name]) => name))] : ["1", "2", "3"];
    inputs.clear();
    places.replaceChildren(
      ...(choice.value ? names : []).map((name) => {
        const input = h("input", {
          id: `place-${name}`,
          dir: "auto",
          autocomplete: "off",
          value: typed[name] ?? "",
          on: { input: fill },
        });
        inputs.set(name, input);
        return h(
          "div",
          { class: "field" },
          h("label", { for: `place-${name}` }, t("Variable {name}", { name })),
          input,
        );
      }),
    );
  }

  function fill() {
    const body = chosen()?.body;
    if (body) write(body.replaceAll(PLACE, (whole, name) => inputs.get(name)?.value || whole));
  }

  choice.addEventListener("input", () => {
    if (known.length || !inputs.size || !choice.value) ask();
    if (choice.value) fill();
  });

  const variables = () =>
    Object.fromEntries(
      [...inputs].filter(([, { value }]) => value.trim()).map(([name, { value }]) => [name, value.trim()]),
    );
  const choose = (sid, typed) => {
    if (!sid || (known.length && !known.some((one) => one.sid === sid))) return;
    choice.value = sid;
    node.open = true;
    ask(typed);
  };
  choose(before?.sid, before?.variables);

  return {
    node,
    choose,
    typed: () => (choice.value ? { sid: choice.value, variables: variables() } : undefined),
    values() {
      if (!choice.value.trim()) return {};
      const given = variables();
      return { content_sid: choice.value.trim(), ...(Object.keys(given).length ? { content_variables: given } : {}) };
    },
    /** Whether a template of the list lacks a variable. */
    incomplete: () => Boolean(chosen()) && [...inputs.values()].some((input) => !input.value.trim()),
    say(error) {
      wrong.hidden = !error;
      wrong.textContent = error ? explainMember(error) : "";
    },
    clear() {
      choice.value = "";
      node.open = false;
      ask();
    },
  };
}
