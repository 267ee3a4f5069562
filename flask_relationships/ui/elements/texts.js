// The language of the page: the texts, which `pybabel extract` finds as t() and n(), and the locale that Intl writes in.

let catalogue = { texts: {}, plural: "" };
let loading = null;

let locale = "en";

/** The locale of dates and numbers. */
export const language = () => locale;

/**
 * Load the texts of a language, once a page: the first element decides. What cannot be had is English.
 * @param {string} wanted a language tag
 */
export function speak(wanted) {
  loading ??= (async () => {
    try {
      locale = Intl.getCanonicalLocales(wanted.replaceAll("_", "-"))[0] ?? "en";
    } catch {
      locale = "en";
    }
    if (locale.toLowerCase().split("-")[0] === "en") return;
    try {
      const answer = await fetch(new URL(`locales/${locale}.json`, import.meta.url), { redirect: "manual" });
      if (answer.ok) catalogue = await answer.json();
    } catch {
      // English is better than nothing.
    }
  })();
  return loading;
}

/** A text in the language of the page, with `{name}` replaced by each value. */
export function t(text, values = {}) {
  const told = catalogue.texts[text];
  return filled(typeof told === "string" ? told : text, values);
}

/** A text for a number, which is `{count}` in it. */
export function n(one, many, count, values = {}) {
  const forms = catalogue.texts[one];
  const place = count < 200 ? count : 100 + (count % 100);
  const told = Array.isArray(forms) ? forms[Number(catalogue.plural[place])] : count === 1 ? one : many;
  return filled(told, { count: number(count), ...values });
}

function filled(text, values) {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export function number(value, options = {}) {
  return new Intl.NumberFormat(locale, options).format(value);
}

/** Texts as a language lists them: a, b and c. */
export function listed(texts) {
  return new Intl.ListFormat(locale, { type: "conjunction" }).format(texts);
}
