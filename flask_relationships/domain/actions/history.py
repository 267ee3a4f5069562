"""The history of an action: who changed what, and when. Lines are only ever added."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from ...context import Context
from ...db.pagination import Order, Page, cursor_after, cut, ordered
from ...db.rows import Rows
from ...db.statements import insert_rows
from ...hosts.joins import HostValues, ShownKeys, read_rows

By = Literal["user", "message", "plugin", "task"]
"""What caused a change: a person, a message that was sent, the plugin itself, or a task of the host."""

TEXT_COLUMNS = ("status", "title", "action_type", "description", "message_body", "due_date", "occurrence_date")
"""The columns whose changes are stored, as text."""

KEY_COLUMNS = {"assigned_to_user_id": "assigned", "company_id": "company"}
"""The columns that are keys of the host, and the prefix of the columns that store their changes."""

STORED_KEY_COLUMNS = tuple(f"{column}_{when}_id" for column in KEY_COLUMNS.values() for when in ("before", "after"))


class Entry(NamedTuple):
    """One line of the history: the values before and after, by column."""

    action_id: UUID
    kind: str
    by: By
    user: Any
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def shown(values: Iterable[str]) -> list[str]:
    """Return those of these columns whose changes are stored."""
    return [name for name in values if name in TEXT_COLUMNS or name in KEY_COLUMNS]


def record(ctx: Context, entries: Sequence[Entry], *, now: datetime) -> None:
    """Add lines, with one statement."""
    insert_rows(ctx.session, ctx.models.ActionChange, [_columns(entry, now) for entry in entries])


def _columns(entry: Entry, now: datetime) -> dict[str, Any]:
    columns: dict[str, Any] = dict.fromkeys(STORED_KEY_COLUMNS)
    changes: dict[str, Any] = {}
    for name in (*TEXT_COLUMNS, *KEY_COLUMNS):
        if name not in entry.after:
            continue
        before, after = entry.before.get(name), entry.after[name]
        if name in KEY_COLUMNS:
            changes[name] = None  # the columns have the keys
            columns |= {f"{KEY_COLUMNS[name]}_before_id": before, f"{KEY_COLUMNS[name]}_after_id": after}
        elif before != after:
            changes[name] = [_text(before), _text(after)]
    return {
        **columns,
        "id": uuid7(),
        "action_id": entry.action_id,
        "kind": entry.kind,
        "by": entry.by,
        "user_id": entry.user,
        "changes": json.dumps(changes, ensure_ascii=False),
        "created_at": now,
    }


def _text(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


def read(ctx: Context, action_id: UUID, page: Page) -> tuple[Rows, str | None]:
    """Return the lines of an action's history, newest first, and the cursor of the next page.

    The oldest line, the creation, comes from the action itself. It counts as a row of the last page.
    """
    table, actions = ctx.models.ActionChange, ctx.models.Action
    keys = ShownKeys(ctx.hosts, ctx.viewer, table)
    order = Order({"at": table.created_at, "id": table.id}, descending=True)
    own = keys.columns(("user_id", *STORED_KEY_COLUMNS))
    lines = sa.select(
        table.id, table.kind, table.by, table.created_at.label("at"), table.changes.label("changes_text"), *own
    )
    statement = ordered(lines.select_from(table).where(table.action_id == action_id), order, page)
    changes, cursor = cut(_named(ctx, statement, table.user_id, keys), order, page)
    if cursor is None and len(changes.rows) == page.limit:
        cursor = cursor_after(changes, order)
    if cursor is None:
        nothing = [sa.null().label(name) for name in ("changes_text", *STORED_KEY_COLUMNS)]
        author = ShownKeys(ctx.hosts, ctx.viewer, actions)
        by = sa.case((actions.source == "auto", "plugin"), else_="user").label("by")
        created = sa.select(actions.id, sa.literal("created").label("kind"), by, actions.created_at.label("at"))
        created = created.add_columns(nothing[0], author.column("created_by_user_id"), *nothing[1:])
        statement = created.select_from(actions).where(actions.id == action_id)
        first = _named(ctx, statement, actions.created_by_user_id, author)
        changes = Rows(changes.names, [*changes.rows, *first.rows])
    return changes.extended(("changes",), lambda row: (_changes(dict(zip(changes.names, row, strict=True))),)), cursor


def _named(ctx: Context, statement: sa.Select[Any], user: Any, keys: ShownKeys) -> Rows:
    """Return the rows of a statement, with the name of the user."""
    users = HostValues(ctx.hosts.user, ctx.viewer, {"user_name": "name"})
    statement = users.join(statement.add_columns(*users.columns), user)
    return read_rows(ctx.session, ctx.models, statement, [users], keys)


def _changes(row: dict[str, Any]) -> list[dict[str, Any]]:
    stored: dict[str, Any] = json.loads(row["changes_text"] or "{}")
    found = []
    for name, values in stored.items():
        if name in KEY_COLUMNS:
            keys = (row[f"{KEY_COLUMNS[name]}_{when}_id"] for when in ("before", "after"))
            values = [None if key is None else str(key) for key in keys]
        found.append({"field": name, "before": values[0], "after": values[1]})
    return found
