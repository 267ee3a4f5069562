"""Read the consent ledger and the suppressions of a contact."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ...context import Context
from ...db.pagination import Order, Page, cut, ordered
from ...db.rows import Rows
from ...hosts.joins import ShownKeys, read_rows
from ..contacts.comparison import same_address
from .models import CONSENT_ENTRY_COLUMNS, SUPPRESSION_COLUMNS


def read(ctx: Context, contact: Any, page: Page) -> tuple[Rows, str | None]:
    """Return the ledger entries of a contact, newest first, and the cursor of the next page."""
    table = ctx.models.ConsentEntry
    keys = ShownKeys(ctx.hosts, ctx.viewer, table)
    statement = sa.select(*keys.columns(CONSENT_ENTRY_COLUMNS)).where(table.contact_id == contact)
    order = Order({"created_at": table.created_at, "id": table.id}, descending=True)
    return cut(read_rows(ctx.session, ctx.models, ordered(statement, order, page), keys=keys), order, page)


def suppressions(ctx: Context, contact: Any) -> Rows:
    """Return the suppressions of the numbers in a contact's profile and ledger, lifted ones included."""
    table, profile, entry = ctx.models.Suppression, ctx.models.Profile, ctx.models.ConsentEntry
    addresses = (
        (profile, profile.phone_key, profile.phone_e164),
        (profile, profile.whatsapp_key, profile.whatsapp_e164),
        (entry, entry.number_key, entry.number),
    )
    of_contact = sa.union(
        *(
            sa.select(key.label("number_key"), number.label("number")).where(owner.contact_id == contact)
            for owner, key, number in addresses
        )
    ).subquery()
    is_same = same_address(table.number_key, table.number, of_contact.c.number_key, of_contact.c.number)
    found = sa.select(table.id).join(of_contact, is_same)
    statement = sa.select(*(getattr(table, name) for name in SUPPRESSION_COLUMNS)).where(table.id.in_(found))
    return read_rows(ctx.session, ctx.models, statement.order_by(table.created_at.desc(), table.id.desc()))
