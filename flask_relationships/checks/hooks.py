"""Check the filters of mappings and their hooks: report one that seems forgotten, or that hides no row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from ..api.application import state
from ..db.statements import execute
from ..errors import place_of
from ..hosts.bound import Host
from ..hosts.fields import LINKS
from .check_run import CheckRun
from .description import linked_by
from .host_tables import is_migrated
from .results import CheckResult, Kind

PAGE = "mapping.md#deleted-and-hidden-rows"

SOFT_DELETE_IGNORED = Kind(
    "soft_delete_ignored",
    "warning",
    "A model has a column that looks like soft delete, and its mapping has neither `deleted` nor `present`. Deleted "
    "rows are shown.",
    PAGE,
)
TENANTS_IGNORED = Kind(
    "tenants_ignored",
    "warning",
    "A model and the users share values of a column that looks like a tenant, and the mapping has neither `tenant` nor "
    "`visible`. Users see the rows of all tenants.",
    PAGE,
)
HOOK_LETS_ALL_THROUGH = Kind(
    "hook_lets_everything_through",
    "warning",
    "A hook returns the select unchanged for each of the first users.",
    PAGE,
    "Return select.where(...) from the hook. A select is never changed in place.",
)
HOOK_FAILS = Kind(
    "hook_fails",
    "error",
    "`visible` raises, or does not return a select, for every user that was tried.",
    PAGE,
    "Take a select and the return value of the current-user callback, and return select.where(...).",
)
HOOK_UNTRIED = Kind(
    "hook_untried",
    "ok",
    "`visible` raises for a row of the users. The current-user callback may return an object of another class.",
    PAGE,
)

DELETED_NAMES = frozenset(
    f"{prefix}{word}{suffix}"
    for word in ("deleted", "archived", "removed", "trashed")
    for prefix, suffix in (("", ""), ("is_", ""), ("", "_at"), ("", "_on"), ("date_", ""))
)
ACTIVE_NAMES = frozenset({"active", "is_active", "enabled", "is_enabled"})
TENANT_NAMES = frozenset(
    f"{word}{suffix}"
    for word in ("tenant", "workspace", "agency", "realm", "org_unit")
    for suffix in ("", "_id", "_uid", "_uuid")
)
AMBIGUOUS_TENANT_NAMES = frozenset({"organisation_id", "organization_id", "org_id", "account_id"})
"""Often the key of a company. A tenant only if the company is linked by another column, or users have it too."""

USERS_TRIED = 20


def check(run: CheckRun) -> Iterator[CheckResult]:
    """Check the soft delete, the tenant and the hooks of every mapping."""
    for host in state.hosts.all():
        mapping = host.mapping
        if mapping.present is None and mapping.deleted is None:
            yield from _deleted_columns(host)
            yield from _active_columns(host, run)
        if mapping.visible is None and mapping.tenant is None:
            yield from _tenant_columns(host, run)
        if mapping.present is not None and _is_unchanged(host, mapping.present, (), run):
            words = f"{_mapping_name(host)}.present returns the select of {host.model.__name__} unchanged."
            yield HOOK_LETS_ALL_THROUGH.result(words)
        if mapping.visible is not None:
            yield from _visible(host, mapping.visible, run)


def _mapping_name(host: Host) -> str:
    return type(host.mapping).__name__


def _columns(host: Host) -> dict[str, sa.Column[Any]]:
    """Return the plain columns of a model by the names of their attributes."""
    columns = {attribute.key: attribute.columns[0] for attribute in host.mapper.column_attrs}
    return {name: column for name, column in columns.items() if isinstance(column, sa.Column)}


def _deleted_columns(host: Host) -> Iterator[CheckResult]:
    model, columns = host.model.__name__, _columns(host)
    for name in sorted(DELETED_NAMES & columns.keys()):
        yield SOFT_DELETE_IGNORED.result(
            f"{model} has {name}, and its mapping has neither deleted nor present. Deleted rows are shown.",
            f"Write {_mapping_name(host)}({model}, {_hiding_option(model, name, columns[name].type)}).",
        )


def _active_columns(host: Host, run: CheckRun) -> Iterator[CheckResult]:
    model, columns = host.model.__name__, _columns(host)
    mapped = {_source_name(host.mapping.sources().get("active")), "active" if "active" in host.fields else None}
    for name in sorted((ACTIVE_NAMES & columns.keys()) - mapped):
        if isinstance(columns[name].type, sa.Boolean) and (count := _count_false(host, name, run)):
            yield SOFT_DELETE_IGNORED.result(
                f"{model} has {name}, which is false in {count} of its rows, and its mapping has neither deleted nor "
                "present.",
                f'If those rows are deleted, write {_mapping_name(host)}({model}, deleted=("{name}", False)).',
            )


def _hiding_option(model: str, name: str, kind: Any) -> str:
    """Return the mapping's option that hides the rows which this column marks as deleted."""
    if isinstance(kind, (sa.Boolean, sa.DateTime, sa.Date)):
        return f'deleted="{name}"'
    if isinstance(kind, sa.Integer):
        return f'deleted=("{name}", 1)'
    return f"present=lambda select: select.where({model}.{name}.is_(None))"


