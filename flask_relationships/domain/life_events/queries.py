"""Read life events, with the dates of their next occurrences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...db.filters import ListFilter
from ...db.pagination import WHOLE_LIST, Order, Page
from ...db.rows import Rows
from ...hosts.joins import ShownKeys
from ..models import Models
from ..pages import read_paged
from .models import LIFE_EVENT_COLUMNS, LifeEventTable
from .occurrences import next_occurrence
from .subjects import is_anniversary

EARLIEST_DATE = date.min
"""The sort date of an event without a date, so that it is last where the latest is first."""


def find(ctx: Context, contact: Any, event_id: UUID) -> LifeEventTable | None:
    """Return an event of a contact, or None."""
    table = ctx.models.LifeEvent
    mine = sa.select(table).where(table.id == event_id, table.contact_id == contact)
    return ctx.execute(mine).scalar_one_or_none()


def open_action(models: Models) -> sa.ColumnElement[Any]:
    """Return the id of an event's pending auto-action, as a column of a select of events."""
    actions, events = models.Action, models.LifeEvent
    pending = sa.select(actions.id).where(actions.life_event_id == events.id, actions.status == "pending")
    return pending.order_by(actions.due, actions.id).limit(1).correlate(events).scalar_subquery()


def columns(models: Models, keys: ShownKeys) -> list[sa.ColumnElement[Any]]:
    """Return the columns that `with_dates` turns into the JSON members of an event."""
    own: list[Any] = keys.columns(LIFE_EVENT_COLUMNS)
    return [*own, models.LifeEvent.month_day, open_action(models).label("open_action_id")]


def with_dates(ctx: Context, rows: Rows, today: date) -> Rows:
    """Return the rows with ``next_occurrence`` and ``days_until``, from ``event_date`` and ``month_day``."""
    kind, first, second = (rows.names.index(name) for name in ("event_type", "event_date", "month_day"))
    leap_day = ctx.settings.leap_day

    def compute(row: Sequence[Any]) -> tuple[date | None, int | None]:
        coming = next_occurrence(row[first], row[second], today, leap_day, is_anniversary(row[kind]))
        return coming, None if coming is None else (coming - today).days

    return rows.extended(("next_occurrence", "days_until"), compute)


def read(ctx: Context, list_filter: ListFilter, today: date, page: Page = WHOLE_LIST) -> tuple[Rows, str | None]:
    """Return events, latest date first and undated last, and the cursor of the next page.

    :param today: the viewer's, for ``next_occurrence`` and ``days_until``.
    """
    table = ctx.models.LifeEvent
    sort_date = sa.func.coalesce(table.event_date, sa.literal(EARLIEST_DATE, sa.Date))
    order = Order({"sort_date": sort_date, "id": table.id}, descending=True)
    rows, cursor = read_paged(
        ctx, table, lambda keys: [*columns(ctx.models, keys), sort_date.label("sort_date")], list_filter, order, page
    )
    return with_dates(ctx, rows, today), cursor
