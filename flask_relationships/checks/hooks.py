"""The filters of mappings and their hooks: where one seems to be forgotten, or lets everything through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from ..api.application import state
from ..db.statements import execute
from ..errors import place_of
from ..hosts.bound import Host
from ..hosts.fields import LINKS
from .description import linked_by
from .examination import Examination
from .findings import Finding, Kind
from .host_tables import is_migrated

PAGE = "mapping.md#deleted-and-hidden-rows"

SOFT_DELETE_IGNORED = Kind(
    "soft_delete_ignored",
    "warning",
    "A model has a column that looks like soft delete, and its mapping has neither `deleted` nor `present`: deleted "
    "rows are shown.",
    PAGE,
)
TENANTS_IGNORED = Kind(
    "tenants_ignored",
    "warning",
    "A model and the users share the values of a column that looks like a tenant's, and the mapping has neither "
    "`tenant` nor `visible`: every tenant sees all rows.",
    PAGE,
)
HOOK_LETS_ALL_THROUGH = Kind(
    "hook_lets_everything_through",
    "warning",
    "A hook returns the select as it was given, for every one of the first users.",
    PAGE,
    "The hook must return select.where(...): a select is never changed in place.",
)

GONE = frozenset(
    f"{prefix}{word}{suffix}"
    for word in ("deleted", "archived", "removed", "trashed")
    for prefix, suffix in (("", ""), ("is_", ""), ("", "_at"), ("", "_on"), ("date_", ""))
)
STILL_THERE = frozenset({"active", "is_active", "enabled", "is_enabled"})
TENANT = frozenset(
    f"{word}{suffix}"
    for word in ("tenant", "workspace", "agency", "realm", "org_unit")
    for suffix in ("", "_id", "_uid", "_uuid")
)
PERHAPS_TENANT = frozenset({"organisation_id", "organization_id", "org_id", "account_id"})
"""Often a company's: a tenant's only where the company is linked otherwise, or users have the column too."""

USERS_TRIED = 20

HOOK_FAILS = Kind(
    "hook_fails",
    "error",
    "`visible` raises, or returns no select, for every user that was tried.",
    PAGE,
    "visible is called with a select and what the current-user callback returns, and returns the select it narrowed.",
)
HOOK_UNTRIED = Kind(
    "hook_untried",
    "ok",
    "`visible` raises for a row of the users, and may be given something else by the current-user callback.",
    PAGE,
)


def look(examination: Examination) -> Iterator[Finding]:
    for host in state.hosts.all():
        yield from _soft_delete(host, examination)
        yield from _tenants(host, examination)
        yield from _hooks(host, examination)


def _columns(host: Host) -> dict[str, sa.Column[Any]]:
    """The plain columns of a model, by the attribute's name."""
    found = {one.key: one.columns[0] for one in host.mapper.column_attrs}
    return {name: column for name, column in found.items() if isinstance(column, sa.Column)}


def _soft_delete(host: Host, examination: Examination) -> Iterator[Finding]:
    if host.mapping.present is not None or host.mapping.deleted is not None:
        return
    kind, model = type(host.mapping).__name__, host.model.__name__
    columns = _columns(host)
    for name in sorted(GONE & columns.keys()):
        yield SOFT_DELETE_IGNORED.found(
            f"{model} has {name}, and its mapping has neither deleted nor present: deleted rows are shown.",
            f"{kind}({model}, {_without_deleted(model, name, columns[name].type)})",
        )
    read = host.mapping.sources().get("active")
    for name in sorted(STILL_THERE & columns.keys()):
        if name == read or ("active" in host.fields and name == "active"):
            continue
        if isinstance(columns[name].type, sa.Boolean) and (many := _false(host, name, examination)):
            yield SOFT_DELETE_IGNORED.found(
                f"{model} has {name}, which is false in {many} of its rows, and its mapping has neither deleted nor "
                "present.",
                f'{kind}({model}, deleted=("{name}", False)), if those are deleted.',
            )


def _without_deleted(model: str, name: str, type_: Any) -> str:
    """The option that hides the rows which this column says are deleted."""
    if isinstance(type_, (sa.Boolean, sa.DateTime, sa.Date)):
        return f'deleted="{name}"'
    if isinstance(type_, sa.Integer):
        return f'deleted=("{name}", 1)'
    return f"present=lambda select: select.where({model}.{name}.is_(None))"


def _false(host: Host, name: str, examination: Examination) -> int:
    if not is_migrated(host, examination):
        return 0
    counted = sa.select(sa.func.count()).select_from(host.model).where(getattr(host.model, name).is_(False))
    return execute(examination.session, host.mapper, counted).scalar() or 0


