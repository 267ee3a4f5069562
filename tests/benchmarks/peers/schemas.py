"""The answers as marshmallow schemas, which Flask, flask-smorest and APIFlask share."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from . import domain


class LastContactSchema(Schema):
    at = fields.DateTime()
    by = fields.String()
    channel = fields.String()


class BlockedSchema(Schema):
    channel = fields.String()
    reason = fields.String()
    since = fields.DateTime()


class NumberProblemSchema(Schema):
    code = fields.String()
    detail = fields.String()


class ProfileSchema(Schema):
    id = fields.UUID()
    revision = fields.Integer()
    contact_id = fields.String()
    communication_preference = fields.String()
    communication_notes = fields.String()
    personal_notes = fields.String()
    birthday = fields.String()
    birthday_year = fields.Integer()
    birthday_source = fields.String(attribute="shown_birthday_source")
    home_address = fields.String()
    interests = fields.List(fields.String())
    dietary_requirements = fields.String()
    preferred_name = fields.String()
    assistant_name = fields.String()
    assistant_email = fields.String()
    phone_number = fields.String()
    phone_number_source = fields.String(attribute="shown_phone_number_source")
    whatsapp_number = fields.String()
    phone_e164 = fields.String()
    whatsapp_e164 = fields.String()
    phone_number_problem = fields.Nested(NumberProblemSchema)
    whatsapp_number_problem = fields.Nested(NumberProblemSchema)
    twilio_opt_in = fields.Boolean()
    messaging_blocked = fields.Nested(BlockedSchema)
    cadence_days = fields.Integer()
    in_touch_due = fields.Date()
    last_contact = fields.Nested(LastContactSchema)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class ProfileAnswerSchema(Schema):
    profile = fields.Nested(ProfileSchema)
    twilio_connected = fields.Boolean()


class LocationSchema(Schema):
    latitude = fields.Float()
    longitude = fields.Float()
    label = fields.String()
    address = fields.String()


class MessageSchema(Schema):
    id = fields.UUID()
    revision = fields.Integer()
    contact_id = fields.String()
    direction = fields.String()
    channel = fields.String()
    body = fields.String()
    media_url = fields.String()
    media = fields.Function(lambda message: message.media or [])
    location = fields.Nested(LocationSchema)
    payload = fields.String()
    delivered_via = fields.String()
    from_number = fields.String()
    to_number = fields.String()
    status = fields.String()
    candidates = fields.Function(lambda message: message.candidates or [])
    error_code = fields.String()
    error_message = fields.String()
    provider_sid = fields.String()
    num_segments = fields.Integer()
    auto_action_id = fields.UUID()
    sent_by_user_id = fields.String()
    sent_by_name = fields.String(attribute="sent_by.name", dump_default=None)
    content_sid = fields.String()
    outside_whatsapp_window = fields.Boolean()
    not_before = fields.DateTime()
    created_at = fields.DateTime()
    sent_at = fields.DateTime()
    delivered_at = fields.DateTime()
    read_at = fields.DateTime()


class MessagesAnswerSchema(Schema):
    messages = fields.List(fields.Nested(MessageSchema))
    next_cursor = fields.String()


class ActionSchema(Schema):
    id = fields.UUID()
    revision = fields.Integer()
    contact_id = fields.String()
    company_id = fields.String()
    title = fields.String()
    action_type = fields.String()
    description = fields.String()
    message_body = fields.String()
    due_date = fields.Date()
    status = fields.String()
    source = fields.String()
    life_event_id = fields.UUID()
    occurrence_date = fields.Date()
    assigned_to_user_id = fields.String()
    created_by_user_id = fields.String()
    completed_by_user_id = fields.String()
    completed_at = fields.DateTime()
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
    first_name = fields.String(attribute="contact.first_name")
    last_name = fields.String(attribute="contact.last_name")
    contact_email = fields.String(attribute="contact.email")
    company_name = fields.String()
    assigned_to_name = fields.String(attribute="assigned_to.name", dump_default=None)


class ActionsAnswerSchema(Schema):
    actions = fields.List(fields.Nested(ActionSchema))
    next_cursor = fields.String()


class EventSchema(Schema):
    id = fields.UUID()
    revision = fields.Integer()
    contact_id = fields.String()
    company_id = fields.String()
    event_type = fields.String()
    title = fields.String()
    event_date = fields.Date()
    recurs_annually = fields.Boolean()
    description = fields.String()
    about = fields.String()
    auto_action_enabled = fields.Boolean()
    auto_action_days_before = fields.Integer()
    further_reminders = fields.Function(lambda event: event.further_reminders or [])
    created_by_user_id = fields.String()
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
    next_occurrence = fields.Date()
    days_until = fields.Integer()
    open_action_id = fields.UUID()


class EventAnswerSchema(Schema):
    event = fields.Nested(EventSchema)


class NewEventSchema(Schema):
    event_type = fields.String(required=True, validate=validate.Length(1, 200))
    title = fields.String(required=True, validate=validate.Length(1, 200))
    event_date = fields.Date(required=True)
    recurs_annually = fields.Boolean(load_default=False)
    description = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=10_000))
    about = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    auto_action_enabled = fields.Boolean(load_default=True)
    auto_action_days_before = fields.Integer(load_default=domain.LEAD, validate=validate.Range(0, 366))


class NextEventSchema(Schema):
    id = fields.UUID()
    event_type = fields.String()
    title = fields.String()
    next_occurrence = fields.Date()
    days_until = fields.Integer()


class SummaryEventSchema(EventSchema):
    first_name = fields.String(attribute="contact.first_name")
    last_name = fields.String(attribute="contact.last_name")


class SummaryContactSchema(Schema):
    id = fields.String()
    first_name = fields.String()
    last_name = fields.String()
    email = fields.String()
    communication_preference = fields.String(attribute="profile.communication_preference", dump_default=None)
    communication_notes = fields.String(attribute="profile.communication_notes", dump_default=None)
    preferred_name = fields.String(attribute="profile.preferred_name", dump_default=None)
    twilio_opt_in = fields.Boolean(attribute="profile.twilio_opt_in", dump_default=None)
    next_event = fields.Nested(NextEventSchema)
    last_contact = fields.Nested(LastContactSchema, attribute="profile.last_contact", dump_default=None)


class PartnerSchema(Schema):
    id = fields.UUID()
    revision = fields.Integer()
    company_id = fields.String()
    partner_company_name = fields.String()
    partner_contact_name = fields.String()
    partner_contact_email = fields.String()
    relationship_type = fields.String()
    estimated_deal_size = fields.Float()
    notes = fields.String()
    contact_id = fields.String()
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class SummaryAnswerSchema(Schema):
    contacts = fields.List(fields.Nested(SummaryContactSchema))
    events = fields.List(fields.Nested(SummaryEventSchema))
    actions = fields.List(fields.Nested(ActionSchema))
    partners = fields.List(fields.Nested(PartnerSchema))
    messages = fields.List(fields.Nested(MessageSchema))


class ActionQuerySchema(Schema):
    limit = fields.Integer(load_default=None, validate=validate.Range(1, 500))
    status = fields.String(load_default=None)
    sort = fields.String(load_default="due_date")


class PageSchema(Schema):
    limit = fields.Integer(load_default=None, validate=validate.Range(1, 500))
