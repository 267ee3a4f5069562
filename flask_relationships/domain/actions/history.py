"""The history of an action: who changed what, and when. It is written with each change, and never after."""

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
"""Who does it: a person here, a message that was sent, the plugin by itself, or a task of the host's."""

TEXTS = ("status", "title", "action_type", "description", "message_body", "due_date", "occurrence_date")
"""The columns whose changes are told, as text."""

KEYS = {"assigned_to_user_id": "assigned", "company_id": "company"}
"""Those that are keys of the host's, and what the columns are called that keep them."""


class Entry(NamedTuple):
    """One line: the values before and after, by column."""

    action_id: UUID
    kind: str
    by: By
    user: Any
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def shown(values: Iterable[str]) -> list[str]:
    """Those of these columns whose changes are told."""
    return [name for name in values if name in TEXTS or name in KEYS]


def record(ctx: Context, entries: Sequence[Entry], *, now: datetime) -> None:
    """Add lines, with one statement."""
    insert_rows(ctx.session, ctx.models.ActionChange, [_columns(entry, now) for entry in entries])


def _columns(entry: Entry, now: datetime) -> dict[str, Any]:
    pairs = {name: (entry.before.get(name), entry.after[name]) for name in shown(entry.after)}
    texts = (name for name in TEXTS if name in pairs and pairs[name][0] != pairs[name][1])
    told = {name: [_text(value) for value in pairs[name]] for name in texts}
    columns: dict[str, Any] = {
        "id": uuid7(),
        "action_id": entry.action_id,
        "kind": entry.kind,
        "by": entry.by,
        "user_id": entry.user,
        "changes": json.dumps(told | {name: None for name in KEYS if name in pairs}, ensure_ascii=False),
        "created_at": now,
    }
    for name, column in KEYS.items():
        columns[f"{column}_before_id"], columns[f"{column}_after_id"] = pairs.get(name, (None, None))
    return columns


def _text(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


def read(ctx: Context, action_id: UUID, page: Page) -> tuple[Rows, str | None]:
    """The lines of an action's history, newest first, and the cursor of the next page.

    The oldest line, that the action was added, comes from the action itself. It needs a place on the page too.
    """
    table, actions = ctx.models.ActionChange, ctx.models.Action
    keys = ShownKeys(ctx.hosts, ctx.viewer, table)
    order = Order({"at": table.created_at, "id": table.id}, descending=True)
    own = keys.columns(("user_id", *KEPT))
    lines = sa.select(table.id, table.kind, table.by, table.created_at.label("at"), table.changes.label("told"), *own)
    statement = ordered(lines.select_from(table).where(table.action_id == action_id), order, page)
    changes, cursor = cut(_named(ctx, statement, table.user_id, keys), order, page)
    if cursor is None and len(changes.rows) == page.limit:
        cursor = cursor_after(changes, order)
    if cursor is None:
        nothing = [sa.null().label(name) for name in ("told", *KEPT)]
        author = ShownKeys(ctx.hosts, ctx.viewer, actions)
        by = sa.case((actions.source == "auto", "plugin"), else_="user").label("by")
        created = sa.select(actions.id, sa.literal("created").label("kind"), by, actions.created_at.label("at"))
        created = created.add_columns(nothing[0], author.column("created_by_user_id"), *nothing[1:])
        statement = created.select_from(actions).where(actions.id == action_id)
        first = _named(ctx, statement, actions.created_by_user_id, author)
        changes = Rows(changes.names, [*changes.rows, *first.rows])
    return changes.extended(("changes",), lambda row: (_changes(dict(zip(changes.names, row, strict=True))),)), cursor


KEPT = tuple(f"{column}_{when}_id" for column in KEYS.values() for when in ("before", "after"))


def _named(ctx: Context, statement: sa.Select[Any], user: Any, keys: ShownKeys) -> Rows:
    """The rows with the name of the user beside them."""
    users = HostValues(ctx.hosts.user, ctx.viewer, {"user_name": "name"})
    statement = users.join(statement.add_columns(*users.columns), user)
    return read_rows(ctx.session, ctx.models, statement, [users], keys)


def _changes(row: dict[str, Any]) -> list[dict[str, Any]]:
    told: dict[str, Any] = json.loads(row["told"] or "{}")
    found = []
    for name, values in told.items():
        if name in KEYS:
            keys = (row[f"{KEYS[name]}_{when}_id"] for when in ("before", "after"))
            values = [None if key is None else str(key) for key in keys]
        found.append({"field": name, "before": values[0], "after": values[1]})
    return found
