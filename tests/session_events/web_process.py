"""A web process of a host with tasks of its own, whose session comes from one kind of source.

``python -m tests.session_events.web_process STYLE DATABASE_URL STEP...`` runs the steps, each one request of the host,
and prints what it sees. It imports no scheduled jobs, as a web server does not.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Flask, g
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session, sessionmaker

from flask_relationships import ContactMapping, HostTaskActionCentre, Relationships, TaskMapping, UserMapping
from tests.hosts.made import yes


@dataclass
class Process:
    app: Flask
    relationships: Relationships
    session: Callable[[], Session]
    Contact: Any
    User: Any
    Task: Any
    create_all: Callable[[], None]


def _models(base: Any) -> tuple[Any, Any, Any]:
    def model(class_name: str, **columns: Any) -> Any:
        members = {"__tablename__": class_name.lower(), "id": sa.Column(sa.Integer, primary_key=True), **columns}
        return type(class_name, (base,), {"__module__": __name__, **members})

    text = sa.String(100)
    contact = model("Contact", first_name=sa.Column(text), last_name=sa.Column(text), phone=sa.Column(text))
    task = model("Task", title=sa.Column(text), state=sa.Column(text))
    return contact, model("User", name=sa.Column(text)), task


def make(style: str, url: str) -> Process:
    app = Flask(f"{__name__}.{style}")
    if style in ("flask_sqlalchemy", "found_later", "replaced"):
        return _with_flask_sqlalchemy(app, style, url)
    if style == "lite":
        return _with_lite(app, url)
    engine = sa.create_engine(url)
    app.teardown_appcontext(lambda _error: scoped.remove())
    scoped = scoped_session(sessionmaker(engine), scopefunc=lambda: id(g._get_current_object()))
    session: Any = scoped if style == "scoped_session" else lambda: scoped()
    base: Any = type("Base", (DeclarativeBase,), {})
    return _bind(app, base, scoped, lambda: base.metadata.create_all(engine), session=session)


def _with_flask_sqlalchemy(app: Flask, style: str, url: str) -> Process:
    from flask_sqlalchemy import SQLAlchemy

    db = SQLAlchemy()
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    if style == "found_later":
        process = _bind(app, db.Model, lambda: db.session(), db.create_all)
        db.init_app(app)
        return process
    db.init_app(app)
    process = _bind(app, db.Model, lambda: db.session(), db.create_all, db=db)
    if style == "replaced":
        db.session = db._make_scoped_session({})
    return process


def _with_lite(app: Flask, url: str) -> Process:
    from flask_sqlalchemy_lite import SQLAlchemy

    db, base = SQLAlchemy(), type("Base", (DeclarativeBase,), {})
    app.config["SQLALCHEMY_ENGINES"] = {"default": url}
    db.init_app(app)
    return _bind(app, base, lambda: db.session, lambda: base.metadata.create_all(db.engine), db=db)


def _bind(app: Flask, base: Any, find: Any, create_all: Callable[[], None], **source: Any) -> Process:
    contact, user, task = _models(base)
    relationships = Relationships(
        contact=ContactMapping(contact, email=None, company=None),
        user=UserMapping(user),
        permission=yes,
        current_user=lambda: 1,
        action_centre=HostTaskActionCentre(TaskMapping(task, title="title", status="state", open="todo", done="done")),
        **source,
    )
    relationships.init_app(app)
    process = Process(app, relationships, find, contact, user, task, create_all)
    for name, step in STEPS.items():
        app.add_url_rule(f"/{name}", name, lambda step=step: json.dumps(step(process)))
    return process


def prepare(process: Process) -> None:
    process.create_all()
    process.session().add_all([process.Contact(id=1, first_name="Ada", last_name="Lovelace"), process.User(id=1)])
    process.session().commit()


def add_action(process: Process) -> int:
    body = {"title": "Call", "action_type": "call"}
    client = process.app.test_client()
    return client.post("/api/relationships/contacts/1/relationship-actions", json=body).status_code


def tick_off(process: Process) -> None:
    process.session().scalars(sa.select(process.Task)).one().state = "done"
    process.session().commit()


def delete_contacts(process: Process) -> None:
    process.session().execute(sa.delete(process.Contact))
    process.session().commit()


def statuses(process: Process) -> list[str]:
    return list(process.session().scalars(sa.select(process.relationships.models.Action.status)))


STEPS: dict[str, Callable[[Process], Any]] = {
    step.__name__: step for step in (prepare, add_action, tick_off, delete_contacts, statuses)
}


def main() -> None:
    style, url, *steps = sys.argv[1:]
    process = make(style, url)
    told = [process.app.test_client().get(f"/{step}").get_json(force=True) for step in steps]
    unwanted = [name for name in sys.modules if name.startswith(("flask_relationships.jobs.registry", "celery"))]
    print(json.dumps({"told": told, "unwanted": unwanted}))


if __name__ == "__main__":
    main()
