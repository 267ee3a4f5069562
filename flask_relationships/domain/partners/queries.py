"""Read partners of client companies, and client profiles."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...db.filters import ListFilter
from ...db.pagination import WHOLE_LIST, Order, Page
from ...db.rows import Rows
from ...db.statements import execute
from ...hosts.joins import ShownKeys
from ..pages import read_paged
from .models import PARTNER_COLUMNS, ClientProfileTable, PartnerTable


def is_client(ctx: Context, company: Any) -> bool:
    """Return whether a company has a client profile: in the host's table if it has one, else in ours."""
    host = ctx.hosts.client_profile
    if host is not None:
        theirs = host.keys(ctx.viewer).where(host.links["company"].holds(company, ctx.viewer)).limit(1)
        return execute(ctx.session, host.mapper, theirs).first() is not None
    return client_profile(ctx, company) is not None


def client_profile(ctx: Context, company: Any) -> ClientProfileTable | None:
    """Return the client profile of a company, or None."""
    table = ctx.models.ClientProfile
    return ctx.execute(sa.select(table).where(table.company_id == company)).scalar_one_or_none()


def find(ctx: Context, company: Any, partner_id: UUID) -> tuple[PartnerTable, dict[str, Any]] | None:
    """Return a partner of a company, and the keys that hooks may hide, as the viewer may see them."""
    table = ctx.models.Partner
    return ShownKeys(ctx.hosts, ctx.viewer, table).find(
        ctx.session, table.id == partner_id, table.company_id == company
    )


def read(ctx: Context, company: Any, page: Page = WHOLE_LIST) -> tuple[Rows, str | None]:
    """Return the partners of a company by name, and the cursor of the next page."""
    list_filter = ListFilter([])
    list_filter.equal("of_company", ctx.models.Partner.company_id, company)
    return _read(ctx, list_filter, page)


def read_of_client(ctx: Context, company: Any) -> Rows:
    """Return the partners of a company by name; none where the company is not a client.

    One statement, unless the host's client profiles are in another database.
    """
    table, list_filter, host = ctx.models.Partner, ListFilter([]), ctx.hosts.client_profile
    list_filter.equal("of_company", table.company_id, company)
    company_key = sa.bindparam("of_company", company, table.company_id.type)
    if host is None:
        own = ctx.models.ClientProfile
        list_filter.add("of_client", sa.exists().where(own.company_id == company_key))
    elif host.joinable:
        theirs = host.keys(ctx.viewer).where(host.links["company"].holds(company_key, ctx.viewer))
        list_filter.add("of_client", theirs.exists())
    elif not is_client(ctx, company):
        list_filter.add("of_no_client", sa.false())
    return _read(ctx, list_filter, Page(ctx.settings.max_rows))[0]


def _read(ctx: Context, list_filter: ListFilter, page: Page) -> tuple[Rows, str | None]:
    table = ctx.models.Partner
    order = Order({"partner_company_name": table.partner_company_name, "id": table.id})
    return read_paged(ctx, table, lambda keys: keys.columns(PARTNER_COLUMNS), list_filter, order, page)
