// The rows that the API answers with, as its OpenAPI document describes them. A test compares the two.
// Days are civil dates, 2026-11-24; moments are ISO 8601 with a time zone.

/** The last contact of any user with a contact. */
export interface LastContact {
  at: string;
  by: string | null;
  channel: string;
}

/** Why a number cannot be used. */
export interface NumberProblem {
  code: string;
  detail: string;
}

/** Why no message can be sent to a contact. */
export interface Blocked {
  channel: "all" | "sms" | "whatsapp";
  reason: "not_opted_in" | "no_phone_number" | "opted_out_by_recipient" | "number_unreachable";
  since: string | null;
}

/** Why a message cannot be sent by its channel. */
export interface Blocks {
  channel: "sms" | "whatsapp" | "mms";
  reason: string;
  since: string | null;
}

/** What is known of a contact as a person. */
export interface Profile {
  id: string;
  revision: number;
  contact_id: string;
  communication_preference: string | null;
  communication_notes: string | null;
  personal_notes: string | null;
  birthday: string | null;
  birthday_year: number | null;
  birthday_source: "crm" | "edited" | null;
  home_address: string | null;
  interests: string[];
  dietary_requirements: string | null;
  preferred_name: string | null;
  assistant_name: string | null;
  assistant_email: string | null;
  phone_number: string | null;
  phone_number_source: "crm" | "edited" | null;
  whatsapp_number: string | null;
  phone_e164: string | null;
  whatsapp_e164: string | null;
  phone_number_problem: NumberProblem | null;
  whatsapp_number_problem: NumberProblem | null;
  twilio_opt_in: boolean;
  messaging_blocked: Blocked | null;
  cadence_days: number | null;
  in_touch_due: string | null;
  last_contact: LastContact | null;
  created_at: string;
  updated_at: string;
}

/** A life event. */
export interface LifeEvent {
  id: string;
  revision: number;
  contact_id: string;
  company_id: string | null;
  event_type: string;
  title: string;
  event_date: string | null;
  recurs_annually: boolean;
  description: string | null;
  about: string | null;
  auto_action_enabled: boolean;
  auto_action_days_before: number;
  further_reminders: number[];
  created_by_user_id: string | null;
  created_at: string;
  updated_at: string;
  next_occurrence: string | null;
  days_until: number | null;
  open_action_id: string | null;
}

/** A follow-up. */
export interface Action {
  id: string;
  revision: number;
  contact_id: string;
  company_id: string | null;
  title: string;
  action_type: string;
  description: string | null;
  message_body: string | null;
  due_date: string | null;
  status: "pending" | "done" | "dismissed";
  source: "manual" | "auto";
  life_event_id: string | null;
  occurrence_date: string | null;
  assigned_to_user_id: string | null;
  created_by_user_id: string | null;
  completed_by_user_id: string | null;
  completed_at: string | null;
  created_at: string;
  updated_at: string;
  first_name: string | null;
  last_name: string | null;
  contact_email: string | null;
  company_name: string | null;
  assigned_to_name: string | null;
}

/** The values of a field before and after a change. */
export interface ActionFieldChange {
  field: string;
  before: string | null;
  after: string | null;
}

/** One change of a follow-up. */
export interface HistoryEntry {
  id: string;
  kind: "created" | "edited" | "reassigned" | "snoozed" | "moved" | "done" | "dismissed" | "reopened";
  at: string;
  by: "user" | "message" | "plugin" | "task";
  user_id: string | null;
  user_name: string | null;
  changes: ActionFieldChange[];
}

/** What became of one follow-up when several were closed. */
export interface ClosedAction {
  id: string;
  outcome: "closed" | "unchanged" | "not_found" | "forbidden";
  action: Action | null;
}

/** A file that came with a message. */
export interface Media {
  content_type: string | null;
  url: string;
}

/** A place that came with a message. */
export interface Location {
  latitude: number | null;
  longitude: number | null;
  label: string | null;
  address: string | null;
}

/** A message at the provider that may be an unconfirmed one. */
export interface Candidate {
  provider_sid: string | null;
  body: string | null;
  status: string;
  created_at: string | null;
}

/** A message, sent or received. */
export interface Message {
  id: string;
  revision: number;
  contact_id: string | null;
  direction: "outbound" | "inbound";
  channel: "sms" | "whatsapp" | "mms";
  body: string;
  media_url: string | null;
  media: Media[];
  location: Location | null;
  payload: string | null;
  delivered_via: string | null;
  from_number: string | null;
  to_number: string | null;
  status: string;
  candidates: Candidate[];
  error_code: string | null;
  error_message: string | null;
  provider_sid: string | null;
  num_segments: number | null;
  auto_action_id: string | null;
  sent_by_user_id: string | null;
  sent_by_name: string | null;
  content_sid: string | null;
  outside_whatsapp_window: boolean | null;
  not_before: string | null;
  created_at: string;
  sent_at: string | null;
  delivered_at: string | null;
  read_at: string | null;
}

/** What would become of a message. */
export interface Preview {
  to_number: string | null;
  segments: number;
  encoding: "GSM-7" | "UCS-2" | null;
  characters_left: number;
  outside_whatsapp_window: boolean | null;
  blocked: Blocks | null;
  not_before: string | null;
  occurrence_date: string | null;
  days_early: number | null;
}

/** One entry of a contact's consent history. */
export interface ConsentEntry {
  id: string;
  event: string;
  source: string;
  number: string | null;
  channel: string | null;
  evidence: string | null;
  actor_user_id: string | null;
  created_at: string;
}

/** A number that said STOP. */
export interface Suppression {
  number: string;
  channel: string | null;
  reason: string;
  created_at: string;
  lifted_at: string | null;
}

/** A partner of a client. */
export interface Partner {
  id: string;
  revision: number;
  company_id: string;
  partner_company_name: string;
  partner_contact_name: string | null;
  partner_contact_email: string | null;
  relationship_type: string | null;
  estimated_deal_size: number | null;
  notes: string | null;
  contact_id: string | null;
  created_at: string;
  updated_at: string;
}

/** The next occurrence of a contact's life events. */
export interface NextEvent {
  id: string;
  event_type: string;
  title: string;
  next_occurrence: string;
  days_until: number;
}

/** A contact in the summary of a company. */
export interface SummaryContact {
  id: string;
  first_name: string | null;
  last_name: string | null;
  email: string | null;
  communication_preference: string | null;
  communication_notes: string | null;
  preferred_name: string | null;
  twilio_opt_in: boolean | null;
  next_event: NextEvent | null;
  last_contact: LastContact | null;
}

/** A life event in the summary of a company, with the name of its contact. */
export interface SummaryEvent {
  id: string;
  revision: number;
  contact_id: string;
  company_id: string | null;
  event_type: string;
  title: string;
  event_date: string | null;
  recurs_annually: boolean;
  description: string | null;
  about: string | null;
  auto_action_enabled: boolean;
  auto_action_days_before: number;
  further_reminders: number[];
  created_by_user_id: string | null;
  created_at: string;
  updated_at: string;
  next_occurrence: string | null;
  days_until: number | null;
  open_action_id: string | null;
  first_name: string | null;
  last_name: string | null;
}

/** The body of an error. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: { pointer: string; code: string; detail: string }[];
  message_id?: string;
  current?: object;
  reason?: string;
  provider_code?: number;
}
