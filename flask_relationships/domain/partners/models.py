from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from ...db.base import MAX_NAME_LENGTH, Dated, Table, company_key, contact_key, key_index, unique
from ...db.revisions import Revised

PARTNER_COLUMNS = (
    "id",
    "revision",
    "company_id",
    "partner_company_name",
    "partner_contact_name",
    "partner_contact_email",
    "relationship_type",
    "estimated_deal_size",
    "notes",
    "contact_id",
    "created_at",
    "updated_at",
)
"""The columns of a partner that the API shows."""


class PartnerTable(Table, Revised, Dated):
    """A partner of a client company: a name in free text, and perhaps one of the host's contacts.

    ``linked_at``: see `links`.
    """

    __name_of_table__ = "partners"
    __client_columns__ = frozenset(
        {
            "partner_company_name",
            "partner_contact_name",
            "partner_contact_email",
            "relationship_type",
            "estimated_deal_size",
            "notes",
            "contact_id",
        }
    )

    partner_company_name: Mapped[str] = mapped_column(sa.String(MAX_NAME_LENGTH))
    partner_contact_name: Mapped[str | None] = mapped_column(sa.String(MAX_NAME_LENGTH))
    partner_contact_email: Mapped[str | None] = mapped_column(sa.String(MAX_NAME_LENGTH))
    relationship_type: Mapped[str | None] = mapped_column(sa.String(MAX_NAME_LENGTH))
    estimated_deal_size: Mapped[float | None] = mapped_column(sa.Double)
    notes: Mapped[str | None] = mapped_column(sa.Text)
    linked_at: Mapped[datetime | None] = mapped_column(sa.DateTime, sort_order=92)

    @declared_attr
    @classmethod
    def company_id(cls) -> Mapped[Any]:
        return company_key(cls, owner=True)

    @declared_attr
    @classmethod
    def contact_id(cls) -> Mapped[Any]:
        return contact_key(cls, owner=False)

    @classmethod
    def constraints(cls) -> Sequence[Any]:
        return (key_index(cls, "company", "company_id", "partner_company_name", "id"),)


class ClientProfileTable(Table, Revised):
    """Says that a company is a client, where the host has no table of its own for that."""

    __name_of_table__ = "client_profiles"

    created_at: Mapped[datetime] = mapped_column(sa.DateTime, sort_order=90)

    @declared_attr
    @classmethod
    def company_id(cls) -> Mapped[Any]:
        return company_key(cls, owner=True)

    @classmethod
    def constraints(cls) -> Sequence[Any]:
        return (unique(cls, "company_id"),)
