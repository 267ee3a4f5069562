"""One small host that is well set up, and as many defects of it as the tests name.

Whoever asks is logged in by Flask-Login, messages leave through Twilio, and SQLite enforces foreign keys.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy

from flask_relationships import CompanyMapping, ContactMapping, Relationships, UserMapping

WELL = {
    "SECRET_KEY": "for tests",
    "SESSION_COOKIE_SAMESITE": "Lax",
    "RELATIONSHIPS_TIMEZONE": "Europe/London",
    "RELATIONSHIPS_DEFAULT_REGION": "GB",
    "RELATIONSHIPS_TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
    "RELATIONSHIPS_TWILIO_AUTH_TOKEN": "token",
    "RELATIONSHIPS_TWILIO_SMS_FROM": "+12025550100",
    "RELATIONSHIPS_TWILIO_WHATSAPP_FROM": "+12025550100",
}

Columns = dict[str, Any]


def by_role(user: Any, permission: str, target: Any) -> bool:
    return user.name == "Grace Hopper" or permission == "relationships:view"


class Small:
    """The host. ``contact``, ``user`` and ``company`` are options of the mappings, or functions of this that make them;
    the ``_columns`` are columns beside the usual ones; None in ``config`` takes a key away."""

    def __init__(
        self,
        url: str = "sqlite://",
        *,
        contact: Columns | Callable[[Small], Columns] | None = None,
        user: Columns | Callable[[Small], Columns] | None = None,
        company: Columns | Callable[[Small], Columns] | None = None,
        contact_columns: Columns | None = None,
        user_columns: Columns | None = None,
        company_id: sa.Column[Any] | None = None,
        config: Columns | None = None,
        log_in: bool = True,
        companies: bool = True,
        enforce: bool = True,
        key: Any = sa.Integer,
        routes: tuple[str, ...] = (),
        **options: Any,
    ) -> None:
        self.db = SQLAlchemy()
        self._key = key
        self.Company = self._model("Company", name=sa.Column(sa.String(200)))
        self.User = self._model("User", name=sa.Column(sa.String(200)), **(user_columns or {}))
        if company_id is None:
            company_id = sa.Column(sa.ForeignKey("company.id", ondelete="SET NULL"), index=True)
        self.Contact = self._model(
            "Contact",
            first_name=sa.Column(sa.String(100)),
            last_name=sa.Column(sa.String(100)),
            email=sa.Column(sa.String(200)),
            phone=sa.Column(sa.String(50)),
            company_id=company_id,
            **(contact_columns or {}),
        )

        def given(what: Any) -> Columns:
            found: Columns = what(self) if callable(what) else what or {}
            return found

        mappings: Columns = {
            "contact": ContactMapping(self.Contact, **given(contact)),
            "user": UserMapping(self.User, **given(user)),
        }
        if companies:
            mappings["company"] = CompanyMapping(self.Company, **given(company))
        self.relationships = Relationships(db=self.db, **{**mappings, "permission": by_role, **options})
        self.app = Flask(f"{__name__}.{uuid.uuid4().hex}")
        self.app.config.update(WELL, SQLALCHEMY_DATABASE_URI=url)
        for name, value in (config or {}).items():
            if value is None:
                self.app.config.pop(name)
            else:
                self.app.config[name] = value
        self.db.init_app(self.app)
        for path in routes:
            self.app.add_url_rule(path, f"own{path}".replace("/", "_"), lambda **_: "own")
        if log_in:
            LoginManager(self.app)
        self.relationships.init_app(self.app)
        if enforce:
            with self.app.app_context():
                sa.event.listen(self.db.engine, "connect", _enforce_foreign_keys)

    def _model(self, class_name: str, /, **columns: Any) -> Any:
        attributes = {
            "__module__": __name__,
            "id": sa.Column(self._key, primary_key=True),
            **columns,
        }
        return type(class_name, (self.db.Model,), attributes)

    def create_tables(self, spoil: Callable[[sa.MetaData], None] | None = None) -> Small:
        """All tables; ``spoil`` changes what is made of them first."""
        made = sa.MetaData()
        for table in self.db.metadata.sorted_tables:
            table.to_metadata(made)
        if spoil is not None:
            spoil(made)
        with self.app.app_context():
            made.create_all(self.db.engine)
        return self

    def with_rows(self) -> Small:
        """Two users, one company, and one contact of it."""
        self.add(self.User(id=self.id(1), name="Grace Hopper"), self.User(id=self.id(2), name="Katherine Johnson"))
        self.add(self.Company(id=self.id(1), name="Analytical Engines"))
        return self.add(self.ada())

    def ada(self, id: int = 1, **values: Any) -> Any:
        given = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com", "phone": "020 7946 0018"}
        return self.Contact(id=self.id(id), **{**given, "company_id": self.id(1), **values})

    def id(self, number: int) -> Any:
        kind = self._key() if isinstance(self._key, type) else self._key
        return uuid.UUID(int=number) if kind.python_type is uuid.UUID else kind.python_type(number)

    def add(self, *rows: Any) -> Small:
        with self.app.app_context():
            self.db.session.add_all(rows)
            self.db.session.commit()
        return self

    def execute(self, *statements: str) -> Small:
        with self.app.app_context(), self.db.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        return self

    def run(self, *options: str) -> Result:
        return self.app.test_cli_runner().invoke(args=["relationships", "check", *options])

    def check(self, *options: str) -> list[Columns]:
        """The findings, as JSON tells them."""
        result = self.run("--json", *options)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        found: list[Columns] = json.loads(result.stdout)
        assert "not_looked_at" not in [finding["code"] for finding in found], found
        return found

    def found(self, code: str, *options: str) -> Columns:
        """The one finding of this code."""
        (finding,) = [finding for finding in self.check(*options) if finding["code"] == code]
        return finding

    def wrong(self, *options: str) -> set[str]:
        """The codes of what is not well."""
        return {finding["code"] for finding in self.check(*options) if finding["level"] != "ok"}

    def close(self) -> None:
        with self.app.app_context():
            self.db.session.remove()
            self.db.engine.dispose()


def _enforce_foreign_keys(connection: Any, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA foreign_keys=ON")
