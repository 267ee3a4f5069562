"""Our listeners: on the host's own sessions, once, and on no others."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from flask_relationships import ActionScope
from flask_relationships.db import statements as execute
from flask_relationships.setup.session_events import LISTENERS
from flask_relationships.testing.contract.specification import ACTION, EVENT, MESSAGE
from tests.hosts.made import Made, Models
from tests.session_events import web_process

FACTORIES = ("flask_sqlalchemy", "found_later", "replaced", "lite", "scoped_session")


def run(style: str, database: Path, *steps: str) -> list[Any]:
    """What another process sees in these requests of the host."""
    command = [sys.executable, "-m", web_process.__name__, style, f"sqlite:///{database}", *steps]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["unwanted"] == []
    return list(found["told"])


@pytest.mark.parametrize("style", [*FACTORIES, "callable"])
def test_a_task_done_in_a_web_process_completes_its_action(style: str, tmp_path: Path) -> None:
    told = run(style, tmp_path / "host.sqlite", "prepare", "add_action", "statuses", "tick_off", "statuses")
    # With a callable, the session of a request that asks nothing of ours is never seen.
    assert told == [None, 201, ["pending"], None, ["pending" if style == "callable" else "done"]]


@pytest.mark.parametrize("style", FACTORIES)
def test_the_first_request_of_a_process_may_be_the_host_s(style: str, tmp_path: Path) -> None:
    run(style, tmp_path / "host.sqlite", "prepare", "add_action")
    assert run(style, tmp_path / "host.sqlite", "tick_off", "statuses") == [None, ["done"]]


@pytest.mark.parametrize("style", FACTORIES)
def test_a_bulk_deletion_takes_our_rows_along(style: str, tmp_path: Path) -> None:
    run(style, tmp_path / "host.sqlite", "prepare", "add_action")
    assert run(style, tmp_path / "host.sqlite", "delete_contacts", "statuses") == [None, []]


def test_a_session_of_a_callable_is_followed_once_it_is_seen(tmp_path: Path) -> None:
    process = web_process.make("callable", f"sqlite:///{tmp_path / 'host.sqlite'}")
    client = process.app.test_client()
    for step in ("prepare", "add_action"):
        client.get(f"/{step}")
    with process.app.app_context():
        seen = process.app.extensions["relationships"].session
        assert seen is process.session()
        assert [ours(seen.dispatch, name) for name, _ in LISTENERS] == [1] * len(LISTENERS)
        assert process.app.extensions["relationships"].session is seen
        assert [ours(seen.dispatch, name) for name, _ in LISTENERS] == [1] * len(LISTENERS)
        web_process.tick_off(process)
        assert web_process.statuses(process) == ["done"]


def ours(dispatch: Any, name: str) -> int:
    listeners = dict(LISTENERS)
    return sum(listener is listeners[name] for listener in getattr(dispatch, name))


def test_nothing_listens_on_the_session_class_of_sqlalchemy() -> None:
    made = Made().create_tables()
    made.caller().get("/relationship-actions")
    of_others: list[Session] = [Session(), sessionmaker()(), SQLAlchemy()._make_session_factory({})()]
    for session in of_others:
        assert [ours(session.dispatch, name) for name, _ in LISTENERS] == [0] * len(LISTENERS)
    made.close()


def test_fifty_applications_of_one_db_listen_once() -> None:
    models = Models()
    first = Made(models)
    for _ in range(49):
        Made(models, relationships=first.relationships).close()
    session = models.db.session.session_factory()
    assert [ours(session.dispatch, name) for name, _ in LISTENERS] == [1] * len(LISTENERS)


def test_a_replaced_session_is_followed_once() -> None:
    made = Made().create_tables()
    db = made.models.db
    db.session = db._make_scoped_session({})
    for _ in range(3):
        made.caller().get("/relationship-actions")
    session = db.session.session_factory()
    assert [ours(session.dispatch, name) for name, _ in LISTENERS] == [1] * len(LISTENERS)
    made.close()


def test_an_application_without_the_extension_is_left_alone() -> None:
    """It has the same models, and a database without our tables."""
    made = Made().create_tables()
    plain, models = Flask("without"), made.models
    plain.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    models.db.init_app(plain)
    with plain.app_context():
        models.db.metadata.create_all(models.db.engine, tables=[models.Company.__table__, models.Contact.__table__])
        models.db.session.add_all([models.Contact(id=key) for key in (1, 2)])
        models.db.session.commit()
        models.db.session.delete(models.db.session.get_one(models.Contact, 1))
        models.db.session.execute(sa.delete(models.Contact))
        models.db.session.commit()
        assert models.db.session.scalars(sa.select(models.Contact)).all() == []
    made.close()


def test_outside_an_application_our_rows_go_along(tmp_path: Path) -> None:
    """A script of the host's with its own session: what passes row by row is followed."""
    made = Made(database_url=f"sqlite:///{tmp_path / 'host.sqlite'}").create_tables()
    contact = made.contact()
    made.caller().post(f"/contacts/{contact}/relationship-actions", ACTION)
    with Session(sa.create_engine(made.app.config["SQLALCHEMY_DATABASE_URI"], poolclass=sa.NullPool)) as session:
        session.delete(session.get_one(made.models.Contact, int(contact)))
        session.commit()
    assert made.count("Action") == 0
    made.close()


