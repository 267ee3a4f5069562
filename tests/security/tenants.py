"""Applications that several tenants share: whoever asks sees the rows of their own tenant that are not gone.

Every value of a row, its key too where keys are text, holds the row's mark, so that a leak of any of them is found.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import relationship

from flask_relationships import (
    ActionScope,
    ClientProfileMapping,
    CompanyMapping,
    ContactMapping,
    Relationships,
    UserMapping,
)
from flask_relationships.testing import MemoryTransport
from tests.hosts.checked import CheckedClient
from tests.hosts.host import PREFIX, Caller

Kind = Literal["company", "user", "contact"]

PEOPLE = "people"
"""The bind of the users, where they are in another database."""


@dataclass(frozen=True)
class Style:
    """How a host keeps its rows: the type and spelling of its keys, how its hooks narrow, where its users are."""

    type: sa.types.TypeEngine[Any]
    key: Callable[[str, str], Any]
    hooks_join: bool = False
    hooked: bool = True
    declared: bool = False
    """Whether the mappings say `deleted` and `tenant` instead of having hooks."""
    users_elsewhere: bool = False
    own_client_profiles: bool = False
    through_relationships: bool = False


def _address(kind: str, mark: str) -> str:
    return f"{mark}.{kind}@example.com"


STYLES = {
    "uuid": Style(sa.Uuid(), lambda _kind, _mark: uuid.uuid4(), hooks_join=True, through_relationships=True),
    "address": Style(sa.String(60), _address, own_client_profiles=True),
    "elsewhere": Style(sa.String(60), _address, users_elsewhere=True),
    "declared": Style(sa.Uuid(), lambda _kind, _mark: uuid.uuid4(), declared=True, through_relationships=True),
    "declared elsewhere": Style(sa.String(60), _address, declared=True, users_elsewhere=True),
}


@dataclass(frozen=True)
class Row:
    """A row of the host's, and who may know of it."""

    kind: Kind
    key: Any
    mark: str
    tenant: int
    gone: bool

    @property
    def id(self) -> str:
        return str(self.key)

    def is_seen_from(self, tenant: int) -> bool:
        return self.tenant == tenant and not self.gone


