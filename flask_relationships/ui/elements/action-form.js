// The fields of a follow-up, whether it is new or edited.

import { formatDay } from "./dates.js";
import { actionTypeOf, actionTypeOptions } from "./labels.js";
import { t } from "./texts.js";

/** @import { Action } from "../types/api.js" */
/** @import { Field } from "./form.js" */
/** @import { Values } from "./form-values.js" */

/** @param {Action} [action] the one that is edited @returns {Field[]} */
export const actionFields = (action) => [
  { name: "title", label: t("What needs to be done?"), required: true, wide: true },
  { name: "action_type", label: t("How"), required: true, suggestions: actionTypeOptions().map(([, label]) => label) },
  {
    name: "due_date",
    label: t("Due (optional)"),
    kind: "date",
    hint: action?.occurrence_date && t("For {date}", { date: formatDay(action.occurrence_date) }),
  },
  { name: "description", label: t("Notes (optional)"), kind: "textarea", wide: true },
  { name: "message_body", label: t("Draft of a message (optional)"), kind: "textarea", wide: true },
];

/** Return the values of a form with the API's name of the type. @param {Values} values */
export function actionValues(values) {
  const { action_type: type } = values;
  return typeof type === "string" ? { ...values, action_type: actionTypeOf(type) } : values;
}
