"""Flask-Migrate as hosts use it: a folder of its own making, and ``migrate``, ``upgrade`` and ``downgrade`` in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa

from flask_relationships.testing.contract.specification import ACTION, EVENT
from tests.hosts.made import KEYS, Made, Models
from tests.migrations.host_metadata import TABLES, make_own_tables, ours

pytestmark = [
    pytest.mark.usefixtures("loggers"),
    # The env.py that Flask-Migrate lays out asks for the engine in the way of every Flask-SQLAlchemy there was.
    pytest.mark.filterwarnings("ignore:'get_engine' is deprecated"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "migrations"


@pytest.fixture(params=KEYS)
def made(request: pytest.FixtureRequest, engine: sa.Engine, folder: Path) -> Iterator[Made]:
    """A host that is older than the plugin, with keys of one kind."""
    url = engine.url.render_as_string(hide_password=False)
    made = Made(Models(KEYS[request.param]), database_url=url)
    flask_migrate.Migrate(made.app, made.models.db, directory=str(folder))
    make_own_tables(engine, made.models.db.metadata)
    yield made
    made.close()


def scripts(folder: Path) -> list[Path]:
    return list((folder / "versions").glob("*.py"))


def test_migrate_upgrade_migrate_again_and_downgrade(made: Made, engine: sa.Engine, folder: Path) -> None:
    with made.app.app_context():
        flask_migrate.init()
        flask_migrate.migrate(message="relationships")
        (script,) = scripts(folder)
        assert set(re.findall(r"op\.create_table\('(\w+)'", script.read_text())) == TABLES
        flask_migrate.upgrade()
    assert ours(engine) == TABLES
    contact, caller = made.contact(), made.caller()
    caller.post(f"/contacts/{contact}/life-events", EVENT)
    caller.post(f"/contacts/{contact}/relationship-actions", ACTION)
    with made.app.app_context():
        flask_migrate.migrate(message="nothing changed")
        assert scripts(folder) == [script], "a second run finds no changes"
        flask_migrate.downgrade()
    assert ours(engine) == set()
    assert sa.inspect(engine).has_table("contact"), "the host's own rows are left alone"
    assert made.add(made.models.Contact, first_name="Mary", last_name="Somerville") != contact
