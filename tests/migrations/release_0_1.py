"""The tables of version 0.1.0, written down as they were released, and rows of every one.

Nothing here follows the models: a database of 0.1 stays what it was.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

PREFIX = "relationships_"


def released_metadata(hosts: sa.MetaData) -> sa.MetaData:
    """The MetaData of a host that runs 0.1: its own tables ``contact``, ``company`` and ``user``, and ours."""
    metadata = sa.MetaData()
    for table in hosts.tables.values():
        if not table.name.startswith(PREFIX):
            table.to_metadata(metadata)
    _add_tables(metadata)
    return metadata


def _add_tables(metadata: sa.MetaData) -> None:
    sa.Table(
        "relationships_idempotency_keys",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("scope", sa.String(64), nullable=False),
        sa.Column("body_digest", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("answer", sa.Text),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("scope", name="uq_relationships_idempotency_keys_scope"),
        sa.Index("ix_relationships_idempotency_keys_created", "created_at"),
    )
    sa.Table(
        "relationships_message_counts",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("scope", sa.String(64), nullable=False),
        sa.Column("begins_at", sa.DateTime, nullable=False),
        sa.Column("ends_at", sa.DateTime, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.UniqueConstraint("scope", "begins_at", name="uq_relationships_message_counts_window"),
        sa.Index("ix_relationships_message_counts_ends", "ends_at"),
    )
    sa.Table(
        "relationships_runs",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("runner", sa.String(20), nullable=False),
        sa.Column("began_at", sa.DateTime, nullable=False),
        sa.Column("ended_at", sa.DateTime, nullable=False),
        sa.Column("succeeded_at", sa.DateTime),
        sa.Column("lag", sa.Integer),
        sa.Column("failed", sa.Text),
        sa.UniqueConstraint("runner", name="uq_relationships_runs_runner"),
    )
    sa.Table(
        "relationships_suppressions",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(20)),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("lifted_at", sa.DateTime),
        sa.UniqueConstraint("number", name="uq_relationships_suppressions_number"),
    )
    sa.Table(
        "relationships_calendar_feeds",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("scope", sa.String(64), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column(
            "user_id",
            sa.ForeignKey("user.id", ondelete="CASCADE", name="fk_relationships_calendar_feeds_user_id"),
            nullable=False,
        ),
        sa.Column(
            "company_id",
            sa.ForeignKey("company.id", ondelete="CASCADE", name="fk_relationships_calendar_feeds_company_id"),
        ),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("last_read_at", sa.DateTime),
        sa.UniqueConstraint("token_hash", name="uq_relationships_calendar_feeds_token_hash"),
        sa.UniqueConstraint("user_id", "scope", name="uq_relationships_calendar_feeds_user_scope"),
    )
    sa.Table(
        "relationships_client_profiles",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column(
            "company_id",
            sa.ForeignKey("company.id", ondelete="CASCADE", name="fk_relationships_client_profiles_company_id"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("company_id", name="uq_relationships_client_profiles_company_id"),
    )
    sa.Table(
        "relationships_sent_digests",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column(
            "user_id",
            sa.ForeignKey("user.id", ondelete="CASCADE", name="fk_relationships_sent_digests_user_id"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("user_id", "day", name="uq_relationships_sent_digests_user_day"),
    )
    sa.Table(
        "relationships_consent_entries",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.String(64)),
        sa.Column("channel", sa.String(20)),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("evidence", sa.Text),
        sa.Column(
            "contact_id",
            sa.ForeignKey("contact.id", ondelete="SET NULL", name="fk_relationships_consent_entries_contact_id"),
        ),
        sa.Column(
            "actor_user_id",
            sa.ForeignKey("user.id", ondelete="SET NULL", name="fk_relationships_consent_entries_actor_user_id"),
        ),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("contact_id", "created_at", "id", name="uq_relationships_consent_entries_contact"),
        sa.Index("ix_relationships_consent_entries_number", "number", "created_at", "id"),
    )
    sa.Table(
        "relationships_partners",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("partner_company_name", sa.String(200), nullable=False),
        sa.Column("partner_contact_name", sa.String(200)),
        sa.Column("partner_contact_email", sa.String(200)),
        sa.Column("relationship_type", sa.String(200)),
        sa.Column("estimated_deal_size", sa.Double),
        sa.Column("notes", sa.Text),
        sa.Column(
            "company_id",
            sa.ForeignKey("company.id", ondelete="CASCADE", name="fk_relationships_partners_company_id"),
            nullable=False,
        ),
        sa.Column(
            "contact_id", sa.ForeignKey("contact.id", ondelete="SET NULL", name="fk_relationships_partners_contact_id")
        ),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("company_id", "partner_company_name", "id", name="uq_relationships_partners_company"),
    )
    sa.Table(
        "relationships_profiles",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("communication_preference", sa.String(200)),
        sa.Column("communication_notes", sa.Text),
        sa.Column("personal_notes", sa.Text),
        sa.Column("birthday_month_day", sa.Integer),
        sa.Column("birthday_year", sa.Integer),
        sa.Column("birthday_in_full", sa.Boolean, nullable=False),
        sa.Column("birthday_owed", sa.Boolean, nullable=False),
        sa.Column("home_address", sa.Text),
        sa.Column("interests", sa.JSON, nullable=False),
        sa.Column("dietary_requirements", sa.Text),
        sa.Column("preferred_name", sa.String(200)),
        sa.Column("assistant_name", sa.String(200)),
        sa.Column("assistant_email", sa.String(200)),
        sa.Column("phone_number", sa.String(200)),
        sa.Column("whatsapp_number", sa.String(200)),
        sa.Column("phone_e164", sa.String(20)),
        sa.Column("whatsapp_e164", sa.String(20)),
        sa.Column("phone_unreachable_since", sa.DateTime),
        sa.Column("whatsapp_unreachable_since", sa.DateTime),
        sa.Column("twilio_opt_in", sa.Boolean, nullable=False),
        sa.Column("consent_changed_at", sa.DateTime),
        sa.Column("last_message_at", sa.DateTime),
        sa.Column("last_contact_at", sa.DateTime),
        sa.Column("last_contact_day", sa.Integer),
        sa.Column("last_contact_channel", sa.String(200)),
        sa.Column("cadence_days", sa.Integer),
        sa.Column("cadence_since_day", sa.Integer),
        sa.Column("in_touch_due_day", sa.Integer),
        sa.Column("in_touch_remind_day", sa.Integer),
        sa.Column(
            "contact_id",
            sa.ForeignKey("contact.id", ondelete="CASCADE", name="fk_relationships_profiles_contact_id"),
            nullable=False,
        ),
        sa.Column(
            "last_contact_by_user_id",
            sa.ForeignKey("user.id", ondelete="SET NULL", name="fk_relationships_profiles_last_contact_by_user_id"),
        ),
        sa.Column(
            "cadence_set_by_user_id",
            sa.ForeignKey("user.id", ondelete="SET NULL", name="fk_relationships_profiles_cadence_set_by_user_id"),
        ),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("contact_id", name="uq_relationships_profiles_contact_id"),
        sa.Index("ix_relationships_profiles_birthday_owed", "birthday_owed", "id"),
        sa.Index("ix_relationships_profiles_in_touch_due", "in_touch_due_day", "id"),
        sa.Index("ix_relationships_profiles_in_touch_remind", "in_touch_remind_day", "id"),
        sa.Index("ix_relationships_profiles_phone_e164", "phone_e164"),
        sa.Index("ix_relationships_profiles_whatsapp_e164", "whatsapp_e164"),
    )
    sa.Table(
        "relationships_life_events",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("event_type", sa.String(200), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("event_date", sa.Date),
        sa.Column("month_day", sa.Integer),
        sa.Column("recurs_annually", sa.Boolean, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("auto_action_enabled", sa.Boolean, nullable=False),
        sa.Column("auto_action_days_before", sa.Integer, nullable=False),
        sa.Column("further_reminders", sa.JSON),
        sa.Column("next_reminder", sa.Date, nullable=False),
        sa.Column(
            "contact_id",
            sa.ForeignKey("contact.id", ondelete="CASCADE", name="fk_relationships_life_events_contact_id"),
            nullable=False,
        ),
        sa.Column(
            "company_id",
            sa.ForeignKey("company.id", ondelete="SET NULL", name="fk_relationships_life_events_company_id"),
        ),
        sa.Column(
            "created_by_user_id",
            sa.ForeignKey("user.id", ondelete="SET NULL", name="fk_relationships_life_events_created_by_user_id"),
        ),
        sa.Column(
            "profile_id",
            sa.ForeignKey(
                "relationships_profiles.id", ondelete="SET NULL", name="fk_relationships_life_events_profile_id"
            ),
        ),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint(
            "company_id", "recurs_annually", "month_day", "id", name="uq_relationships_life_events_company_annual"
        ),
        sa.UniqueConstraint("contact_id", "event_date", "id", name="uq_relationships_life_events_contact"),
        sa.UniqueConstraint("profile_id", name="uq_relationships_life_events_profile_id"),
        sa.Index("ix_relationships_life_events_annual", "recurs_annually", "month_day", "id"),
        sa.Index("ix_relationships_life_events_company_dated", "company_id", "recurs_annually", "event_date", "id"),
        sa.Index("ix_relationships_life_events_next_reminder", "next_reminder", "id"),
    )
    sa.Table(
        "relationships_actions",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("action_type", sa.String(200), nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("message_body", sa.Text),
        sa.Column("due_date", sa.Date),
        sa.Column("due", sa.Date, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("occurrence_date", sa.Date),
        sa.Column("occurrence_key", sa.String(36), nullable=False),
        sa.Column("reminder_slot", sa.Integer, nullable=False),
        sa.Column("days_before", sa.Integer),
        sa.Column("closed_by", sa.String(20)),
        sa.Column("completed_at", sa.DateTime),
        sa.Column("claimed_by_message_id", sa.Uuid),
        sa.Column("set_by_hand", sa.String(200)),
        sa.Column("change_id", sa.Uuid),
        sa.Column(
            "contact_id",
            sa.ForeignKey("contact.id", ondelete="CASCADE", name="fk_relationships_actions_contact_id"),
            nullable=False,
        ),
        sa.Column(
            "company_id", sa.ForeignKey("company.id", ondelete="SET NULL", name="fk_relationships_actions_company_id")
        ),
        sa.Column(
            "assigned_to_user_id",
            sa.ForeignKey("user.id", ondelete="SET NULL", name="fk_relationships_actions_assigned_to_user_id"),
        ),
        sa.Column(
            "created_by_user_id",
            sa.ForeignKey("user.id", ondelete="SET NULL", name="fk_relationships_actions_created_by_user_id"),
        ),
        sa.Column(
            "completed_by_user_id",
            sa.ForeignKey("user.id", ondelete="SET NULL", name="fk_relationships_actions_completed_by_user_id"),
        ),
        sa.Column(
            "life_event_id",
            sa.ForeignKey(
                "relationships_life_events.id", ondelete="SET NULL", name="fk_relationships_actions_life_event_id"
            ),
        ),
        sa.Column(
            "profile_id",
            sa.ForeignKey("relationships_profiles.id", ondelete="SET NULL", name="fk_relationships_actions_profile_id"),
        ),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("assigned_to_user_id", "due", "id", name="uq_relationships_actions_assigned_due"),
        sa.UniqueConstraint("company_id", "status", "due", "id", name="uq_relationships_actions_company_status"),
        sa.UniqueConstraint("contact_id", "due", "id", name="uq_relationships_actions_contact_due"),
        sa.UniqueConstraint("profile_id", "occurrence_key", name="uq_relationships_actions_in_touch"),
        sa.UniqueConstraint("profile_id", "status", "id", name="uq_relationships_actions_in_touch_status"),
        sa.UniqueConstraint(
            "life_event_id", "occurrence_key", "reminder_slot", name="uq_relationships_actions_occurrence"
        ),
        sa.Index("ix_relationships_actions_assigned_created", "assigned_to_user_id", "created_at", "id"),
        sa.Index("ix_relationships_actions_assigned_status", "assigned_to_user_id", "status", "due", "id"),
        sa.Index("ix_relationships_actions_created", "created_at", "id"),
        sa.Index("ix_relationships_actions_due", "due", "id"),
        sa.Index("ix_relationships_actions_status_due", "status", "due", "id"),
    )
    sa.Table(
        "relationships_action_centre_items",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("due_date", sa.Date),
        sa.Column("due", sa.Date, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("task_key", sa.String(200)),
        sa.Column("behind", sa.String(10)),
        sa.Column(
            "action_id",
            sa.ForeignKey(
                "relationships_actions.id", ondelete="CASCADE", name="fk_relationships_action_centre_items_action_id"
            ),
            nullable=False,
        ),
        sa.Column(
            "assigned_to_user_id",
            sa.ForeignKey(
                "user.id", ondelete="SET NULL", name="fk_relationships_action_centre_items_assigned_to_user_id"
            ),
        ),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("action_id", name="uq_relationships_action_centre_items_action_id"),
        sa.UniqueConstraint(
            "assigned_to_user_id", "status", "due", "id", name="uq_relationships_action_centre_items_assigned_status"
        ),
        sa.Index("ix_relationships_action_centre_items_behind", "behind", "updated_at", "id"),
        sa.Index("ix_relationships_action_centre_items_status", "status", "id"),
        sa.Index("ix_relationships_action_centre_items_status_due", "status", "due", "id"),
        sa.Index("ix_relationships_action_centre_items_task", "task_key"),
    )
    sa.Table(
        "relationships_action_changes",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("by", sa.String(20), nullable=False),
        sa.Column("changes", sa.Text, nullable=False),
        sa.Column(
            "action_id",
            sa.ForeignKey(
                "relationships_actions.id", ondelete="CASCADE", name="fk_relationships_action_changes_action_id"
            ),
            nullable=False,
        ),
        sa.Column(
            "user_id", sa.ForeignKey("user.id", ondelete="SET NULL", name="fk_relationships_action_changes_user_id")
        ),
        sa.Column(
            "assigned_before_id",
            sa.ForeignKey("user.id", ondelete="SET NULL", name="fk_relationships_action_changes_assigned_before_id"),
        ),
        sa.Column(
            "assigned_after_id",
            sa.ForeignKey("user.id", ondelete="SET NULL", name="fk_relationships_action_changes_assigned_after_id"),
        ),
        sa.Column(
            "company_before_id",
            sa.ForeignKey("company.id", ondelete="SET NULL", name="fk_relationships_action_changes_company_before_id"),
        ),
        sa.Column(
            "company_after_id",
            sa.ForeignKey("company.id", ondelete="SET NULL", name="fk_relationships_action_changes_company_after_id"),
        ),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("action_id", "created_at", "id", name="uq_relationships_action_changes_action"),
        sa.UniqueConstraint("assigned_after_id", "id", name="uq_relationships_action_changes_assigned_after_id"),
        sa.UniqueConstraint("assigned_before_id", "id", name="uq_relationships_action_changes_assigned_before_id"),
        sa.UniqueConstraint("company_after_id", "id", name="uq_relationships_action_changes_company_after_id"),
        sa.UniqueConstraint("company_before_id", "id", name="uq_relationships_action_changes_company_before_id"),
        sa.UniqueConstraint("user_id", "id", name="uq_relationships_action_changes_user_id"),
    )
    sa.Table(
        "relationships_messages",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("direction", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("media_url", sa.Text),
        sa.Column("from_number", sa.String(64)),
        sa.Column("to_number", sa.String(64)),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("status_rank", sa.Integer, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("error_code", sa.String(64)),
        sa.Column("error_message", sa.Text),
        sa.Column("provider_sid", sa.String(64)),
        sa.Column("num_segments", sa.Integer),
        sa.Column("content_sid", sa.String(64)),
        sa.Column("content_variables", sa.JSON),
        sa.Column("media", sa.JSON),
        sa.Column("outside_whatsapp_window", sa.Boolean),
        sa.Column("attempted_at", sa.DateTime),
        sa.Column("not_before", sa.DateTime),
        sa.Column(
            "contact_id", sa.ForeignKey("contact.id", ondelete="CASCADE", name="fk_relationships_messages_contact_id")
        ),
        sa.Column(
            "auto_action_id",
            sa.ForeignKey(
                "relationships_actions.id", ondelete="SET NULL", name="fk_relationships_messages_auto_action_id"
            ),
        ),
        sa.Column(
            "sent_by_user_id",
            sa.ForeignKey("user.id", ondelete="SET NULL", name="fk_relationships_messages_sent_by_user_id"),
        ),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("sent_at", sa.DateTime),
        sa.Column("delivered_at", sa.DateTime),
        sa.Column("read_at", sa.DateTime),
        sa.UniqueConstraint("contact_id", "created_at", "id", name="uq_relationships_messages_contact"),
        sa.UniqueConstraint("provider_sid", name="uq_relationships_messages_provider_sid"),
        sa.Index("ix_relationships_messages_rank", "status_rank", "created_at", "id"),
    )


def rows_of_one_person(contact: Any, company: Any, user: Any, today: date) -> dict[str, list[dict[str, Any]]]:
    """Rows of every table about one contact, as 0.1 would have inserted them, parents before children."""
    now = datetime.now(UTC).replace(microsecond=0, tzinfo=None) - timedelta(days=2)
    dated = {"created_at": now, "updated_at": now}
    number = f"+4420794{uuid.uuid4().int % 100000:05}"
    profile, event, birthday, action, auto, reminder = (uuid.uuid4() for _ in range(6))
    soon = today + timedelta(days=3)

    def action_row(id: uuid.UUID, **values: Any) -> dict[str, Any]:
        given = {"id": id, "contact_id": contact, "title": "Call", "action_type": "call", "due": date(9999, 12, 31)}
        plain = {"status": "pending", "source": "manual", "occurrence_key": "manual", "reminder_slot": 0}
        return {**given, **plain, **dated, "created_by_user_id": user, **values}

    def message(**values: Any) -> dict[str, Any]:
        plain = {"direction": "outbound", "channel": "sms", "body": "Good morning", "status": "delivered"}
        given = {"status_rank": 40, "attempt": 1, "contact_id": contact, "to_number": number, "created_at": now}
        return {"id": uuid.uuid4(), **plain, **given, **values}

    first = action_row(
        action,
        company_id=company,
        assigned_to_user_id=user,
        due=soon,
        due_date=soon,
        change_id=uuid.uuid4(),
        occurrence_key=f"manual-{str(action)[:8]}",
    )
    occurrence = {"source": "auto", "life_event_id": event, "occurrence_key": soon.isoformat(), "days_before": 7}
    second = action_row(auto, **occurrence, occurrence_date=soon, due=soon, due_date=soon, message_body="Happy day")
    in_touch = {"source": "auto", "profile_id": profile, "occurrence_key": (today - timedelta(days=9)).isoformat()}
    third = action_row(
        reminder, **in_touch, status="done", closed_by="user", completed_at=now, completed_by_user_id=user
    )
    return {
        "profiles": [
            {
                "id": profile,
                "contact_id": contact,
                "phone_number": number,
                "phone_e164": number,
                "interests": ["chess"],
                "twilio_opt_in": True,
                "birthday_month_day": 515,
                "birthday_year": 1990,
                "birthday_in_full": True,
                "birthday_owed": True,
                "cadence_days": 30,
                "cadence_since_day": today.toordinal() - 90,
                "in_touch_due_day": today.toordinal() - 60,
                "in_touch_remind_day": today.toordinal() - 60,
                "last_contact_at": now,
                "last_contact_day": today.toordinal() - 2,
                "last_contact_channel": "sms",
                "last_contact_by_user_id": user,
                "cadence_set_by_user_id": user,
                "last_message_at": now,
                **dated,
            }
        ],
        "life_events": [
            {
                "id": event,
                "contact_id": contact,
                "company_id": company,
                "event_type": "anniversary",
                "title": "Ten years",
                "event_date": soon,
                "recurs_annually": True,
                "month_day": soon.month * 100 + soon.day,
                "auto_action_enabled": True,
                "auto_action_days_before": 7,
                "next_reminder": soon,
                "created_by_user_id": user,
                **dated,
            },
            {
                "id": birthday,
                "contact_id": contact,
                "event_type": "birthday",
                "title": "Birthday",
                "event_date": date(1990, 5, 15),
                "recurs_annually": True,
                "month_day": 515,
                "auto_action_enabled": True,
                "auto_action_days_before": 7,
                "next_reminder": date(9999, 12, 31),
                "profile_id": profile,
                **dated,
            },
        ],
        "actions": [first, second, third],
        "action_changes": [
            {
                "id": uuid.uuid4(),
                "action_id": action,
                "kind": "created",
                "by": "user",
                "changes": "{}",
                "user_id": user,
                "assigned_after_id": user,
                "company_after_id": company,
                "created_at": now,
            }
        ],
        "action_centre_items": [
            {
                "id": one["id"],
                "action_id": one["id"],
                "title": one["title"],
                "due": one["due"],
                "due_date": one.get("due_date"),
                "status": "done" if one["status"] == "done" else "open",
                "assigned_to_user_id": one.get("assigned_to_user_id"),
                **dated,
            }
            for one in (first, second, third)
        ],
        "messages": [
            message(provider_sid=f"SM{uuid.uuid4().hex}", auto_action_id=reminder, sent_by_user_id=user, sent_at=now),
            message(direction="inbound", status="received", status_rank=0, from_number=number, to_number=None),
            message(contact_id=None, direction="inbound", status="received", status_rank=0, from_number="+12025550123"),
        ],
        "message_counts": [
            {
                "id": uuid.uuid4(),
                "scope": uuid.uuid4().hex * 2,
                "begins_at": now,
                "ends_at": now + timedelta(days=1),
                "count": 3,
            }
        ],
        "consent_entries": [
            {
                "id": uuid.uuid4(),
                "number": number,
                "channel": None,
                "event": "opt_in",
                "source": "staff",
                "contact_id": contact,
                "actor_user_id": user,
                "created_at": now,
            }
        ],
        "suppressions": [
            {"id": uuid.uuid4(), "number": f"+1{uuid.uuid4().int % 10**9:010}", "reason": "stop", "created_at": now}
        ],
        "idempotency_keys": [
            {
                "id": uuid.uuid4(),
                "scope": uuid.uuid4().hex * 2,
                "body_digest": uuid.uuid4().hex * 2,
                "status": 201,
                "answer": "{}",
                "created_at": now,
            }
        ],
        "calendar_feeds": [
            {
                "id": uuid.uuid4(),
                "scope": uuid.uuid4().hex * 2,
                "token_hash": uuid.uuid4().hex * 2,
                "user_id": user,
                "company_id": company,
                "created_at": now,
            }
        ],
        "sent_digests": [
            {
                "id": uuid.uuid4(),
                "user_id": user,
                "day": today - timedelta(days=uuid.uuid4().int % 9000),
                "created_at": now,
            }
        ],
        "runs": [
            {
                "id": uuid.uuid4(),
                "runner": f"r{uuid.uuid4().hex[:8]}",
                "began_at": now,
                "ended_at": now,
                "succeeded_at": now,
            }
        ],
        "partners": [
            {
                "id": uuid.uuid4(),
                "company_id": company,
                "partner_company_name": "Difference Engines",
                "partner_contact_name": "Ada",
                "partner_contact_email": "ada@example.com",
                "contact_id": contact,
                **dated,
            },
            {
                "id": uuid.uuid4(),
                "company_id": company,
                "partner_company_name": "Looms",
                "partner_contact_name": "J",
                **dated,
            },
        ],
    }


def client_profile(company: Any) -> Mapping[str, Any]:
    return {
        "id": uuid.uuid4(),
        "company_id": company,
        "created_at": datetime.now(UTC).replace(tzinfo=None, microsecond=0),
    }


def insert(connection: sa.Connection, metadata: sa.MetaData, rows: Mapping[str, list[dict[str, Any]]]) -> None:
    """Insert rows as 0.1 does, which knows no later column."""
    for name, several in rows.items():
        table = metadata.tables[PREFIX + name]
        for row in several:
            connection.execute(sa.insert(table), row)


def read(connection: sa.Connection, metadata: sa.MetaData) -> dict[str, list[dict[str, Any]]]:
    """Every row of our tables, as 0.1 reads them."""
    tables = [table for name, table in sorted(metadata.tables.items()) if name.startswith(PREFIX)]
    found = {table.name: connection.execute(sa.select(table).order_by(table.c.id)).mappings() for table in tables}
    return {name: [dict(row) for row in rows] for name, rows in found.items()}
