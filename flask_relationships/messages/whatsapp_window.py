"""WhatsApp's 24 hours: after a contact's last message, what is written freely arrives; later only a template does.

Our clock only advises. The provider's decides, and may know of messages that we have never seen.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..tables.build import Models
from ..tables.execute import execute

LENGTH = timedelta(hours=24)


def is_closed(session: Session, models: Models, contact: Any, now: datetime) -> bool:
    """Whether the contact has written nothing by WhatsApp for a day, as far as we know."""
    table = models.Message
    theirs = (table.contact_id == contact, table.channel == "whatsapp", table.direction == "inbound")
    lately = sa.select(table.id).where(*theirs, table.created_at > now - LENGTH).limit(1)
    return execute(session, models.mapper, lately).first() is None