def _tenants(host: Host, examination: Examination) -> Iterator[Finding]:
    if host.mapping.visible is not None or host.mapping.tenant is not None:
        return
    kind, model = type(host.mapping).__name__, host.model.__name__
    columns = _columns(host)
    for name in sorted((TENANT | PERHAPS_TENANT) & columns.keys()):
        if _leads_to_mapped(host, name, columns[name]) or (name in PERHAPS_TENANT and not _is_tenant(name, host)):
            continue
        if _keeps_rows(host, name, examination):
            yield TENANTS_IGNORED.found(
                f"{model} has {name}, and its mapping has neither tenant nor visible: a user sees the rows of all "
                "tenants.",
                f'{kind}({model}, tenant="{name}"){_of_users(host, name)}',
            )


def _keeps_rows(host: Host, name: str, examination: Examination) -> bool:
    """Whether a user would still see rows if this column were mapped as the tenant.

    A column that no user shares a value of is no tenant: to map it would hide everything.
    """
    if name not in _columns(state.hosts.user) or not is_migrated(host, examination):
        return False
    users = examination.first_rows(state.hosts.user, USERS_TRIED)
    tenants = {value for user in users if (value := getattr(user, name)) is not None}
    if not tenants:
        return False
    shared = sa.select(host.key).where(getattr(host.model, name).in_(tenants)).limit(1)
    try:
        return execute(examination.session, host.mapper, shared).first() is not None
    except SQLAlchemyError:  # the two columns are of types that cannot be compared
        examination.undo()
        return False


def _of_users(host: Host, name: str) -> str:
    """The other half of the fix: which tenant a user belongs to."""
    users = state.hosts.user
    if host is users or users.mapping.tenant is not None or state.callbacks.tenant is not None:
        return "."
    return f' and UserMapping({users.model.__name__}, tenant="{name}").'


def _leads_to_mapped(host: Host, name: str, column: sa.Column[Any]) -> bool:
    """Whether a column is a link of the mapping, or refers to a company or user that is mapped."""
    mapped = {other.mapper.local_table for other in state.hosts.all()}
    if any(key.column.table in mapped for key in column.foreign_keys):
        return True
    linked = [linked_by(host, state.hosts, link) for link in LINKS if link in host.links]
    return any(name == (source if isinstance(source, str) else getattr(source, "key", None)) for source in linked)


def _is_tenant(name: str, host: Host) -> bool:
    on_users = host is not state.hosts.user and name in _columns(state.hosts.user)
    return on_users or (host is state.hosts.contact and "company" in host.links)


def _hooks(host: Host, examination: Examination) -> Iterator[Finding]:
    bare = _compiled(host, sa.select(host.model), examination)
    kind, model = type(host.mapping).__name__, host.model.__name__
    present, visible = host.mapping.present, host.mapping.visible
    if present is not None and _same(bare, host, lambda: present(sa.select(host.model)), examination):
        yield HOOK_LETS_ALL_THROUGH.found(f"{kind}.present returns the select of {model} as it was given.")
    if visible is None:
        return
    users = examination.first_rows(state.hosts.user, USERS_TRIED)
    tried = (_wrong(lambda user=user: visible(sa.select(host.model), user), examination) for user in users)
    wrong = [found for found in tried if found is not None]
    if users and len(wrong) == len(users):
        yield from _fails(f"{kind}.visible", wrong[0])
    elif users and all(
        _same(bare, host, lambda user=user: visible(sa.select(host.model), user), examination) for user in users
    ):
        yield HOOK_LETS_ALL_THROUGH.found(
            f"{kind}.visible returns the select of {model} as it was given, for each of the first {len(users)} users."
        )


def _wrong(call: Any, examination: Examination) -> str | None:
    """What is wrong with what a hook returns, or raises."""
    try:
        narrowed = call()
    except Exception as error:
        examination.undo()
        return f"raises {place_of(error)}"
    return None if isinstance(narrowed, sa.Select) else f"returns a {type(narrowed).__name__}, which is no select"


def _fails(hook: str, wrong: str) -> Iterator[Finding]:
    """Whoever the host's own callback returns may be no row: then a hook that raises has not been tried."""
    if wrong.startswith("raises") and state.callbacks.current_user is not None:
        yield HOOK_UNTRIED.found(f"{hook} {wrong}, given a row of the users; it may be given something else.")
    else:
        yield HOOK_FAILS.found(f"{hook} {wrong}: every request of its rows is refused.")


def _same(bare: str, host: Host, call: Any, examination: Examination) -> bool:
    """Whether a hook narrows nothing. One that raises, perhaps for want of a real user, is none that lets all in."""
    try:
        return _compiled(host, call(), examination) == bare
    except Exception:
        examination.undo()
        return False


def _compiled(host: Host, statement: Any, examination: Examination) -> str:
    return str(statement.compile(dialect=examination.session.get_bind(mapper=host.mapper).dialect))
