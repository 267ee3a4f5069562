"""Dismiss what version 0.1 created for the day of an anniversary itself, where the anniversary recurs.

The first occurrence of such an event is a year after its date. An action that a person has changed stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...db.statements import retried
from ..actions import service as actions
from ..models import Models
from .subjects import is_anniversary

BATCH = 100
"""How many actions are dismissed in one transaction."""

ATTEMPTS = 6


def dismiss(ctx: Context, stopped: Callable[[], bool] = lambda: False) -> list[UUID]:
    """Dismiss the open, unchanged auto-actions of the zeroth year. Commits each batch. Returns their ids."""
    done: list[UUID] = []
    for ids in _pages(ctx):
        if stopped():
            break
        done += retried(ctx.session, lambda: _dismiss(ctx, ids), ATTEMPTS, unless=lambda: False)  # noqa: B023
    return done


def count(ctx: Context) -> int:
    """Return how many actions `dismiss` would dismiss. Writes nothing."""
    return sum(map(len, _pages(ctx)))


def _pages(ctx: Context) -> Iterator[list[UUID]]:
    action, event, last = ctx.models.Action, ctx.models.LifeEvent, None
    while True:
        asked = sa.select(action.id, event.event_type).join(event, event.id == action.life_event_id)
        asked = asked.where(
            _is_unchanged(ctx.models), event.recurs_annually, event.event_date == action.occurrence_date
        )
        page = asked if last is None else asked.where(action.id > last)
        rows = ctx.execute(page.order_by(action.id).limit(BATCH)).all()
        ctx.session.commit()
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


def _dismiss(ctx: Context, ids: list[UUID]) -> list[UUID]:
    pending = sa.select(ctx.models.Action).where(ctx.models.Action.id.in_(ids), _is_unchanged(ctx.models))
    found = ctx.execute(pending).scalars().all()
    closed = actions.close_many(ctx, found, "dismissed", user=None, closed_by="plugin", now=ctx.now())
    ctx.session.commit()
    return [one.id for one in closed]
