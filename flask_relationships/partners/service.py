"""Partners of client companies, and which companies are clients."""

from __future__ import annotations

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
from ..narrowing import Narrowing
from ..paged_rows import read_paged
from ..paging import Order, Page
from ..tables.build import Models
from ..tables.execute import changed, execute, insert_if_absent
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
    """The client profile of a company, and whether it is new. Commits, to see a twin's."""
    mine = uuid7()
    insert_if_absent(session, models.ClientProfile, {"id": mine, "company_id": company, "created_at": now})
    session.commit()
    found = client_profile(session, models, company)
    assert found is not None  # noqa: S101 (it is there, whoever inserted it)
    return found, found.id == mine


def end_client(session: Session, models: Models, company: Any) -> bool:
    """Delete the client profile; the partners stay, and are seen again with the next one."""
    table = models.ClientProfile
    return bool(changed(session, models.mapper, sa.delete(table).where(table.company_id == company)))


def create(session: Session, models: Models, values: dict[str, Any], now: datetime) -> PartnerTable:
    partner = models.Partner(**values, created_at=now, updated_at=now)
    session.add(partner)
    session.flush()
    return partner


def find(
    session: Session, models: Models, hosts: Hosts, viewer: Viewer, company: Any, partner_id: UUID
) -> tuple[PartnerTable, dict[str, Any]] | None:
    """A partner of this company, and those of its keys that hooks may hide, as the viewer may see them."""
    table = models.Partner
    return ShownKeys(hosts, viewer, table).find(session, table.id == partner_id, table.company_id == company)


def change(session: Session, partner: PartnerTable, values: dict[str, Any], now: datetime) -> None:
    for name, value in values.items():
        setattr(partner, name, value)
    if values:
        partner.updated_at = now
    session.flush()


def read(
    session: Session,
    models: Models,
    hosts: Hosts,
    viewer: Viewer,
    company: Any,
    page: Page = Page(),  # noqa: B008 (immutable)
) -> tuple[Rows, str | None]:
    """The partners of a company by name, and the cursor of the next page."""
    table = models.Partner
    order, narrowing = Order({"partner_company_name": table.partner_company_name, "id": table.id}), Narrowing([])
    narrowing.equal("of_company", table.company_id, company)
    return read_paged(session, models, hosts, viewer, table, _columns, narrowing, order, page)


def _columns(keys: ShownKeys) -> list[sa.ColumnElement[Any]]:
    return keys.columns(members_of(Partner))
