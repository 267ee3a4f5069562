from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from ...db.base import Table, contact_key, index, unique


class ContactNumberTable(Table):
    """A number of a contact as one source has it, so that contacts without a profile are found by number.

    ``source`` is ``crm``: the host's value. ``number`` is in E.164, ``number_key`` is what numbers are compared by.
    """

    __name_of_table__ = "contact_numbers"

    source: Mapped[str] = mapped_column(sa.String(20))
    number: Mapped[str] = mapped_column(sa.String(64))
    number_key: Mapped[str] = mapped_column(sa.String(64))
    read_at: Mapped[datetime] = mapped_column(sa.DateTime)

    @declared_attr
    @classmethod
    def contact_id(cls) -> Mapped[Any]:
        return contact_key(cls)

    @classmethod
    def constraints(cls) -> Sequence[Any]:
        return (unique(cls, "contact", "contact_id", "source"), index(cls, "key", "number_key", "contact_id"))
