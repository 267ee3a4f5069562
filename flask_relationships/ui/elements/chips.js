// A list of short texts: each has a button that removes it, and a field adds one.

import { button, h, userText } from "./dom.js";
import { t } from "./texts.js";

/** @import { RelElement } from "./element.js" */

const MAX_LENGTH = 200;

/** @param {RelElement<unknown>} element */
const draftKey = (element) => `draft:interest:${element.getAttribute("contact-id")}`;

/**
 * Store what is typed into the field until it is added.
 * @param {RelElement<unknown>} element
 * @param {string} text
 */
export function storeChipDraft(element, text) {
  if (text) element.client.storage.set(draftKey(element), text);
  else element.client.storage.remove(draftKey(element));
}

/**
 * @param {RelElement<unknown>} element
 * @param {string[]} texts
 * @param {(texts: string[]) => unknown} save
 */
export function chips(element, texts, save) {
  const isEditable = element.can("update");
  const remove = (/** @type {number} */ place) => {
    save(texts.filter((_, other) => other !== place));
    const next = element.root.querySelector(`[data-key="chip-${place}"]`) ?? element.root.querySelector(".new-chip");
    if (next instanceof HTMLElement) next.focus();
  };
  const buttons = texts.map((text, place) =>
    button("×", () => remove(place), {
      key: `chip-${place}`,
      "aria-label": t("Remove {text}", { text }),
      title: t("Remove"),
    }),
  );
  const items = texts.map((text, place) =>
    h("li", { class: "chip", part: "chip" }, userText(text), isEditable && buttons[place]),
  );
  if (!isEditable) return texts.length ? h("ul", { class: "chips" }, items) : null;

  const add = () => {
    const text = input.value.trim();
    if (!text) return;
    clear();
    if (!texts.some((one) => one.toLowerCase() === text.toLowerCase())) save([...texts, text]);
  };
  const clear = () => {
    input.value = "";
    storeChipDraft(element, "");
  };
  const handleKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" || event.key === ",") {
      event.preventDefault();
      add();
    } else if (event.key === "Backspace" && input.value === "" && texts.length) {
      event.preventDefault();
      buttons.at(-1)?.focus();
    } else if (event.key === "Escape") clear();
  };
  /** @type {HTMLInputElement} */
  const input = h("input", {
    class: "new-chip",
    "data-key": "chip-new",
    maxlength: MAX_LENGTH,
    dir: "auto",
    autocomplete: "off",
    placeholder: t("Add…"),
    "aria-label": t("Add an interest"),
    value: element.client.storage.get(draftKey(element)),
    on: { input: () => storeChipDraft(element, input.value), keydown: handleKey },
  });
  return h("ul", { class: "chips" }, items, h("li", {}, input));
}
