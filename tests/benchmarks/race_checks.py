"""What the tables must say after a race: no orphan, no duplicate, and actions that agree with events and mirror."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from tests.benchmarks.race_sides import MODELS
from tests.hosts.ordinary import OrdinaryHost


def inconsistencies(host: OrdinaryHost) -> list[str]:
    """Return what the tables say that cannot be."""
    with host.app.app_context():
        session, models = host.db.session, host.models
        found = []
        for words, statement in (
            *_orphans(models),
            *_of_actions(models),
            *_of_messages(models),
            *_of_birthdays(models),
        ):
            if count := session.scalar(sa.select(sa.func.count()).select_from(statement.subquery())):
                found.append(f"{count} {words}")
        session.rollback()
    return found


def _orphans(models: Any) -> Iterator[tuple[str, sa.Select[Any]]]:
    """Rows that point at a row that is gone, of the host's or of ours."""
    for table in models.tables:
        for column in table.c:
            kind = column.info.get("host")
            keys = [MODELS[kind].__table__.c.id] if kind else [key.column for key in column.foreign_keys]
            for key in keys:
                gone = ~sa.exists().where(key == column).correlate(table)
                if key.table is table:
                    continue
                lost = sa.select(column).where(column.is_not(None), gone)
                yield f"rows of {table.name} point by {column.name} at a row of {key.table.name} that is gone", lost


def _of_actions(models: Any) -> Iterator[tuple[str, sa.Select[Any]]]:
    action, item = models.Action, models.ActionCentreItem
    status = sa.case((action.status == "pending", "open"), else_=action.status)
    differ = sa.or_(
        item.id.is_(None),
        item.status != status,
        item.title != action.title,
        item.due != action.due,
        item.assigned_to_user_id.is_distinct_from(action.assigned_to_user_id),
        item.revision != action.revision,
    )
    mirrored = sa.select(action.id).outerjoin(item, item.action_id == action.id)
    yield "actions differ from their mirror", mirrored.where(differ)
    pending = sa.select(action.id).where(action.status == "pending")
    outlived = (action.source == "auto", action.life_event_id.is_(None), action.profile_id.is_(None))
    yield "open actions of events that were deleted", pending.where(*outlived)
    message = models.Message
    failed = sa.exists().where(message.auto_action_id == action.id, message.status == "undelivered")
    for words, key in (("events", action.life_event_id), ("profiles", action.profile_id)):
        # An action that is opened again because its message failed stands beside one of another occurrence.
        twins = sa.select(key).where(action.status == "pending", key.is_not(None), ~failed)
        yield f"{words} with several open actions", twins.group_by(key).having(sa.func.count() > 1)
    unsettled = sa.exists().where(
        message.id == action.claimed_by_message_id,
        message.status.in_(("queued", "sending", "unconfirmed")),
        message.provider_sid.is_(None),
    )
    claimed = sa.select(action.id).where(action.claimed_by_message_id.is_not(None), ~unsettled)
    yield "actions are claimed by a message that is settled", claimed


def _of_messages(models: Any) -> Iterator[tuple[str, sa.Select[Any]]]:
    message, suppression = models.Message, models.Suppression
    twice = sa.select(message.provider_sid).where(message.provider_sid.is_not(None)).group_by(message.provider_sid)
    yield "messages are stored twice", twice.having(sa.func.count() > 1)
    stopped = sa.exists().where(suppression.number_key == message.address_key)
    yield "numbers said STOP and are not suppressed", sa.select(message.id).where(message.body == "STOP", ~stopped)


def _of_birthdays(models: Any) -> Iterator[tuple[str, sa.Select[Any]]]:
    profile, event = models.Profile, models.LifeEvent
    linked = sa.select(event.id).join(profile, profile.id == event.profile_id)
    differ = sa.or_(profile.birthday_month_day.is_(None), profile.birthday_month_day != event.month_day)
    yield "events of birthdays differ from their profile", linked.where(differ, profile.birthday_owed == sa.false())
