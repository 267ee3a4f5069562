"""Read messages: the pages of a list, the newest of several contacts, or one message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

from ...context import Context
from ...db.filters import ListFilter
from ...db.pagination import Order, Page, cut, ordered, values_after
from ...db.rows import Rows
from ...db.scoped_pages import Scope, paged
from ...db.statements import dialect_of
from ...hosts.joins import HostValues, ShownKeys, read_rows
from ...hosts.paths import Viewer
from .models import MESSAGE_COLUMNS


class _Selected(NamedTuple):
    """A select of messages before it has an order: its columns, its authors and the keys that the viewer may see."""

    statement: sa.Select[Any]
    authors: HostValues
    keys: ShownKeys


def read(ctx: Context, list_filter: ListFilter, page: Page) -> tuple[Rows, str | None]:
    """Return messages, newest first, and the cursor of the next page."""
    table, order = ctx.models.Message, _newest(ctx)

    def make(viewer: Viewer) -> _Selected:
        made = _select(ctx.seen_by(viewer))
        joined = made.authors.join(made.statement.select_from(table), table.sent_by_user_id)
        return made._replace(statement=ordered(joined.where(*list_filter.conditions), order, page))

    form = list_filter.form and (table, list_filter.form, page.limit, page.cursor is None)
    return _read(ctx, form, make, list_filter.values, order, page)


def read_newest(ctx: Context, contacts: sa.Select[Any], values: Mapping[str, Any], most: int) -> Rows:
    """Return the newest messages of these contacts.

    :param contacts: a select of their keys.
    :param values: the parameters of that select by name.
    :param most: the largest number of messages.
    """
    table, order, page = ctx.models.Message, _newest(ctx), Page(most)
    dialect = dialect_of(ctx.session, ctx.models.mapper)

    def make(viewer: Viewer) -> _Selected:
        made, scope = _select(ctx.seen_by(viewer)), Scope(table.contact_id, among=contacts)
        limited = paged(made.statement, table, order, page, scope, [], dialect=dialect)
        return made._replace(statement=made.authors.join(limited, table.sent_by_user_id))

    return _read(ctx, ("newest messages", dialect, most), make, values, order, page)[0]


def find(ctx: Context, *conditions: sa.ColumnElement[bool]) -> tuple[Any, dict[str, Any]] | None:
    """Return one message, and the members of its answer that depend on the viewer."""
    table = ctx.models.Message
    keys = ShownKeys(ctx.hosts, ctx.viewer, table)
    return keys.find(ctx.session, *conditions, beside=_authors(ctx), on=table.sent_by_user_id)


def unread_members(ctx: Context) -> dict[str, None]:
    """Return the members that depend on the viewer as null, for a message that cannot be read again."""
    keys = ShownKeys(ctx.hosts, ctx.viewer, ctx.models.Message)
    return dict.fromkeys((*keys.hooked, "sent_by_name"))


def _select(ctx: Context) -> _Selected:
    keys, authors = ShownKeys(ctx.hosts, ctx.viewer, ctx.models.Message), _authors(ctx)
    return _Selected(sa.select(*keys.columns(MESSAGE_COLUMNS), *authors.columns), authors, keys)


def _authors(ctx: Context) -> HostValues:
    return HostValues(ctx.hosts.user, ctx.viewer, {"sent_by_name": "name"})


def _newest(ctx: Context) -> Order:
    table = ctx.models.Message
    return Order({"created_at": table.created_at, "id": table.id}, descending=True)


def _read(
    ctx: Context,
    form: Any,
    make: Callable[[Viewer], _Selected],
    values: Mapping[str, Any],
    order: Order,
    page: Page,
) -> tuple[Rows, str | None]:
    """Read a page with the statement of this form, which is made once for each form."""
    made = ctx.hosts.once(form, make, ctx.viewer)
    parameters = {**values, **values_after(order, page)}
    return cut(read_rows(ctx.session, ctx.models, made.statement, [made.authors], made.keys, parameters), order, page)