def test_a_factory_that_is_gone_is_not_kept() -> None:
    made = Made()
    old = made.models.db.session
    kept = id(old.session_factory.class_)
    made.models.db.session = scoped_session(sessionmaker())
    del old
    gc.collect()
    from flask_relationships.setup.session_events import _classes

    assert kept not in {id(one) for one in _classes}
    made.close()


class Reads:
    """How many selects of columns were run, and how many of them by Core."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.all = self.by_core = 0
        core, columns = execute._of_core, execute.execute_columns

        def count_core(statement: Any) -> Any:
            self.by_core += 1
            return core(statement)

        def count_all(*given: Any, **values: Any) -> Any:
            self.all += 1
            return columns(*given, **values)

        monkeypatch.setattr(execute, "_of_core", count_core)
        monkeypatch.setattr("flask_relationships.hosts.joins.execute_columns", count_all)


def read_everything(made: Made, contact: str) -> None:
    caller = made.caller()
    for path in ("relationship", "life-events", "relationship-actions", "messages"):
        caller.get(f"/contacts/{contact}/{path}")
    caller.get("/relationship-actions", limit=5)
    caller.get("/action-centre")


@pytest.fixture
def made() -> Any:
    """On SQLite without the pragma, where a bulk deletion is ours to follow."""
    made = Made(action_scope=lambda _user: ActionScope.everyone()).create_tables()
    yield made
    made.close()


@pytest.fixture
def contact(made: Made) -> str:
    contact, caller = made.contact(), made.caller()
    caller.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    for path, body in (("life-events", EVENT), ("relationship-actions", ACTION), ("messages", MESSAGE)):
        caller.post(f"/contacts/{contact}/{path}", body)
    return contact


@pytest.mark.parametrize("style", ["usual", "replaced", "fifty applications"])
def test_columns_are_read_by_core(made: Made, contact: str, style: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if style == "replaced":
        made.models.db.session = made.models.db._make_scoped_session({})
    if style == "fifty applications":
        for _ in range(50):
            Made(made.models, relationships=made.relationships).close()
    reads = Reads(monkeypatch)
    read_everything(made, contact)
    assert reads.all == reads.by_core >= 5


def test_columns_are_read_by_the_orm_where_the_host_listens(
    made: Made, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with made.app.app_context():
        sa.event.listen(made.models.db.session, "do_orm_execute", print)
    reads = Reads(monkeypatch)
    read_everything(made, contact)
    assert reads.by_core == 0 < reads.all
