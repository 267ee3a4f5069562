"""The tables, which are there already."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models

from .. import domain


class JSONColumn(models.JSONField):
    """A column of type ``json``, which PostgreSQL's driver has read already."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return super().from_db_value(value, expression, connection) if isinstance(value, str) else value


class Table(models.Model):
    class Meta:
        abstract = True
        managed = False


def row(model: Any, **options: Any) -> Any:
    return models.ForeignKey(model, models.DO_NOTHING, related_name="+", null=True, **options)


class Company(Table):
    name = models.CharField(max_length=200)

    class Meta(Table.Meta):
        db_table = "company"


class Person(Table):
    name = models.CharField(max_length=200)
    level = models.CharField(max_length=20, null=True)
    manager_id = models.IntegerField(null=True)
    is_authenticated = True

    class Meta(Table.Meta):
        db_table = "person"


class Contact(Table):
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    email = models.CharField(max_length=200, null=True)
    phone = models.CharField(max_length=50, null=True)
    company = row(Company)

    class Meta(Table.Meta):
        db_table = "contact"


class Profile(Table):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    revision = models.IntegerField(default=1)
    contact = models.OneToOneField(Contact, models.DO_NOTHING, related_name="profile")
    communication_preference = models.CharField(max_length=200, null=True)
    communication_notes = models.TextField(null=True)
    personal_notes = models.TextField(null=True)
    birthday_month_day = models.IntegerField(null=True)
    birthday_year = models.IntegerField(null=True)
    birthday_in_full = models.BooleanField(default=False)
    birthday_source = models.CharField(max_length=20, null=True)
    home_address = models.TextField(null=True)
    interests = JSONColumn(default=list)
    dietary_requirements = models.TextField(null=True)
    preferred_name = models.CharField(max_length=200, null=True)
    assistant_name = models.CharField(max_length=200, null=True)
    assistant_email = models.CharField(max_length=200, null=True)
    phone_number = models.CharField(max_length=200, null=True)
    phone_number_source = models.CharField(max_length=20, null=True)
    whatsapp_number = models.CharField(max_length=200, null=True)
    phone_e164 = models.CharField(max_length=20, null=True)
    whatsapp_e164 = models.CharField(max_length=20, null=True)
    twilio_opt_in = models.BooleanField(default=False)
    consent_changed_at = models.DateTimeField(null=True)
    last_contact_at = models.DateTimeField(null=True)
    last_contact_channel = models.CharField(max_length=200, null=True)
    last_contact_by_user_id = models.IntegerField(null=True)
    cadence_days = models.IntegerField(null=True)
    in_touch_due_day = models.IntegerField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    birthday = property(domain.birthday)
    in_touch_due = property(domain.in_touch_due)
    last_contact = property(domain.last_contact)
    shown_birthday_source = property(domain.birthday_source)
    shown_phone_number_source = property(domain.phone_number_source)
    phone_number_problem = property(domain.phone_number_problem)
    whatsapp_number_problem = property(domain.whatsapp_number_problem)

    class Meta(Table.Meta):
        db_table = "relationships_profiles"


class Suppression(Table):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta(Table.Meta):
        db_table = "relationships_suppressions"


class LifeEvent(Table):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    revision = models.IntegerField(default=1)
    contact = models.ForeignKey(Contact, models.DO_NOTHING, related_name="+")
    company = row(Company)
    event_type = models.CharField(max_length=200)
    title = models.CharField(max_length=200)
    event_date = models.DateField(null=True)
    month_day = models.IntegerField(null=True)
    recurs_annually = models.BooleanField(default=False)
    description = models.TextField(null=True)
    about = models.CharField(max_length=200, null=True)
    auto_action_enabled = models.BooleanField(default=True)
    auto_action_days_before = models.IntegerField()
    further_reminders = JSONColumn(null=True)
    next_reminder = models.DateField()
    created_by_user = row(Person)
    created_at = models.DateTimeField(default=domain.now)
    updated_at = models.DateTimeField(default=domain.now)

    next_occurrence = property(domain.coming)
    days_until = property(domain.days_until)

    @property
    def open_action_id(self) -> Any:
        pending = self.pending if hasattr(self, "pending") else pending_actions().filter(life_event=self)[:1]
        return pending[0].id if pending else None

    class Meta(Table.Meta):
        db_table = "relationships_life_events"