def _count_false(host: Host, name: str, run: CheckRun) -> int:
    if not is_migrated(host, run):
        return 0
    counted = sa.select(sa.func.count()).select_from(host.model).where(getattr(host.model, name).is_(False))
    return execute(run.session, host.mapper, counted).scalar() or 0


def _tenant_columns(host: Host, run: CheckRun) -> Iterator[CheckResult]:
    model, users = host.model.__name__, state.hosts.user
    for name, column in sorted(_columns(host).items()):
        looks_like_tenant = _is_tenant_name(name, host) and not _is_mapped_link(host, name, column)
        if not looks_like_tenant or not _shares_values(host, name, run):
            continue
        fix = f'Write {_mapping_name(host)}({model}, tenant="{name}")'
        if host is not users and users.mapping.tenant is None and state.callbacks.tenant is None:
            fix += f' and UserMapping({users.model.__name__}, tenant="{name}")'
        yield TENANTS_IGNORED.result(
            f"{model} has {name}, and its mapping has neither tenant nor visible. Users see the rows of all tenants.",
            f"{fix}.",
        )


def _is_tenant_name(name: str, host: Host) -> bool:
    """Return whether a column with this name probably holds a tenant."""
    if name not in AMBIGUOUS_TENANT_NAMES:
        return name in TENANT_NAMES
    on_users = host is not state.hosts.user and name in _columns(state.hosts.user)
    return on_users or (host is state.hosts.contact and "company" in host.links)


def _is_mapped_link(host: Host, name: str, column: sa.Column[Any]) -> bool:
    """Return whether a column is a link of the mapping, or refers to a mapped table."""
    tables = {other.mapper.local_table for other in state.hosts.all()}
    if any(key.column.table in tables for key in column.foreign_keys):
        return True
    sources = [linked_by(host, state.hosts, link) for link in LINKS if link in host.links]
    return name in map(_source_name, sources)


def _source_name(source: Any) -> str | None:
    """Return the name of the attribute that a mapping names, as text or as an attribute; else None."""
    name = source if isinstance(source, str) else getattr(source, "key", None)
    return name if isinstance(name, str) else None


def _shares_values(host: Host, name: str, run: CheckRun) -> bool:
    """Return whether users share values of this column with rows of the model.

    To map a column as the tenant whose values no user has would hide every row.
    """
    if name not in _columns(state.hosts.user) or not is_migrated(host, run):
        return False
    users = run.first_rows(state.hosts.user, USERS_TRIED)
    tenants = {getattr(user, name) for user in users} - {None}
    if not tenants:
        return False
    shared = sa.select(host.key).where(getattr(host.model, name).in_(tenants)).limit(1)
    try:
        return execute(run.session, host.mapper, shared).first() is not None
    except SQLAlchemyError:  # the types of the two columns cannot be compared
        run.undo()
        return False


def _visible(host: Host, visible: Callable[..., Any], run: CheckRun) -> Iterator[CheckResult]:
    """Call `visible` with each of the first users."""
    hook = f"{_mapping_name(host)}.visible"
    users = run.first_rows(state.hosts.user, USERS_TRIED)
    if not users:
        return
    failures = [_failure(host, visible, user, run) for user in users]
    if all(failures):
        yield _failed(hook, failures[0])
    elif all(_is_unchanged(host, visible, (user,), run) for user in users):
        yield HOOK_LETS_ALL_THROUGH.result(
            f"{hook} returns the select of {host.model.__name__} unchanged for each of the first {len(users)} users."
        )


def _failed(hook: str, failure: str) -> CheckResult:
    # If the host has a current-user callback, a user need not be a row. The hook was not really tried then.
    if failure.startswith("raises") and state.callbacks.current_user is not None:
        return HOOK_UNTRIED.result(f"{hook} {failure}, called with a row of the users.")
    return HOOK_FAILS.result(f"{hook} {failure}. Every request for its rows is refused.")


def _failure(host: Host, visible: Callable[..., Any], user: Any, run: CheckRun) -> str:
    """Return what the hook does wrong for a user; "" if it returns a select."""
    select, error = run.attempt(visible, sa.select(host.model), user)
    if error is not None:
        return f"raises {place_of(error)}"
    return "" if isinstance(select, sa.Select) else f"returns a {type(select).__name__}, not a select"


def _is_unchanged(host: Host, hook: Callable[..., Any], arguments: tuple[Any, ...], run: CheckRun) -> bool:
    """Return whether a hook adds no condition. False if it raises, for example because it needs a real user."""
    dialect, bare = run.session.get_bind(mapper=host.mapper).dialect, sa.select(host.model)
    text, _ = run.attempt(lambda: str(hook(bare, *arguments).compile(dialect=dialect)))
    return bool(text == str(bare.compile(dialect=dialect)))
