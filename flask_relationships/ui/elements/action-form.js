// What is asked of a follow-up, whether it is new or edited.

import { day } from "./dates.js";
import { t } from "./texts.js";
import { actionType, actionTypes } from "./words.js";

/** @param {any} [action] the one that is edited */
export const actionFields = (action) => [
  { name: "title", label: t("What is to be done?"), required: true, wide: true },
  { name: "action_type", label: t("How"), required: true, suggestions: actionTypes().map(([, words]) => words) },
  {
    name: "due_date",
    label: t("Due (optional)"),
    kind: "date",
    hint: action?.occurrence_date && t("For {date}", { date: day(action.occurrence_date) }),
  },
  { name: "description", label: t("Notes (optional)"), kind: "textarea", wide: true },
  { name: "message_body", label: t("Draft of a message (optional)"), kind: "textarea", wide: true },
];

/** What was filled in, with the type by the API's name of it. */
export const actionValues = (values) =>
  values.action_type ? { ...values, action_type: actionType(values.action_type) } : values;
