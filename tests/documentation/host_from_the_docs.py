"""A host that was written from the documentation alone, and that the documentation shows in parts.

An agency's application: UUID keys, one column for the whole name, attributes called otherwise, tenants, soft delete,
and colleagues who are known by a token in a header.
"""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from flask_relationships import (
    ActionScope,
    CompanyMapping,
    ContactMapping,
    MessageTransport,
    Relationships,
    UserMapping,
)


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Model(db.Model):  # type: ignore[name-defined, misc]  # Flask-SQLAlchemy makes this class at run time
    __abstract__ = True


# start: models
class Colleague(Model):
    uid: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    agency: Mapped[str]
    called: Mapped[str]
    token: Mapped[str] = mapped_column(sa.String(64), unique=True)
    role: Mapped[str]  # none, view, update or manage
    level: Mapped[str]  # executive, head, manager or member
    squad: Mapped[str | None]


class Employer(Model):
    uid: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    agency: Mapped[str]
    trading_name: Mapped[str]
    removed_at: Mapped[datetime | None]


class Person(Model):
    uid: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    agency: Mapped[str]
    called: Mapped[str]
    mail: Mapped[str | None]
    mobile: Mapped[str | None]
    landline: Mapped[str | None]
    employer_uid: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Employer.uid))
    looked_after_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Colleague.uid))
    removed_at: Mapped[datetime | None]
    employer: Mapped[Employer | None] = relationship()


# end: models

# start: mapping
relationships = Relationships(
    db=db,
    contact=ContactMapping(
        Person,
        name="called",
        email="mail",
        phone=["mobile", "landline"],
        company="employer",
        owner="looked_after_by",
        deleted="removed_at",
        tenant="agency",
    ),
    company=CompanyMapping(Employer, name="trading_name", deleted="removed_at", tenant="agency"),
    user=UserMapping(Colleague, name="called", tenant="agency"),
)
# end: mapping


# start: current user
@relationships.current_user_callback
def whose_token() -> dict[str, Any] | None:
    token = request.headers.get("X-Token", "")
    colleague = db.session.scalar(sa.select(Colleague).where(Colleague.token == token))
    return None if colleague is None else identity_of(colleague)


# end: current user


# start: reader
@relationships.reader_callback
def identity_of(colleague: Colleague) -> dict[str, Any]:
    return {
        "uid": colleague.uid,  # the key, by the name it has in the model
        "agency": colleague.agency,
        "role": colleague.role,
        "level": colleague.level,
        "squad": colleague.squad,
    }


# end: reader

# start: permission
GRANTS = {"none": 0, "view": 1, "update": 2, "manage": 3}


@relationships.permission_callback
def allowed(user: Mapping[str, Any], permission: str, target: object) -> bool:
    needed = permission.removeprefix("relationships:")
    return GRANTS[user["role"]] >= GRANTS[needed]


# end: permission


# start: action scope
@relationships.action_scope_callback
def scope(user: Mapping[str, Any]) -> ActionScope:
    return ActionScope.from_levels(user, level=user["level"], squad=lambda: squad_of(user))


def squad_of(user: Mapping[str, Any]) -> list[uuid.UUID]:
    if user["squad"] is None:
        return []
    mates = sa.select(Colleague.uid).where(Colleague.agency == user["agency"], Colleague.squad == user["squad"])
    return list(db.session.scalars(mates))


# end: action scope


# start: factory
def create_app(database: str, transport: MessageTransport | None = None, **config: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(SQLALCHEMY_DATABASE_URI=database, **config)
    db.init_app(app)
    relationships.init_app(app, transport=transport)
    return app


# end: factory
