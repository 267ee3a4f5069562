// A list of short texts, each with a way to take it out, and a field that puts one in.

import { button, h, written } from "./dom.js";
import { t } from "./texts.js";

const LONGEST_CHIP = 200;

const keptName = (element) => `draft:interest:${element.getAttribute("contact-id")}`;

/** Keep what is being typed into the field, until it is put in. */
export function keepTyped(element, text) {
  if (text) element.client.kept.set(keptName(element), text);
  else element.client.kept.remove(keptName(element));
}

/**
 * @param {import("./element.js").RelElement} element
 * @param {string[]} texts
 * @param {(texts: string[]) => any} save
 */
export function chips(element, texts, save) {
  const may = element.may("update");
  const without = (place) => {
    save(texts.filter((_, other) => other !== place));
    const next = (key) => element.shadowRoot.querySelector(`[data-key="${key}"]`);
    (next(`chip-${place}`) ?? next("chip-new"))?.focus();
  };
  const items = texts.map((text, place) =>
    h(
      "li",
      { class: "chip", part: "chip" },
      written(text),
      may &&
        button("×", () => without(place), {
          key: `chip-${place}`,
          "aria-label": t("Remove {text}", { text }),
          title: t("Remove"),
        }),
    ),
  );
  if (!may) return texts.length ? h("ul", { class: "chips" }, items) : null;
  const input = h("input", {
    class: "new-chip",
    "data-key": "chip-new",
    maxlength: LONGEST_CHIP,
    dir: "auto",
    autocomplete: "off",
    placeholder: t("Add…"),
    "aria-label": t("Add an interest"),
    value: element.client.kept.get(keptName(element)),
    on: {
      input: () => keepTyped(element, input.value),
      keydown: (event) => {
        if (event.isComposing) return;
        if (event.key === "Enter" || event.key === ",") {
          event.preventDefault();
          const text = input.value.trim();
          if (!text) return;
          input.value = "";
          keepTyped(element, "");
          if (!texts.some((one) => one.toLowerCase() === text.toLowerCase())) save([...texts, text]);
        } else if (event.key === "Backspace" && input.value === "" && texts.length) {
          event.preventDefault();
          items.at(-1).querySelector("button").focus();
        } else if (event.key === "Escape") {
          input.value = "";
          keepTyped(element, "");
        }
      },
    },
  });
  return h("ul", { class: "chips" }, items, h("li", {}, input));
}
