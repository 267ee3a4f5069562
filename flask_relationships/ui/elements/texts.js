// The texts of the page's language, which `pybabel extract` finds as t() and n(), and the locale that Intl formats in.

/**
 * Translations by their English text: one, or the plural forms. `plural` has the place of the form for each number.
 * @type {{ texts: Record<string, string | string[]>, plural: string }}
 */
let catalogue = { texts: {}, plural: "" };

/** @type {Promise<void> | null} */
let loading = null;

let locale = "en";

/** Return the locale of dates and numbers. */
export const currentLocale = () => locale;

/**
 * Load the texts of a language, once per page: the first element decides. Without a catalogue texts are English.
 * @param {string} wanted a language tag
 */
export function loadTexts(wanted) {
  loading ??= load(wanted);
  return loading;
}

/** Return whether the application replaces English texts: then the folder of these modules ends in `-en`. */
function hasEnglishTexts() {
  return new URL(".", import.meta.url).pathname.endsWith("-en/");
}

/** @param {string} wanted */
async function load(wanted) {
  try {
    locale = Intl.getCanonicalLocales(wanted.replaceAll("_", "-"))[0] ?? "en";
  } catch {
    locale = "en";
  }
  if (locale.toLowerCase().split("-")[0] === "en" && !hasEnglishTexts()) return;
  try {
    const answer = await fetch(new URL(`locales/${locale}.json`, import.meta.url), { redirect: "manual" });
    if (answer.ok) setCatalogue(await answer.json());
  } catch {
    // English is better than nothing.
  }
}

/** @param {typeof catalogue} given */
export function setCatalogue(given) {
  catalogue = given;
}

/**
 * Return a text in the language of the page, with `{name}` replaced by each value.
 * @param {string} text
 * @param {Record<string, unknown>} [values]
 */
export function t(text, values = {}) {
  const translated = catalogue.texts[text];
  return fillPlaceholders(typeof translated === "string" ? translated : text, values);
}

/**
 * Return the text for a number, which is `{count}` in it.
 * @param {string} one
 * @param {string} many
 * @param {number} count
 * @param {Record<string, unknown>} [values]
 */
export function n(one, many, count, values = {}) {
  const forms = catalogue.texts[one];
  const place = count < 200 ? count : 100 + (count % 100);
  const english = count === 1 ? one : many;
  const text = Array.isArray(forms) ? (forms[Number(catalogue.plural[place])] ?? english) : english;
  return fillPlaceholders(text, { count: formatNumber(count), ...values });
}

/** @param {string} text @param {Record<string, unknown>} values */
function fillPlaceholders(text, values) {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** @param {number} value @param {Intl.NumberFormatOptions} [options] */
export function formatNumber(value, options = {}) {
  return new Intl.NumberFormat(locale, options).format(value);
}

/** Return texts as a language lists them: a, b and c. @param {string[]} texts */
export function formatList(texts) {
  return new Intl.ListFormat(locale, { type: "conjunction" }).format(texts);
}
