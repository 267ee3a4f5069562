"""Read the calendar feeds of a user."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ...context import Context
from ...db.pagination import Order, Page, cut, ordered
from ...db.rows import Rows
from ...hosts.joins import ShownKeys, read_rows
from .models import CALENDAR_FEED_COLUMNS


def read(ctx: Context, keys: ShownKeys, user: Any, page: Page) -> tuple[Rows, str | None]:
    """Return the feeds of a user, oldest first, and the cursor of the next page.

    A feed of a company that they may not see has no ``company_id``.
    """
    table = ctx.models.CalendarFeed
    order = Order({"created_at": table.created_at, "id": table.id})
    columns = keys.columns(CALENDAR_FEED_COLUMNS)
    statement = ordered(sa.select(*columns).where(table.user_id == user), order, page)
    return cut(read_rows(ctx.session, ctx.models, statement, keys=keys), order, page)
