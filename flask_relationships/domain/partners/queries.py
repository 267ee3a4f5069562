"""Read the partners of client companies."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ...context import Context
from ...db.filters import Narrowing
from ...db.pagination import WHOLE_LIST, Order, Page
from ...db.rows import Rows
from ...db.statements import execute
from ...hosts.joins import ShownKeys
from ..pages import read_paged
from .models import PARTNER_COLUMNS, ClientProfileTable, PartnerTable


def is_client(ctx: Context, company: Any) -> bool:
    """Whether a company has a client profile: the host's own, where it has such a table, else ours."""
    host = ctx.hosts.client_profile
    if host is not None:
        theirs = host.keys(ctx.viewer).where(host.links["company"].holds(company, ctx.viewer)).limit(1)
        return execute(ctx.session, host.mapper, theirs).first() is not None
    return client_profile(ctx, company) is not None


def client_profile(ctx: Context, company: Any) -> ClientProfileTable | None:
    table = ctx.models.ClientProfile
    return ctx.execute(sa.select(table).where(table.company_id == company)).scalar_one_or_none()


def find(ctx: Context, company: Any, partner_id: UUID) -> tuple[PartnerTable, dict[str, Any]] | None:
    """A partner of this company, and those of its keys that hooks may hide, as the viewer may see them."""
    table = ctx.models.Partner
    return ShownKeys(ctx.hosts, ctx.viewer, table).find(
        ctx.session, table.id == partner_id, table.company_id == company
    )


def read(ctx: Context, company: Any, page: Page = WHOLE_LIST) -> tuple[Rows, str | None]:
    """The partners of a company by name, and the cursor of the next page."""
    narrowing = Narrowing([])
    narrowing.equal("of_company", ctx.models.Partner.company_id, company)
    return _read(ctx, narrowing, page)


def read_of_client(ctx: Context, company: Any) -> Rows:
    """Return the partners of a company by name; none where the company is not a client.

    This takes no second statement, unless the host's client profiles are in another database.
    """
    table, narrowing, host = ctx.models.Partner, Narrowing([]), ctx.hosts.client_profile
    narrowing.equal("of_company", table.company_id, company)
    asked = sa.bindparam("of_company", company, table.company_id.type)
    if host is None:
        own = ctx.models.ClientProfile
        narrowing.add("of_client", sa.exists().where(own.company_id == asked))
    elif host.joinable:
        theirs = host.keys(ctx.viewer).where(host.links["company"].holds(asked, ctx.viewer))
        narrowing.add("of_client", theirs.exists())
    elif not is_client(ctx, company):
        narrowing.add("of_no_client", sa.false())
    return _read(ctx, narrowing, Page(ctx.settings.max_rows))[0]


def _read(ctx: Context, narrowing: Narrowing, page: Page) -> tuple[Rows, str | None]:
    table = ctx.models.Partner
    order = Order({"partner_company_name": table.partner_company_name, "id": table.id})
    return read_paged(ctx, table, _columns, narrowing, order, page)


def _columns(keys: ShownKeys) -> list[sa.ColumnElement[Any]]:
    return keys.columns(PARTNER_COLUMNS)
