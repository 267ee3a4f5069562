"""Find contacts by number: by the profiles' numbers, or the host's for contacts without a profile."""

from __future__ import annotations

import logging
from typing import Any

import sqlalchemy as sa

from ...context import Context
from ...errors import place_of
from ...hosts.bound import SYSTEM
from ..models import Models
from .addresses import address_key
from .comparison import has_address

HOST_SOURCE = "crm"
"""The source of numbers that come from the host."""

logger = logging.getLogger(__name__)


def inbound_key(ctx: Context, address: str) -> str:
    """Return the comparison key of an address that the provider sent, after the application's ``phone_normaliser=``."""
    try:
        return ctx.numbers.inbound_key(address)
    except Exception as error:  # a host's function may raise anything; the message must not be lost
        logger.error("the phone_normaliser raised for an inbound address: %s", place_of(error))
        return address_key(address)


def stored_number(models: Models, contact: Any) -> sa.ColumnElement[Any]:
    """Return the number that the table has for the contact of a statement.

    :param contact: the column of the contact's primary key.
    """
    table = models.ContactNumber
    mine = sa.select(table.number).where(table.contact_id == contact, table.source == HOST_SOURCE)
    return mine.scalar_subquery()


def find_contacts(ctx: Context, address: str, channel: str) -> list[Any]:
    """Return the keys of the present contacts who have this address, best first.

    Contacts with this number for the channel come first, then those with the latest message.
    """
    profile, number, key = ctx.models.Profile, ctx.models.ContactNumber, inbound_key(ctx, address)
    is_phone = has_address(profile.phone_key, profile.phone_e164, address, key)
    is_whatsapp = has_address(profile.whatsapp_key, profile.whatsapp_e164, address, key)
    first = is_whatsapp if channel == "whatsapp" else is_phone
    of_profiles = sa.select(
        profile.contact_id.label("contact_id"),
        sa.case((first, 0), else_=1).label("place"),
        profile.last_message_at.label("last_message_at"),
        profile.id.label("row_id"),
    ).where(sa.or_(is_phone, is_whatsapp))
    without_profile = ~sa.exists().where(profile.contact_id == number.contact_id)
    of_hosts = sa.select(number.contact_id, sa.literal(1), sa.null(), number.id).where(
        number.number_key == key, without_profile
    )
    found = sa.union_all(of_profiles, of_hosts).subquery()
    unknown = sa.case((found.c.last_message_at.is_(None), 1), else_=0)
    order = (found.c.place, unknown, found.c.last_message_at.desc(), found.c.row_id)
    keys = list(ctx.execute(sa.select(found.c.contact_id).order_by(*order)).scalars())
    present = ctx.hosts.contact.values(ctx.session, keys, (), SYSTEM)
    return [contact for contact in keys if contact in present]
