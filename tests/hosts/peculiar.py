"""The peculiar host: UUID keys, one name column, tenants, soft delete, bearer tokens, colliding names.

Its tables and attributes are called unlike ours, its own classes are called Message, Profile and Action, its
users are dictionaries, and it keeps its own client profiles. SQLite does not enforce foreign keys here.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from flask_relationships import (
    ActionScope,
    ClientProfileMapping,
    CompanyMapping,
    ContactMapping,
    Relationships,
    UserMapping,
)
from tests.hosts.host import GRANTED, Built, Caller, Host, Level, Permission


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)


class Organisation(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "organisations"

    ident: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    tenant: Mapped[str] = mapped_column(sa.String(20))
    title: Mapped[str] = mapped_column(sa.String(200))
    deleted_at: Mapped[datetime | None]


class Staff(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "staff"

    ident: Mapped[uuid.UUID] = mapped_column("staff_pk", primary_key=True, default=uuid.uuid4)
    tenant: Mapped[str] = mapped_column(sa.String(20))
    display_name: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[str] = mapped_column(sa.String(10))
    grade: Mapped[str] = mapped_column(sa.String(20))
    team: Mapped[str | None] = mapped_column(sa.String(50))
    token: Mapped[str] = mapped_column(sa.String(40), unique=True)


class Human(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "people"

    ident: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    tenant: Mapped[str] = mapped_column(sa.String(20))
    full_name: Mapped[str] = mapped_column(sa.String(200))
    mail: Mapped[str | None] = mapped_column(sa.String(200))
    mobile: Mapped[str | None] = mapped_column(sa.String(50))
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Organisation.ident))
    keeper_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Staff.ident))
    deleted_at: Mapped[datetime | None]


class ClientProfile(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "client_profiles"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Organisation.ident), unique=True)


class Message(db.Model):  # type: ignore[name-defined,misc]
    id: Mapped[int] = mapped_column(primary_key=True)


class Profile(db.Model):  # type: ignore[name-defined,misc]
    id: Mapped[int] = mapped_column(primary_key=True)


class Action(db.Model):  # type: ignore[name-defined,misc]
    id: Mapped[int] = mapped_column(primary_key=True)


relationships = Relationships(
    db=db,
    contact=ContactMapping(
        Human,
        name="full_name",
        email="mail",
        phone="mobile",
        company="organisation_id",
        owner="keeper_id",
        present=lambda select: select.where(Human.deleted_at.is_(None)),
        visible=lambda select, user: select.where(Human.tenant == user["tenant"]),
    ),
    company=CompanyMapping(
        Organisation,
        name="title",
        present=lambda select: select.where(Organisation.deleted_at.is_(None)),
        visible=lambda select, user: select.where(Organisation.tenant == user["tenant"]),
    ),
    user=UserMapping(
        Staff, name="display_name", visible=lambda select, user: select.where(Staff.tenant == user["tenant"])
    ),
    client_profile=ClientProfileMapping(ClientProfile, company="organisation_id"),
)


@relationships.current_user_callback
def whoever_holds_the_token() -> dict[str, Any] | None:
    """The identity as the token service of this application has it: a dictionary, not a row."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    staff = db.session.scalar(sa.select(Staff).where(Staff.token == token)) if scheme == "Bearer" else None
    return None if staff is None else identity_of(staff)


@relationships.reader_callback
def identity_of(staff: Staff) -> dict[str, Any]:
    return {
        "id": staff.ident,
        "tenant": staff.tenant,
        "role": staff.role,
        "grade": staff.grade,
        "team": staff.team,
    }


@relationships.permission_callback
def allowed(user: dict[str, Any], permission: str, target: object) -> bool:
    return permission in GRANTED[user["role"]]


@relationships.unmatched_callback
def unmatched(messages: sa.Select[Any], user: dict[str, Any]) -> sa.Select[Any]:
    return messages


@relationships.action_scope_callback
def scope(user: dict[str, Any]) -> ActionScope:
    if user["grade"] in {"executive", "head"}:
        return ActionScope.everyone()
    if user["grade"] == "manager" and user["team"] is not None:
        team = db.session.scalars(sa.select(Staff.ident).where(Staff.team == user["team"]))
        return ActionScope.users([user["id"], *team])
    return ActionScope.own()


def create_app(database_url: str, **config: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(SQLALCHEMY_DATABASE_URI=database_url, **config)
    relationships.init_app(app)
    db.init_app(app)
    return app


OURS, THEIRS = "ours", "theirs"


class PeculiarHost(Host):
    name = "peculiar"
    has_tenants = True
    malformed_ids = ("abc", "1", "null", "z" * 36, "9" * 30, "11111111-1111-1111-1111-11111111111", "{}")

    def build(self, database_url: str, config: Mapping[str, Any]) -> Built:
        return Built(create_app(database_url, **config), db, relationships)

    def new_person(self, permission: Permission, level: Level | None, squad: str | None, name: str) -> Caller:
        token = uuid.uuid4().hex
        staff = Staff(tenant=OURS, display_name=name, role=permission, grade=level, team=squad, token=token)
        return self.logged_in(self.add(staff), name, HTTP_AUTHORIZATION=f"Bearer {token}")

    def new_contact(
        self, first_name: str, last_name: str, email: str | None, phone: str | None, company: str | None
    ) -> str:
        return self.add(
            Human(
                tenant=OURS,
                full_name=f"{first_name} {last_name}",
                mail=email,
                mobile=phone,
                organisation_id=None if company is None else uuid.UUID(company),
            )
        )

    def company(self, name: str = "Analytical Engines") -> str:
        return self.add(Organisation(tenant=OURS, title=name))

    def make_client(self, company: str) -> None:
        self.add(ClientProfile(organisation_id=uuid.UUID(company)))

    def delete_contact(self, contact: str) -> None:
        self.change(Human, contact, deleted_at=datetime.now(UTC).replace(tzinfo=None))

    def delete_company(self, company: str) -> None:
        self.change(Organisation, company, deleted_at=datetime.now(UTC).replace(tzinfo=None))

    def hide_contact(self, contact: str) -> None:
        self.change(Human, contact, tenant=THEIRS)

    def hide_company(self, company: str) -> None:
        self.change(Organisation, company, tenant=THEIRS)

    def hide_user(self, user: str) -> None:
        self.change(Staff, user, tenant=THEIRS)

    def give_contact_to(self, contact: str, user: str) -> None:
        """Let this user be the contact's owner."""
        self.change(Human, contact, keeper_id=uuid.UUID(user))
