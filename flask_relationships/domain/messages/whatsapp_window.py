"""WhatsApp's window: for 24 hours after a contact's last message a business may write freely, later only by template.

Our own clock only advises. The provider decides, and may have messages that we have never seen.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ...context import Context
from ..contacts.comparison import has_address
from ..profiles import service as profiles

WINDOW_LENGTH = timedelta(hours=24)


def is_outside(ctx: Context, contact: Any, found: profiles.Found, channel: str, now: datetime) -> bool | None:
    """Return whether the contact's number has sent nothing by WhatsApp in the window, as far as we know.

    Messages that were matched later count, from any address.

    :returns: None for every other channel.
    """
    if channel != "whatsapp":
        return None
    table, number = ctx.models.Message, profiles.number_for(found, channel)[0]
    inbound = (table.contact_id == contact, table.channel == "whatsapp", table.direction == "inbound")
    opens: sa.ColumnElement[bool] = table.matched_at.is_not(None)
    if number is not None:
        opens = sa.or_(opens, has_address(table.address_key, table.from_number, number))
    recent = sa.select(table.id).where(*inbound, table.created_at > now - WINDOW_LENGTH, opens).limit(1)
    return ctx.execute(recent).first() is None
