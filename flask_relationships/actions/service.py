"""Relationship actions: adding them, closing them, listing them with the names of the host's rows beside them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..action_centre import service as action_centre
from ..binding.host_values import HostValues, ShownKeys, read_rows
from ..binding.hosts import Hosts
from ..binding.paths import Viewer
from ..dumper import Rows, members_of
from ..errors import ActionNotPending, NotFound
from ..keeping_in_touch import last_contact
from ..keeping_in_touch.last_contact import NOT_BY_A_PERSON, LastContact
from ..paging import Order, Page, cut, ordered
from ..state import state
from ..tables.base import LATEST
from ..tables.build import Models
from ..tables.execute import changed, execute
from . import schemas
from .tables import ActionTable

Refine = Callable[[sa.Select[Any]], sa.Select[Any]]

NO_DATE = date.fromisoformat(LATEST)


def add(session: Session, models: Models, values: dict[str, Any], *, now: datetime) -> ActionTable:
    """Add an action and mirror it in the action centre. ``values`` are columns; flushes."""
    action = models.Action(
        **{"occurrence_key": "manual", **values},
        due=values.get("due_date") or NO_DATE,
        created_at=now,
        updated_at=now,
    )
    session.add(action)
    session.flush()
    action_centre.mirror(session, action)
    return action


def move(session: Session, action: ActionTable, *, now: datetime, **values: Any) -> None:
    """Change what an open action says, and its mirror with it. Flushes."""
    for name, value in values.items():
        setattr(action, name, value)
    action.due = action.due_date or NO_DATE
    action.updated_at = now
    session.flush()
    action_centre.sync(session, action)


def close(
    session: Session,
    models: Models,
    action: ActionTable,
    status: str,
    *,
    user: Any,
    closed_by: str,
    now: datetime,
) -> bool:
    """Make an action done or dismissed; True unless it already was just that.

    A conditional update decides between two who close it at once. ``done`` and ``dismissed`` may correct each other.
    """
    table, done_at = models.Action, _done_by_somebody_at(action)
    closing = sa.update(table).where(table.id == action.id, table.status != status)
    values = {
        "status": status,
        "closed_by": closed_by,
        "completed_by_user_id": user,
        "completed_at": now,
        "updated_at": now,
    }
    if not changed(session, models.mapper, closing.values(values)):
        return False
    session.refresh(action)
    if _done_by_somebody_at(action) is not None:
        last_contact.note(session, models, action.contact_id, LastContact(now, action.action_type, user))
    elif done_at is not None:
        last_contact.withdraw(session, models, action.contact_id, done_at)
    action_centre.sync(session, action)
    return True


def _done_by_somebody_at(action: ActionTable) -> datetime | None:
    """When a person did an action, which is to have been in touch."""
    return action.completed_at if action.status == "done" and action.closed_by not in NOT_BY_A_PERSON else None


def reopen(session: Session, action: ActionTable, *, now: datetime, **values: Any) -> None:
    """Open a closed action again, changed as ``values`` say. Flushes."""
    closed = {"status": "pending", "closed_by": None, "completed_by_user_id": None, "completed_at": None}
    done_at = _done_by_somebody_at(action)
    move(session, action, now=now, **closed, **values)
    if done_at is not None:
        last_contact.withdraw(session, state.models, action.contact_id, done_at)


def claim(session: Session, models: Models, action_id: UUID, contact: Any, message_id: UUID) -> None:
    """Claim a pending action of this contact for a message that fulfils it.

    Raises `NotFound` where the action is not this contact's, `ActionNotPending` where it is closed or claimed.
    """
    table = models.Action
    mine = (table.id == action_id, table.contact_id == contact)
    claiming = sa.update(table).where(*mine, table.status == "pending", table.claimed_by_message_id.is_(None))
    if changed(session, models.mapper, claiming.values(claimed_by_message_id=message_id)):
        return
    if execute(session, models.mapper, sa.select(table.id).where(*mine)).first() is None:
        raise NotFound("The linked action is not one of this contact.")
    raise ActionNotPending


def release(session: Session, models: Models, message_id: UUID) -> None:
    """Give back what a message claimed and will not fulfil."""
    table = models.Action
    claimed = sa.update(table).where(table.claimed_by_message_id == message_id)
    changed(session, models.mapper, claimed.values(claimed_by_message_id=None))


def fulfil(session: Session, models: Models, message_id: UUID, *, user: Any, now: datetime) -> ActionTable | None:
    """The action a message claimed is done, now that the message was accepted."""
    table = models.Action
    action = execute(
        session, models.mapper, sa.select(table).where(table.claimed_by_message_id == message_id)
    ).scalar_one_or_none()
    if action is None:
        return None
    closed = close(session, models, action, "done", user=user, closed_by="message", now=now)
    release(session, models, message_id)
    return action if closed else None


def find(session: Session, models: Models, action_id: UUID) -> ActionTable | None:
    table = models.Action
    found = execute(session, models.mapper, sa.select(table).where(table.id == action_id))
    return found.scalar_one_or_none()


ORDERS = {
    "due_date": lambda table: Order({"due": table.due, "id": table.id}),
    "-created_at": lambda table: Order({"created_at": table.created_at, "id": table.id}, descending=True),
}


def read(
    session: Session,
    models: Models,
    hosts: Hosts,
    viewer: Viewer,
    refine: Refine,
    *,
    sort: str = "due_date",
    page: Page = Page(),  # noqa: B008 (immutable)
) -> tuple[Rows, str | None]:
    """Actions with the names beside them, narrowed by ``refine``, and the cursor of the next page.

    A contact the viewer may not see takes its rows out of the list; a hidden company or user is null, name and id.
    """
    table = models.Action
    of_contact, of_company = dict(schemas.JOINED["contact"]), schemas.JOINED["company"]
    if hosts.company is None:
        of_contact, of_company = of_contact | {"company_name": "company_name"}, {}
    contacts = HostValues(hosts.contact, viewer, of_contact, "company")
    companies = HostValues(hosts.company, viewer, of_company)
    users = HostValues(hosts.user, viewer, schemas.JOINED["user"])
    keys = ShownKeys(hosts, viewer, table)
    own: list[Any] = [keys.column(name) for name in members_of(schemas.Action) if hasattr(table, name)]
    order = ORDERS[sort](table)
    statement = sa.select(
        *own,
        *order.columns_beside([column.key for column in own]),
        *contacts.columns,
        *companies.columns,
        *users.columns,
    )
    statement = contacts.join(statement.select_from(table), table.contact_id, inner=True)
    if hosts.company is not None:
        linked = [contacts.column("company")] if "company" in hosts.contact.links else []
        statement = companies.join(statement, sa.func.coalesce(table.company_id, *linked, sa.null()))
    statement = users.join(statement, table.assigned_to_user_id)
    statement = ordered(refine(statement), order, page)
    return cut(read_rows(session, models, statement, [contacts, companies, users], keys), order, page)


def narrowed(models: Models, hosts: Hosts, session: Session, viewer: Viewer, filters: dict[str, Any]) -> Refine:
    """What the filters of a list ask for. They only ever narrow: an id of no row the viewer may see matches nothing."""
    table = models.Action
    conditions: list[sa.ColumnElement[bool]] = []
    for name in ("status", "action_type"):
        if filters.get(name) is not None:
            conditions.append(getattr(table, name) == filters[name])
    for name, host in (("assigned_to_user_id", hosts.user), ("contact_id", hosts.contact)):
        if filters.get(name) is not None:
            key = host.parse(session, filters[name])
            there = key is not None and (host.joinable or not host.hooked or host.seen(session, [key], viewer))
            conditions.append(host.shown_key(getattr(table, name), viewer) == key if there else sa.false())
    if filters.get("due_before") is not None:
        conditions.append(table.due < filters["due_before"])
    if filters.get("due_after") is not None:
        conditions += [table.due > filters["due_after"], table.due_date.is_not(None)]
    return lambda statement: statement.where(*conditions)
