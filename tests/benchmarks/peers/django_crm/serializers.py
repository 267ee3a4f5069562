from __future__ import annotations

from typing import Any

from rest_framework import serializers

from .. import domain
from .models import Action, Contact, LifeEvent, Message, Partner, Profile


class LastContactSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    by = serializers.CharField()
    channel = serializers.CharField()


class NumberProblemSerializer(serializers.Serializer):
    code = serializers.CharField()
    detail = serializers.CharField()


class ProfileSerializer(serializers.ModelSerializer):
    contact_id = serializers.CharField()
    birthday = serializers.CharField()
    birthday_source = serializers.CharField(source="shown_birthday_source")
    phone_number_source = serializers.CharField(source="shown_phone_number_source")
    phone_number_problem = NumberProblemSerializer()
    whatsapp_number_problem = NumberProblemSerializer()
    messaging_blocked = serializers.DictField()
    in_touch_due = serializers.DateField()
    last_contact = LastContactSerializer()

    class Meta:
        model = Profile
        fields = [
            "id",
            "revision",
            "contact_id",
            "communication_preference",
            "communication_notes",
            "personal_notes",
            "birthday",
            "birthday_year",
            "birthday_source",
            "home_address",
            "interests",
            "dietary_requirements",
            "preferred_name",
            "assistant_name",
            "assistant_email",
            "phone_number",
            "phone_number_source",
            "whatsapp_number",
            "phone_e164",
            "whatsapp_e164",
            "phone_number_problem",
            "whatsapp_number_problem",
            "twilio_opt_in",
            "messaging_blocked",
            "cadence_days",
            "in_touch_due",
            "last_contact",
            "created_at",
            "updated_at",
        ]


class MessageSerializer(serializers.ModelSerializer):
    contact_id = serializers.CharField()
    auto_action_id = serializers.UUIDField()
    sent_by_user_id = serializers.CharField()
    sent_by_name = serializers.CharField(source="sent_by_user.name", default=None)
    media = serializers.SerializerMethodField()
    candidates = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = [
            "id",
            "revision",
            "contact_id",
            "direction",
            "channel",
            "body",
            "media_url",
            "media",
            "location",
            "payload",
            "delivered_via",
            "from_number",
            "to_number",
            "status",
            "candidates",
            "error_code",
            "error_message",
            "provider_sid",
            "num_segments",
            "auto_action_id",
            "sent_by_user_id",
            "sent_by_name",
            "content_sid",
            "outside_whatsapp_window",
            "not_before",
            "created_at",
            "sent_at",
            "delivered_at",
            "read_at",
        ]

    def get_media(self, message: Message) -> list[Any]:
        return message.media or []

    def get_candidates(self, message: Message) -> list[Any]:
        return message.candidates or []


class ActionSerializer(serializers.ModelSerializer):
    contact_id = serializers.CharField()
    company_id = serializers.CharField()
    life_event_id = serializers.UUIDField()
    assigned_to_user_id = serializers.CharField()
    created_by_user_id = serializers.CharField()
    completed_by_user_id = serializers.CharField()
    first_name = serializers.CharField(source="contact.first_name")
    last_name = serializers.CharField(source="contact.last_name")
    contact_email = serializers.CharField(source="contact.email")
    company_name = serializers.CharField()
    assigned_to_name = serializers.CharField(source="assigned_to_user.name", default=None)

    class Meta:
        model = Action
        fields = [
            "id",
            "revision",
            "contact_id",
            "company_id",
            "title",
            "action_type",
            "description",
            "message_body",
            "due_date",
            "status",
            "source",
            "life_event_id",
            "occurrence_date",
            "assigned_to_user_id",
            "created_by_user_id",
            "completed_by_user_id",
            "completed_at",
            "created_at",
            "updated_at",
            "first_name",
            "last_name",
            "contact_email",
            "company_name",
            "assigned_to_name",
        ]


EVENT = [
    "id",
    "revision",
    "contact_id",
    "company_id",
    "event_type",
    "title",
    "event_date",
    "recurs_annually",
    "description",
    "about",
    "auto_action_enabled",
    "auto_action_days_before",
    "further_reminders",
    "created_by_user_id",
    "created_at",
    "updated_at",
    "next_occurrence",
    "days_until",
    "open_action_id",
]


class EventSerializer(serializers.ModelSerializer):
    contact_id = serializers.CharField(read_only=True)
    company_id = serializers.CharField(read_only=True)
    event_date = serializers.DateField()
    auto_action_days_before = serializers.IntegerField(min_value=0, max_value=366, default=domain.LEAD)
    further_reminders = serializers.SerializerMethodField()
    created_by_user_id = serializers.CharField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)
    next_occurrence = serializers.DateField(read_only=True)
    days_until = serializers.IntegerField(read_only=True)
    open_action_id = serializers.UUIDField(read_only=True)

    class Meta:
        model = LifeEvent
        fields = EVENT
        read_only_fields = ["id", "revision"]

    def get_further_reminders(self, event: LifeEvent) -> list[int]:
        return event.further_reminders or []


class SummaryEventSerializer(EventSerializer):
    first_name = serializers.CharField(source="contact.first_name")
    last_name = serializers.CharField(source="contact.last_name")

    class Meta(EventSerializer.Meta):
        fields = [*EVENT, "first_name", "last_name"]


class NextEventSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    event_type = serializers.CharField()
    title = serializers.CharField()
    next_occurrence = serializers.DateField()
    days_until = serializers.IntegerField()


class SummaryContactSerializer(serializers.ModelSerializer):
    id = serializers.CharField()
    communication_preference = serializers.CharField(source="profile.communication_preference", default=None)
    communication_notes = serializers.CharField(source="profile.communication_notes", default=None)
    preferred_name = serializers.CharField(source="profile.preferred_name", default=None)
    twilio_opt_in = serializers.BooleanField(source="profile.twilio_opt_in", default=None)
    next_event = NextEventSerializer()
    last_contact = LastContactSerializer(source="profile.last_contact", default=None)

    class Meta:
        model = Contact
        fields = [
            "id",
            "first_name",
            "last_name",
            "email",
            "communication_preference",
            "communication_notes",
            "preferred_name",
            "twilio_opt_in",
            "next_event",
            "last_contact",
        ]


class PartnerSerializer(serializers.ModelSerializer):
    company_id = serializers.CharField()
    contact_id = serializers.CharField()

    class Meta:
        model = Partner
        fields = [
            "id",
            "revision",
            "company_id",
            "partner_company_name",
            "partner_contact_name",
            "partner_contact_email",
            "relationship_type",
            "estimated_deal_size",
            "notes",
            "contact_id",
            "created_at",
            "updated_at",
        ]


class QuerySerializer(serializers.Serializer):
    limit = serializers.IntegerField(min_value=1, max_value=500, default=None)
    status = serializers.CharField(default=None)
    sort = serializers.CharField(default="due_date")
