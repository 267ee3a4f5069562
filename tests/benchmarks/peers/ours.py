"""flask-relationships on a host such as it is made for: Flask-Login, levels and managers, and no hooks.

``/nothing`` is a route of the host that asks who is there and answers nothing: what no extension can be faster than.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_login import LoginManager, UserMixin, login_required, login_user
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from flask_relationships import ActionScope, CompanyMapping, ContactMapping, Relationships, UserMapping
from tests.benchmarks.population import PRESENT


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)
login_manager = LoginManager()


class Company(Base):
    __tablename__ = "company"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))


class Person(UserMixin, Base):
    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    level: Mapped[str | None] = mapped_column(sa.String(20))
    manager_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)

    def squad(self) -> list[int]:
        return list(db.session.scalars(sa.select(Person.id).where(Person.manager_id == self.id)))


class Contact(Base):
    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str] = mapped_column(sa.String(100))
    last_name: Mapped[str] = mapped_column(sa.String(100))
    email: Mapped[str | None] = mapped_column(sa.String(200))
    phone: Mapped[str | None] = mapped_column(sa.String(50))
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id"), index=True)


relationships = Relationships(
    db=db, contact=ContactMapping(Contact), company=CompanyMapping(Company), user=UserMapping(Person)
)


@relationships.permission_callback
def may_use_relationships(user: Person, permission: str, target: object) -> bool:
    return user.level is not None


@relationships.action_scope_callback
def whose_actions(user: Person) -> ActionScope:
    return ActionScope.from_levels(user, level=user.level, squad=user.squad)


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load_user(key: str) -> Person | None:
    return db.session.get(Person, int(key))


def make_app(url: str) -> Flask:
    app = Flask(__name__)
    app.config.update(SECRET_KEY="for measuring", SQLALCHEMY_DATABASE_URI=url)
    db.init_app(app)
    login_manager.init_app(app)
    relationships.init_app(app)
    app.extensions["relationships"].clock = lambda: PRESENT.replace(tzinfo=UTC)

    @app.post("/login/<int:user_id>")
    def log_in(user_id: int) -> Any:
        login_user(db.get_or_404(Person, user_id))
        return "", 204

    @app.get("/nothing")
    @login_required  # type: ignore[untyped-decorator]
    def nothing() -> Any:
        return {}

    return app
