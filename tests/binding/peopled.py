"""A host with a user, a company and a contact of the id 1, and whatever a test puts before or after the tool."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from flask_relationships import Relationships
from flask_relationships.testing import MemoryTransport
from tests.hosts.made import Models, first_user, yes

Step = Callable[[Flask], Any] | None


class PeopledHost:
    """``Flask(**flask)`` may be given; ``config`` is the application's."""

    def __init__(self, *, flask: dict[str, Any] | None = None, **config: Any) -> None:
        self.models = Models()
        self.app = Flask(__name__, **(flask or {}))
        self.app.config.update(SQLALCHEMY_DATABASE_URI="sqlite://", **config)
        self.options: dict[str, Any] = {"permission": yes, "current_user": first_user(self.models)}

    def build(self, before: Step = None, after: Step = None, **options: Any) -> PeopledHost:
        """Make the application: ``before`` and ``after`` are called with it around ``relationships.init_app``."""
        self.models.db.init_app(self.app)
        if before is not None:
            before(self.app)
        given = {**self.models.mappings(), **self.options, "transport": MemoryTransport(), **options}
        self.relationships = Relationships(db=self.models.db, **given)
        self.relationships.init_app(self.app)
        if after is not None:
            after(self.app)
        with self.app.app_context():
            db = self.models.db
            db.create_all()
            db.session.add_all([self.models.User(name="Grace Hopper"), self.models.Company(name="Analytical Engines")])
            db.session.flush()
            db.session.add(self.models.Contact(first_name="Ada", last_name="Lovelace", company_id=1))
            db.session.commit()
            db.session.remove()
        return self

    def close(self) -> None:
        with self.app.app_context():
            self.models.db.session.remove()
            self.models.db.engine.dispose()
