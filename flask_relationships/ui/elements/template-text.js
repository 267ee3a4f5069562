// The variables of a WhatsApp template's text: {{1}}, {{name}}.

const VARIABLE = /\{\{\s*(\w+)\s*\}\}/g;

/** Variables of a template whose text is unknown. */
const NUMBERED = ["1", "2", "3"];

/**
 * Return the names of a text's variables, each once.
 * @param {string | undefined} text undefined where it is unknown
 */
export function variablesOf(text) {
  if (text === undefined) return NUMBERED;
  return [...new Set([...text.matchAll(VARIABLE)].map(([, name = ""]) => name))];
}

/**
 * Return a text with its variables filled in; one without a value stays as it is.
 * @param {string} text
 * @param {Record<string, string>} values
 */
export function fillVariables(text, values) {
  return text.replaceAll(VARIABLE, (whole, name) => values[name] || whole);
}
