"""The assignee of a contact with a cadence: its owner, else the user who set the cadence.

The owner is in the host's table, which our indexes do not cover. So each profile has a copy of its assignee,
``in_touch_user_id``, with an index. A copy only finds candidates: statements compare the present owner too, so that an
outdated copy shows nobody another user's contact. Where ``in_touch_user_known`` is NULL, the copy is unknown, and the
contact is a candidate for every user. Without a mapped owner there is no copy: our own column has the assignee.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ...context import Context
from ...hosts.bound import SYSTEM, Hosts
from ...hosts.joins import HostValues
from ..models import Models


def are_copied(hosts: Hosts) -> bool:
    """Return whether profiles hold copies of assignees: where contacts have owners."""
    return "owner" in hosts.contact.links


def joined_fields(hosts: Hosts) -> list[str]:
    """Return the fields that a join of contacts needs for `assignee`, read for `SYSTEM`."""
    return ["owner"] if are_copied(hosts) else []


def assignee(ctx: Context, contacts: HostValues) -> sa.ColumnElement[Any]:
    """Return the key of the assignee; ``contacts`` has `joined_fields`."""
    setter = ctx.hosts.user.shown_key(ctx.models.Profile.cadence_set_by_user_id, SYSTEM)
    return sa.func.coalesce(contacts.column("owner"), setter) if are_copied(ctx.hosts) else setter


def indexed_column(ctx: Context) -> Any:
    """Return the column of profiles by which an index finds an assignee's contacts."""
    return ctx.models.Profile.in_touch_user_id if are_copied(ctx.hosts) else ctx.models.Profile.cadence_set_by_user_id


def remind_index(hosts: Hosts) -> str:
    """Return the name of the index that has `indexed_column` and then the day of the reminder."""
    return "in_touch_user_remind" if are_copied(hosts) else "set_by_remind"


def is_unknown(models: Models) -> sa.ColumnElement[bool]:
    """Return the condition that a profile's copy is unknown."""
    return models.Profile.in_touch_user_known.is_(None)


def with_index(statement: sa.Select[Any], models: Models, name: str) -> sa.Select[Any]:
    """Return a select of profiles that MariaDB and MySQL run with this index of ours.

    They estimate that NULL is as frequent as other values. So they would read the table where few rows have it.
    """
    table = sa.inspect(models.Profile).local_table
    hint = f"FORCE INDEX (ix_{table.name}_{name})"
    return statement.with_hint(table, hint, "mysql").with_hint(table, hint, "mariadb")


def with_unknown(statement: sa.Select[Any], models: Models) -> sa.Select[Any]:
    """Return a select of profiles with the condition that their copy is unknown."""
    return with_index(statement.where(is_unknown(models)), models, "in_touch_unknown")


def is_candidate_of(ctx: Context, user: Any) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that our table has a user as the assignee of a contact; None for unassigned ones."""
    column = indexed_column(ctx)
    if user is not None:
        return [column == user]
    known = [ctx.models.Profile.in_touch_user_known == sa.true()] if are_copied(ctx.hosts) else []
    return [column.is_(None), *known]
