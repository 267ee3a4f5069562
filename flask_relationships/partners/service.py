"""Partners of client companies, and which companies are clients."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from ..binding.host_values import ShownKeys
from ..binding.hosts import Hosts
from ..binding.paths import Viewer
from ..dumper import Rows, members_of
from ..errors import ChangedMeanwhile
from ..narrowing import Narrowing
from ..paged_rows import read_paged
from ..paging import Order, Page
from ..state import state
from ..tables.build import Models
from ..tables.execute import changed, execute, insert_if_absent
from ..tables.revisions import of_revision
from ..tables.rows import save_row
from .links import remember_link
from .schemas import Partner
from .tables import ClientProfileTable, PartnerTable


def is_client(session: Session, models: Models, hosts: Hosts, company: Any, viewer: Viewer) -> bool:
    """Whether a company has a client profile: the host's own, where it has such a table, else ours."""
    host = hosts.client_profile
    if host is not None:
        theirs = host.keys(viewer).where(host.links["company"].holds(company, viewer)).limit(1)
        return execute(session, host.mapper, theirs).first() is not None
    return client_profile(session, models, company) is not None


def client_profile(session: Session, models: Models, company: Any) -> ClientProfileTable | None:
    table = models.ClientProfile
    return execute(session, models.mapper, sa.select(table).where(table.company_id == company)).scalar_one_or_none()


def make_client(session: Session, models: Models, company: Any, now: datetime) -> tuple[ClientProfileTable, bool]:
    """The client profile of a company, and whether it is new. Commits, to see a twin's.

    Raises `ChangedMeanwhile` where somebody has just deleted it.
    """
    mine = uuid7()
    insert_if_absent(session, models.ClientProfile, {"id": mine, "company_id": company, "created_at": now})
    session.commit()
    found = client_profile(session, models, company)
    if found is None:
        raise ChangedMeanwhile
    return found, found.id == mine


def end_client(session: Session, models: Models, company: Any, revisions: Collection[int] | None = None) -> bool:
    """Delete the client profile; the partners stay, and are seen again with the next one."""
    table = models.ClientProfile
    ending = sa.delete(table).where(table.company_id == company, *of_revision(table, revisions))
    return bool(changed(session, models.mapper, ending))


def create(session: Session, models: Models, values: dict[str, Any], now: datetime) -> PartnerTable:
    partner = models.Partner(**remember_link(values, None, now), created_at=now, updated_at=now)
    session.add(partner)
    session.flush()
    return partner


def find(
    session: Session, models: Models, hosts: Hosts, viewer: Viewer, company: Any, partner_id: UUID
) -> tuple[PartnerTable, dict[str, Any]] | None:
    """A partner of this company, and those of its keys that hooks may hide, as the viewer may see them."""
    table = models.Partner
    return ShownKeys(hosts, viewer, table).find(session, table.id == partner_id, table.company_id == company)


def change(
    session: Session,
    partner: PartnerTable,
    values: dict[str, Any],
    now: datetime,
    revisions: Collection[int] | None = None,
) -> None:
    """Change a partner. ``revisions`` are those that the client expects.

    Raises `ChangedMeanwhile` where the partner is gone or has another revision.
    """
    if values:
        values = remember_link(values, partner.contact_id, now)
    with session.no_autoflush:
        for name, value in values.items():
            setattr(partner, name, value)
        if values:
            partner.updated_at = now
        save_row(session, partner, revisions)


def read(
    session: Session,
    models: Models,
    hosts: Hosts,
    viewer: Viewer,
    company: Any,
    page: Page = Page(),  # noqa: B008 (immutable)
) -> tuple[Rows, str | None]:
    """The partners of a company by name, and the cursor of the next page."""
    narrowing = Narrowing([])
    narrowing.equal("of_company", models.Partner.company_id, company)
    return _read(session, models, hosts, viewer, narrowing, page)


def read_of_client(session: Session, models: Models, hosts: Hosts, viewer: Viewer, company: Any) -> Rows:
    """Return the partners of a company by name; none where the company is not a client.

    This takes no second statement, unless the host's client profiles are in another database.
    """
    table, narrowing, host = models.Partner, Narrowing([]), hosts.client_profile
    narrowing.equal("of_company", table.company_id, company)
    asked = sa.bindparam("of_company", company, table.company_id.type)
    if host is None:
        own = models.ClientProfile
        narrowing.add("of_client", sa.exists().where(own.company_id == asked))
    elif host.joinable:
        theirs = host.keys(viewer).where(host.links["company"].holds(asked, viewer))
        narrowing.add("of_client", theirs.exists())
    elif not is_client(session, models, hosts, company, viewer):
        narrowing.add("of_no_client", sa.false())
    return _read(session, models, hosts, viewer, narrowing, Page(state.settings.max_rows))[0]


def _read(
    session: Session, models: Models, hosts: Hosts, viewer: Viewer, narrowing: Narrowing, page: Page
) -> tuple[Rows, str | None]:
    table = models.Partner
    order = Order({"partner_company_name": table.partner_company_name, "id": table.id})
    return read_paged(session, models, hosts, viewer, table, _columns, narrowing, order, page)


def _columns(keys: ShownKeys) -> list[sa.ColumnElement[Any]]:
    return keys.columns(members_of(Partner))
