"""Delete or update our rows when the host deletes one of its own, where the database does not do it.

SQLite enforces foreign keys only with a pragma, and reuses ids: a new contact would inherit the notes and the opt-in
of a deleted one. Deletions through the session are covered, bulk ones included. `orphans` deletes what SQL text leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapper, ORMExecuteState, object_session

from .base import BUILT, HostTable
from .references import forget_deleted

if TYPE_CHECKING:
    from ..domain.models import Models

Kind = Literal["contact", "user", "company"]


InUse = Callable[[Any], datetime | None]
"""A function that returns the present instant, naive UTC, if the current application has these models; else None."""


def cascade_deletions(models: Models, in_use: InUse) -> None:
    """Listen to the deletion of the host's contacts, users and companies. Call once per built set of models."""
    for kind, host in mapped_hosts(models):
        event.listen(host.model, "before_delete", _before_delete(models, kind, host, in_use), propagate=True)


def mapped_hosts(models: Models) -> list[tuple[Kind, HostTable]]:
    """Return the host's mapped tables by kind."""
    hosts = models.hosts
    found: list[tuple[Kind, HostTable]] = [("contact", hosts.contact), ("user", hosts.user)]
    return found if hosts.company is None else [*found, ("company", hosts.company)]


def _statements(models: Models, kind: Kind, deleted: Any) -> list[sa.Update | sa.Delete]:
    """Return the statements that our foreign keys would run for these host keys, a list or a subquery."""
    statements: list[sa.Update | sa.Delete] = []
    doomed_actions = sa.select(models.Action.id).where(models.Action.contact_id.in_(deleted))
    if kind == "contact":
        for table in (models.ActionCentreItem, models.ActionChange):
            local = sa.inspect(table).local_table
            statements.append(sa.delete(local).where(local.c.action_id.in_(doomed_actions)))
    # Children before parents: messages point at actions, actions at life events, those at profiles.
    for table in (models.Message, models.Action, models.LifeEvent, models.Profile, *_others(models)):
        local = sa.inspect(table).local_table
        for column in local.c:
            if column.info.get("host") != kind:
                continue
            if column.info["ondelete"] == "CASCADE":
                statements.append(sa.delete(local).where(column.in_(deleted)))
            else:
                statements.append(sa.update(local).where(column.in_(deleted)).values({column: None}))
    return statements


def deletion_effects(models: Models, kind: Kind, deleted: Any, now: datetime) -> list[sa.Update | sa.Delete]:
    """Return all statements that change our rows when the host deletes rows of its own.

    :param deleted: the keys of the host's rows, as a list or a subquery.
    :param now: the present instant, naive UTC.
    """
    return [*_forget_in_partners(models, kind, deleted, now), *_statements(models, kind, deleted)]


def _effects(
    models: Models, kind: Kind, host: HostTable, dialect: str, deleted: Any, now: datetime
) -> list[sa.Update | sa.Delete]:
    """Return the statements that change our rows where no foreign key of the database does."""
    if dialect == "sqlite" or not host.foreign_key:
        return deletion_effects(models, kind, deleted, now)
    return _forget_in_partners(models, kind, deleted, now)


def forgotten_contact(table: Any, now: datetime) -> dict[str, Any]:
    """Return the values of a partner whose contact the host has deleted."""
    values: dict[str, Any] = dict.fromkeys(("contact_id", "partner_contact_name", "partner_contact_email", "linked_at"))
    values["updated_at"] = now
    if hasattr(table, "revision"):
        values["revision"] = sa.func.coalesce(table.revision, 0) + 1
    return values


def _forget_in_partners(models: Models, kind: Kind, deleted: Any, now: datetime) -> list[sa.Update | sa.Delete]:
    """Delete a contact's name and address from partners, which no foreign key does on any database."""
    if kind != "contact" or models.hosts.company is None:
        return []
    table = models.Partner
    local = sa.inspect(table).local_table
    return [sa.update(local).where(local.c.contact_id.in_(deleted)).values(forgotten_contact(table, now))]


def _others(models: Models) -> list[type[Any]]:
    others = (
        *(models.ActionCentreItem, models.ActionChange, models.ConsentEntry, models.CalendarFeed, models.SentDigest),
        *(models.Partner, models.ClientProfile, models.ContactNumber, models.IdempotencyKey),
    )
    return [model for model in others if model is not None]


def _before_delete(
    models: Models, kind: Kind, host: HostTable, in_use: InUse
) -> Callable[[Mapper[Any], sa.Connection, Any], None]:
    def before_delete(mapper: Mapper[Any], connection: sa.Connection, target: Any) -> None:
        now = in_use(models)
        if now is None:
            return
        key = mapper.primary_key_from_instance(target)[0]
        session = object_session(target)
        forget_deleted(session, host)
        for statement in _effects(models, kind, host, connection.dialect.name, [key], now):
            if host.foreign_key or session is None:
                connection.execute(statement)
            else:  # the host's table is in another database than ours
                session.connection(bind_arguments={"mapper": models.mapper}).execute(statement)

    return before_delete


def follow_bulk_delete(state: ORMExecuteState, in_use: InUse) -> None:
    """Change our rows when a bulk DELETE of the host runs. A listener of ``do_orm_execute``."""
    deletion = state.statement
    if not isinstance(deletion, sa.Delete):
        return
    mapper = state.bind_mapper
    table: Any = deletion.table if mapper is None else mapper.local_table
    if not isinstance(table, sa.Table):  # ``sa.table("contact")`` names a table only by its text
        return
    for models in table.metadata.info.get(BUILT, {}).values():
        now = in_use(models)
        if now is None:
            continue
        for kind, host in mapped_hosts(models):
            if table is host.key.table and (mapper is None or _related(mapper.class_, host.model)):
                _follow(state, deletion, models, kind, host, now)


def _related(deleted: type[Any], model: type[Any]) -> bool:
    """Return whether one class inherits from the other. Sibling classes share a table, but not their rows."""
    return issubclass(deleted, model) or issubclass(model, deleted)


def _follow(
    state: ORMExecuteState, deletion: sa.Delete, models: Models, kind: Kind, host: HostTable, now: datetime
) -> None:
    session, theirs = state.session, {"clause": host.key.table, **state.bind_arguments}
    if state.bind_mapper is not None:
        theirs = {"mapper": state.bind_mapper, **state.bind_arguments}
    dialect = session.get_bind(**theirs).dialect.name
    forget_deleted(session, host)
    doomed: Any = sa.select(host.key)
    if deletion.whereclause is not None:
        doomed = doomed.where(deletion.whereclause)
    parameter_sets = state.parameters or {}
    for parameters in [parameter_sets] if isinstance(parameter_sets, Mapping) else parameter_sets:
        if host.foreign_key:
            found = doomed
        else:
            found, parameters = list(session.scalars(doomed, parameters, bind_arguments=theirs)), {}
        for statement in _effects(models, kind, host, dialect, found, now):
            session.connection(bind_arguments={"mapper": models.mapper}).execute(statement, parameters)
