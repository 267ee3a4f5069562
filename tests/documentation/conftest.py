"""A small host for the snippets: int keys, a company, a contact and an administrator, all of the id 1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from flask_relationships import CompanyMapping, ContactMapping, Relationships, UserMapping
from tests.documentation.plain_sqlalchemy import Base, Company, Contact, Sessions, User, enforce_foreign_keys

MakeHost = Callable[..., Flask]


@pytest.fixture
def make_host(tmp_path: Path) -> Iterator[MakeHost]:
    """Make an application; the options are those of `Relationships`. Without any, the user 1 may do everything."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'small.sqlite'}")
    sa.event.listen(engine, "connect", enforce_foreign_keys)
    Sessions.configure(bind=engine)

    def make(**options: Any) -> Flask:
        app = Flask(__name__)
        app.secret_key = "change me"
        given = {
            "session": Sessions,
            "contact": ContactMapping(Contact),
            "company": CompanyMapping(Company),
            "user": UserMapping(User),
            "current_user": lambda: 1,
            "permission": lambda *_: True,
            **options,
        }
        Relationships(app, **given)
        app.teardown_appcontext(lambda _error: Sessions.remove())
        Base.metadata.create_all(engine)
        with sa.orm.Session(engine) as session:
            session.add_all([User(id=1, name="Ada Quill", is_admin=True), Company(id=1, name="Orchard")])
            session.flush()
            contact = Contact(id=1, first_name="Sam", last_name="Okafor", phone="+44 20 7946 0123", company_id=1)
            session.add(contact)
            session.commit()
        return app

    yield make
    Sessions.remove()
    engine.dispose()
