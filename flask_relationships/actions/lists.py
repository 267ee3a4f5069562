"""Lists of actions, with the names of the host's rows beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..binding.host_values import HostValues, ShownKeys, read_rows
from ..binding.hosts import Hosts
from ..binding.keys import is_uuid
from ..binding.paths import Viewer
from ..dumper import Rows, members_of
from ..paging import Order, Page, cut, ordered
from ..tables.build import Models
from . import schemas

Refine = Callable[[sa.Select[Any]], sa.Select[Any]]

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


def narrowed(
    models: Models, hosts: Hosts, session: Session, viewer: Viewer, filters: dict[str, Any], *, user: Any
) -> Refine:
    """What the filters of a list ask for. They only ever narrow: an id of no row the viewer may see matches nothing.

    ``user`` is the key of whoever asks.
    """
    table = models.Action
    conditions: list[sa.ColumnElement[bool]] = []
    for name in ("status", "action_type", "source"):
        if filters.get(name) is not None:
            conditions.append(getattr(table, name) == filters[name])
    if filters.get("life_event_id") is not None:
        event = is_uuid(filters["life_event_id"])
        conditions.append(sa.false() if event is None else table.life_event_id == event)
    if filters.get("assignee") is not None:
        conditions.append(table.assigned_to_user_id == (user if filters["assignee"] == "me" else None))
    for name, host in (("assigned_to_user_id", hosts.user), ("contact_id", hosts.contact)):
        if filters.get(name) is not None:
            conditions.append(host.shown_as(session, getattr(table, name), filters[name], viewer))
    if filters.get("due_before") is not None:
        conditions.append(table.due < filters["due_before"])
    if filters.get("due_after") is not None:
        conditions += [table.due > filters["due_after"], table.due_date.is_not(None)]
    return lambda statement: statement.where(*conditions)