class Action(Table):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    revision = models.IntegerField(default=1)
    contact = models.ForeignKey(Contact, models.DO_NOTHING, related_name="+")
    company = row(Company)
    title = models.CharField(max_length=200)
    action_type = models.CharField(max_length=200)
    description = models.TextField(null=True)
    message_body = models.TextField(null=True)
    due_date = models.DateField(null=True)
    due = models.DateField()
    status = models.CharField(max_length=20)
    source = models.CharField(max_length=20)
    life_event = models.ForeignKey(LifeEvent, models.DO_NOTHING, related_name="actions", null=True)
    occurrence_date = models.DateField(null=True)
    occurrence_key = models.CharField(max_length=36)
    reminder_slot = models.IntegerField()
    days_before = models.IntegerField(null=True)
    assigned_to_user = row(Person)
    created_by_user = row(Person)
    completed_by_user = row(Person)
    completed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=domain.now)
    updated_at = models.DateTimeField(default=domain.now)

    @property
    def company_name(self) -> str | None:
        company = self.company or self.contact.company
        return company.name if company else None

    class Meta(Table.Meta):
        db_table = "relationships_actions"


class ActionCentreItem(Table):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    action = row(Action)
    title = models.CharField(max_length=200)
    due_date = models.DateField(null=True)
    due = models.DateField()
    assigned_to_user = row(Person)
    status = models.CharField(max_length=20, default="open")
    created_at = models.DateTimeField(default=domain.now)
    updated_at = models.DateTimeField(default=domain.now)

    class Meta(Table.Meta):
        db_table = "relationships_action_centre_items"


class Message(Table):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    revision = models.IntegerField(default=1)
    contact = row(Contact)
    direction = models.CharField(max_length=20)
    channel = models.CharField(max_length=20)
    body = models.TextField()
    media_url = models.TextField(null=True)
    media = JSONColumn(null=True)
    location = JSONColumn(null=True)
    payload = models.TextField(null=True)
    delivered_via = models.CharField(max_length=20, null=True)
    from_number = models.CharField(max_length=64, null=True)
    to_number = models.CharField(max_length=64, null=True)
    status = models.CharField(max_length=20)
    candidates = JSONColumn(null=True)
    error_code = models.CharField(max_length=64, null=True)
    error_message = models.TextField(null=True)
    provider_sid = models.CharField(max_length=64, null=True)
    num_segments = models.IntegerField(null=True)
    auto_action = row(Action)
    sent_by_user = row(Person)
    content_sid = models.CharField(max_length=64, null=True)
    outside_whatsapp_window = models.BooleanField(null=True)
    not_before = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta(Table.Meta):
        db_table = "relationships_messages"


class Partner(Table):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    revision = models.IntegerField(default=1)
    company = row(Company)
    partner_company_name = models.CharField(max_length=200)
    partner_contact_name = models.CharField(max_length=200, null=True)
    partner_contact_email = models.CharField(max_length=200, null=True)
    relationship_type = models.CharField(max_length=200, null=True)
    estimated_deal_size = models.FloatField(null=True)
    notes = models.TextField(null=True)
    contact = row(Contact)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(Table.Meta):
        db_table = "relationships_partners"


def shown_actions() -> Any:
    return Action.objects.select_related("contact__company", "company", "assigned_to_user")


def shown_messages() -> Any:
    return Message.objects.select_related("sent_by_user")


def pending_actions() -> Any:
    return Action.objects.filter(status="pending").order_by("due", "id")
