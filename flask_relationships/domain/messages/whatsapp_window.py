"""WhatsApp's 24 hours: after a contact's last message, what is written freely arrives; later only a template does.

Our clock only advises. The provider's decides, and may know of messages that we have never seen.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ...context import Context
from ..contacts.comparison import has_address

LENGTH = timedelta(hours=24)


def is_closed(ctx: Context, contact: Any, number: str | None, now: datetime) -> bool:
    """Return whether nothing has come by WhatsApp from the contact's number for a day, as far as we know.

    Messages that were given to the contact later count whatever address they came from.
    """
    table = ctx.models.Message
    theirs = (table.contact_id == contact, table.channel == "whatsapp", table.direction == "inbound")
    opens: sa.ColumnElement[bool] = table.matched_at.is_not(None)
    if number is not None:
        opens = sa.or_(opens, has_address(table.address_key, table.from_number, number))
    lately = sa.select(table.id).where(*theirs, table.created_at > now - LENGTH, opens).limit(1)
    return ctx.execute(lately).first() is None
