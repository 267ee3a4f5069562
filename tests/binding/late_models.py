"""The models that `late` names."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tests.binding.late import db


class Firm(db.Model):  # type: ignore[name-defined,misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Account(db.Model):  # type: ignore[name-defined,misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str]


class Person(db.Model):  # type: ignore[name-defined,misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    full_name: Mapped[str]
    mail: Mapped[str | None]
    firm_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Firm.id))

    firm: Mapped[Firm | None] = relationship()