class TenantsHost:
    """One such application on its databases. `scope` is whose actions the lists of whoever asks show."""

    def __init__(self, style: Style, database_url: str = "sqlite://", people_url: str = "sqlite://") -> None:
        self.style = style
        self.scope: Callable[[Any], ActionScope] = lambda _user: ActionScope.own()
        self.db = SQLAlchemy()
        self._declare()
        self.relationships = Relationships(
            db=self.db,
            **self._mappings(),
            transport=MemoryTransport(),
            permission=lambda *_: True,
            current_user=self._who,
            action_scope=lambda user: self.scope(user),
        )
        self.app = Flask(__name__)
        self.app.config.update(SQLALCHEMY_DATABASE_URI=database_url, SQLALCHEMY_BINDS={PEOPLE: people_url})
        self.db.init_app(self.app)
        self.relationships.init_app(self.app)
        self.app.test_client_class = CheckedClient
        with self.app.app_context():
            self.db.create_all()
            self.clean()

    def _declare(self) -> None:
        db, type_ = self.db, self.style.type
        elsewhere = self.style.users_elsewhere

        class Tenant(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(sa.Integer, primary_key=True, autoincrement=False)

        class Company(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(type_, primary_key=True)
            tenant = sa.Column(sa.Integer)
            gone = sa.Column(sa.Boolean)
            name = sa.Column(sa.String(200))

        class User(db.Model):  # type: ignore[name-defined,misc]
            __tablename__ = "staff"
            if elsewhere:
                __bind_key__ = PEOPLE
            id = sa.Column(type_, primary_key=True)
            tenant = sa.Column(sa.Integer)
            gone = sa.Column(sa.Boolean)
            name = sa.Column(sa.String(200))

        owner: Any = type_ if elsewhere else sa.ForeignKey(User.id, ondelete="SET NULL")

        class Contact(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(type_, primary_key=True)
            tenant = sa.Column(sa.Integer)
            gone = sa.Column(sa.Boolean)
            first_name = sa.Column(sa.String(100))
            last_name = sa.Column(sa.String(100))
            email = sa.Column(sa.String(200))
            phone = sa.Column(sa.String(50))
            company_id = sa.Column(sa.ForeignKey(Company.id, ondelete="SET NULL"))
            owner_id = sa.Column("owner_key", owner)
            company = relationship(Company)

        class Client(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(sa.Integer, primary_key=True)
            company_id = sa.Column(sa.ForeignKey(Company.id, ondelete="CASCADE"))

        self.Tenant, self.Company, self.User, self.Contact, self.Client = Tenant, Company, User, Contact, Client

    def _mappings(self) -> dict[str, Any]:
        through = self.style.through_relationships
        mappings: dict[str, Any] = {
            "contact": ContactMapping(
                self.Contact, company="company" if through else "company_id", owner="owner_id", **self._hooks("contact")
            ),
            "company": CompanyMapping(self.Company, **self._hooks("company")),
            "user": UserMapping(self.User, foreign_key=not self.style.users_elsewhere, **self._hooks("user")),
        }
        if self.style.own_client_profiles:
            mappings["client_profile"] = ClientProfileMapping(self.Client)
        return mappings

    def model(self, kind: Kind) -> Any:
        return {"company": self.Company, "user": self.User, "contact": self.Contact}[kind]

    def _hooks(self, kind: Kind) -> dict[str, Any]:
        model = self.model(kind)
        if not self.style.hooked:
            return {}
        if self.style.declared:
            return {"deleted": "gone", "tenant": "tenant"}

        def visible(select: Any, user: Any) -> Any:
            if self.style.hooks_join:
                return select.join(self.Tenant, self.Tenant.id == model.tenant).where(self.Tenant.id == user["tenant"])
            return select.where(model.tenant == user["tenant"])

        return {"present": lambda select: select.where(model.gone.is_(False)), "visible": visible}

    def _who(self) -> Any:
        key = request.headers.get("X-User")
        user = None if key is None else self.db.session.get(self.User, self._key(key))
        return None if user is None else {"id": user.id, "tenant": user.tenant}

    def _key(self, text: str) -> Any:
        return self.style.type.python_type(text)

    @property
    def models(self) -> Any:
        return self.relationships.models

    def caller(self, user: Row) -> Caller:
        client = self.app.test_client()
        client.environ_base["HTTP_X_USER"] = user.id
        return Caller(client, user.id, prefix=PREFIX)

    def row(self, kind: Kind, mark: str, tenant: int, *, gone: bool = False, **links: Row | None) -> Row:
        """Add a row whose every value holds its mark. The caller commits."""
        made = Row(kind, self.style.key(kind, mark), mark, tenant, gone)
        texts = {"name": f"{mark} Name"}
        if kind == "contact":
            texts = {"first_name": f"{mark} First", "last_name": f"{mark} Last", "email": f"{mark}@example.org"}
            texts["phone"] = "+44 20 7946 0018"
        keys = {f"{name}_id": None if link is None else link.key for name, link in links.items()}
        self.db.session.add(self.model(kind)(id=made.key, tenant=tenant, gone=gone, **texts, **keys))
        return made

    def clean(self) -> None:
        """Forget all rows, in the application context of the caller."""
        session = self.db.session
        names = ("ActionCentreItem", "Message", "Action", "LifeEvent", "Profile", "ConsentEntry", "IdempotencyKey")
        ours = [getattr(self.models, name) for name in (*names, "Partner", "ClientProfile")]
        for model in (*ours, self.Client, self.Contact, self.User, self.Company, self.Tenant):
            if model is not None:
                session.execute(sa.delete(model))
        session.add_all([self.Tenant(id=number) for number in range(3)])
        session.commit()

    def close(self) -> None:
        with self.app.app_context():
            self.db.session.remove()
            for engine in self.db.engines.values():
                engine.dispose()
