"""Read lists of rows of one table of ours, with or without pagination."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from ..context import Context
from ..db.filters import ListFilter
from ..db.pagination import Order, Page, cut, ordered, values_after
from ..db.rows import Rows
from ..hosts.joins import ShownKeys, read_rows
from ..hosts.paths import Viewer


def read_paged(
    ctx: Context,
    table: type[Any],
    columns: Callable[[ShownKeys], Sequence[sa.ColumnElement[Any]]],
    list_filter: ListFilter,
    order: Order,
    page: Page,
) -> tuple[Rows, str | None]:
    """Return rows, and the cursor of the next page.

    :param columns: returns the columns to select, from the table's keys as the viewer may see them.
    """

    def make(viewer: Viewer) -> tuple[sa.Select[Any], ShownKeys]:
        keys = ShownKeys(ctx.hosts, viewer, table)
        selected = sa.select(*columns(keys)).where(*list_filter.conditions)
        return ordered(selected, order, page), keys

    form = list_filter.form and (table, list_filter.form, page.limit, page.cursor is None)
    statement, keys = ctx.hosts.once(form, make, ctx.viewer)
    values = {**list_filter.values, **values_after(order, page)}
    return cut(read_rows(ctx.session, ctx.models, statement, keys=keys, values=values), order, page)


def may_lack_contact(ctx: Context, dialect: str) -> bool:
    """Return whether the contact of a row may be missing or hidden. SQLite enforces foreign keys only on request."""
    return ctx.hosts.contact.hooked or not ctx.models.hosts.contact.foreign_key or dialect == "sqlite"
