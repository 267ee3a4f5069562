"""Dismiss what version 0.1 created for the day of an anniversary itself, where the anniversary recurs.

The first occurrence of such an event is a year after its date. An action that a person has changed stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..actions import service as actions
from ..state import state
from ..tables.build import Models
from ..tables.execute import execute, retried
from .subjects import is_anniversary

BATCH = 100
"""How many actions are dismissed in one transaction."""

ATTEMPTS = 6


def dismiss(session: Session, models: Models, stopped: Callable[[], bool] = lambda: False) -> list[UUID]:
    """Dismiss the open, unchanged auto-actions of the zeroth year. Commits each batch. Returns their ids."""
    done: list[UUID] = []
    for ids in _pages(session, models):
        if stopped():
            break
        done += retried(session, lambda: _dismiss(session, models, ids), ATTEMPTS, unless=lambda: False)  # noqa: B023
    return done


def count(session: Session, models: Models) -> int:
    """Return how many actions `dismiss` would dismiss. Writes nothing."""
    return sum(map(len, _pages(session, models)))


def _pages(session: Session, models: Models) -> Iterator[list[UUID]]:
    action, event, last = models.Action, models.LifeEvent, None
    while True:
        asked = sa.select(action.id, event.event_type).join(event, event.id == action.life_event_id)
        asked = asked.where(_is_unchanged(models), event.recurs_annually, event.event_date == action.occurrence_date)
        page = asked if last is None else asked.where(action.id > last)
        rows = execute(session, models.mapper, page.order_by(action.id).limit(BATCH)).all()
        session.commit()
        if ids := [row.id for row in rows if is_anniversary(row.event_type)]:
            yield ids
        if len(rows) < BATCH:
            return
        last = rows[-1].id


def _is_unchanged(models: Models) -> sa.ColumnElement[bool]:
    """Return the condition that an auto-action is open, is not being sent, and no person has changed it."""
    action, change = models.Action, models.ActionChange
    by_people = sa.exists().where(change.action_id == action.id, change.kind != "created", change.by != "plugin")
    return sa.and_(
        action.status == "pending",
        action.source == "auto",
        action.claimed_by_message_id.is_(None),
        sa.func.coalesce(action.set_by_hand, "") == "",
        ~by_people,
    )


def _dismiss(session: Session, models: Models, ids: list[UUID]) -> list[UUID]:
    pending = sa.select(models.Action).where(models.Action.id.in_(ids), _is_unchanged(models))
    found = execute(session, models.mapper, pending).scalars().all()
    closed = actions.close_many(session, models, found, "dismissed", user=None, closed_by="plugin", now=state.now())
    session.commit()
    return [one.id for one in closed]
