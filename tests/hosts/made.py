"""Small host applications made on the spot, where a test needs models, keys or callbacks of its own.

In memory on SQLite unless another database is named. Nobody logs in: who is asking is the first user there is.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_relationships import CompanyMapping, ContactMapping, Relationships, UserMapping
from tests.hosts.host import Caller
from tests.hosts.transport import WatchedTransport

IN_MEMORY = "sqlite://"


@dataclass(frozen=True)
class Keys:
    """One kind of primary key: the column's type, and how a key is made where the database does not make it."""

    type: sa.types.TypeEngine[Any]
    make: Callable[[], Any] | None = None


KEYS = {
    "int": Keys(sa.Integer()),
    "bigint": Keys(sa.BigInteger().with_variant(sa.Integer, "sqlite")),
    "uuid": Keys(sa.Uuid(), uuid.uuid4),
    "uuid as text": Keys(sa.Uuid(as_uuid=False), lambda: str(uuid.uuid4())),
    "string": Keys(sa.String(26), lambda: uuid.uuid4().hex[:26]),
}


@dataclass
class Models:
    """A `db` of its own with contacts, companies and users, whose keys are of one kind."""

    keys: Keys = field(default_factory=lambda: KEYS["int"])
    db: SQLAlchemy = field(default_factory=SQLAlchemy)
    schema: str | None = None
    bind_key: str | None = None
    names: str = ""
    """What stands before the names of the classes and tables, where one `db` has two sets of them."""

    def __post_init__(self) -> None:
        self.Company = self._model("Company", name=sa.String(200))
        company = self.Company.__table__.c.id
        self.User = self._model("User", name=sa.String(200))
        self.Contact = self._model(
            "Contact",
            first_name=sa.String(100),
            last_name=sa.String(100),
            email=sa.String(200),
            phone=sa.String(50),
            company_id=sa.ForeignKey(company, ondelete="SET NULL"),
        )

    def _model(self, class_name: str, **columns: Any) -> Any:
        attributes: dict[str, Any] = {
            "__module__": __name__,
            "__tablename__": f"{self.names}{class_name}".lower(),
            "__table_args__": {"schema": self.schema},
            "id": sa.Column(self.keys.type, primary_key=True, default=self.keys.make),
            **{name: sa.Column(name, type, nullable=True) for name, type in columns.items()},
        }
        if self.bind_key is not None:
            attributes["__bind_key__"] = self.bind_key
        return type(f"{self.names}{class_name}", (self.db.Model,), attributes)

    def mappings(self) -> dict[str, Any]:
        """The keyword arguments of `Relationships` that map these models."""
        return {
            "contact": ContactMapping(self.Contact),
            "company": CompanyMapping(self.Company),
            "user": UserMapping(self.User),
        }


def first_user(models: Models) -> Callable[[], Any]:
    return lambda: models.db.session.scalar(sa.select(models.User).order_by(models.User.id).limit(1))


def yes(user: Any, permission: str, target: Any) -> bool:
    return True


class Made:
    """One application, with the models and the extension it is made of, and tables where there are to be some."""

    def __init__(
        self,
        models: Models | None = None,
        *,
        relationships: Relationships | None = None,
        database_url: str = IN_MEMORY,
        config: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        self.models = models if models is not None else Models()
        self.transport = WatchedTransport()
        given = {
            **self.models.mappings(),
            "permission": yes,
            "current_user": first_user(self.models),
            "transport": self.transport,
            **options,
        }
        self.relationships = relationships or Relationships(db=self.models.db, **given)
        self.app = Flask(f"{__name__}.{uuid.uuid4().hex}")
        self.app.config.update(SQLALCHEMY_DATABASE_URI=database_url, **(config or {}))
        self.models.db.init_app(self.app)
        self.relationships.init_app(self.app)

    def create_tables(self) -> Made:
        with self.app.app_context():
            self.models.db.create_all()
        return self

    def add(self, model: Any, **values: Any) -> str:
        with self.app.app_context():
            row = model(**values)
            self.models.db.session.add(row)
            self.models.db.session.commit()
            return str(row.id)

    def contact(self, **values: Any) -> str:
        given = {"first_name": "Ada", "last_name": "Lovelace", "phone": "+44 20 7946 0018", **values}
        return self.add(self.models.Contact, **given)

    def caller(self) -> Caller:
        """Somebody, who is a user from now on if there was none."""
        with self.app.app_context():
            nobody = first_user(self.models)() is None
        if nobody:
            self.add(self.models.User, name="Grace Hopper")
        prefix = self.app.extensions["relationships"].settings.url_prefix
        return Caller(self.app.test_client(), name="Grace Hopper", prefix=prefix)

    def table(self, name: str) -> sa.Table:
        """One of our tables, by its model's name."""
        found = sa.inspect(getattr(self.relationships.models, name)).local_table
        assert isinstance(found, sa.Table)
        return found

    def count(self, name: str) -> int:
        """How many rows one of our tables has, by its model's name."""
        with self.app.app_context():
            model = getattr(self.relationships.models, name)
            return self.models.db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0

    def close(self) -> None:
        with self.app.app_context():
            self.models.db.session.remove()
            for engine in self.models.db.engines.values():
                engine.dispose()
