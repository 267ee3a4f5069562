"""Dismiss the auto-actions that version 0.1 created for the date itself of a recurring anniversary.

The first occurrence of such an event is a year after its date. An action that a person has changed stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ..actions import service as actions
from ..batches import read_pages, retry
from ..models import Models
from .subjects import is_anniversary

BATCH_ROWS = 100
"""Actions that one transaction dismisses."""


def dismiss(ctx: Context, stopped: Callable[[], bool] = lambda: False) -> list[UUID]:
    """Dismiss the open, unchanged auto-actions of the zeroth year. Commits each batch. Returns their ids."""
    done: list[UUID] = []
    for ids in _pages(ctx):
        if stopped():
            break
        done += retry(ctx, _dismiss, ctx, ids)
    return done


def count(ctx: Context) -> int:
    """Return how many actions `dismiss` would dismiss. Writes nothing."""
    return sum(map(len, _pages(ctx)))


def _pages(ctx: Context) -> Iterator[list[UUID]]:
    action, event = ctx.models.Action, ctx.models.LifeEvent
    rows = sa.select(action.id, event.event_type).join(event, event.id == action.life_event_id)
    rows = rows.where(_is_unchanged(ctx.models), event.recurs_annually, event.event_date == action.occurrence_date)
    for page in read_pages(ctx, rows, action.id, BATCH_ROWS):
        if ids := [row.id for row in page if is_anniversary(row.event_type)]:
            yield ids


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
    dismissed = actions.dismiss_pending(ctx, ctx.models.Action.id.in_(ids), _is_unchanged(ctx.models))
    ctx.commit()
    return [action.id for action in dismissed]
