"""A later release, rehearsed: one of our tables has a further column and an index on it.

What docs/upgrading promises: the migration adds them and nothing else, rows stay, and the processes that still run the
release before go on reading and writing while the new column is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from flask_relationships.db.base import index
from flask_relationships.domain import models as build
from flask_relationships.domain.profiles.models import ProfileTable
from flask_relationships.testing.contract.specification import EVENT
from tests.hosts.made import KEYS, Made, Models
from tests.migrations.alembic_project import AlembicProject, operations

Release = Callable[[], Made]


class NextProfileTable(ProfileTable):
    """The profiles of a release that does not exist."""

    pronouns: Mapped[str | None] = mapped_column(sa.String(40))

    @classmethod
    def constraints(cls) -> Sequence[Any]:
        return (*super().constraints(), index(cls, "pronouns", "pronouns"))


@pytest.fixture(params=["int", "uuid"])
def release(request: pytest.FixtureRequest, engine: sa.Engine) -> Iterator[Release]:
    """The host's application as it starts with the release that is installed, each time in a MetaData of its own."""
    started: list[Made] = []

    def start() -> Made:
        url = engine.url.render_as_string(hide_password=False)
        started.append(Made(Models(KEYS[request.param]), database_url=url))
        return started[-1]

    yield start
    for made in started:
        made.close()


@pytest.fixture
def before(release: Release) -> Made:
    return release().create_tables()


@pytest.fixture
def after(before: Made, release: Release, monkeypatch: pytest.MonkeyPatch) -> Made:
    monkeypatch.setitem(build.TABLES, "Profile", NextProfileTable)
    return release()


def columns(engine: sa.Engine) -> set[str]:
    return {column["name"] for column in sa.inspect(engine).get_columns("relationships_profiles")}


@pytest.mark.parametrize("batches", [True, False], ids=["batches", "no batches"])
def test_a_release_with_another_column(
    before: Made, after: Made, engine: sa.Engine, tmp_path: Path, batches: bool
) -> None:
    contact = before.contact()
    old, profile = before.caller(), f"/contacts/{contact}/relationship"
    old.patch(profile, {"personal_notes": "Plays the cello.", "interests": ["music"], "birthday": "05-15"})
    old.post(f"/contacts/{contact}/life-events", EVENT)
    first = old.get(profile)["profile"]

    project = AlembicProject(tmp_path, engine, after.models.db.metadata, render_as_batch=batches)
    assert operations(project.autogenerate()) == {
        "up": ["add_column", "create_index"],
        "down": ["drop_index", "drop_column"],
    }
    project.upgrade()
    assert project.differences() == []
    assert "pronouns" in columns(engine)

    # The new release sees the old rows, and the old one is still running beside it.
    new = after.caller()
    assert new.get(profile)["profile"] == first
    assert after.count("Profile") == 1
    old.patch(profile, {"preferred_name": "Ada"})
    other = before.contact(first_name="Mary", last_name="Somerville")
    old.patch(f"/contacts/{other}/relationship", {"personal_notes": "Learnt algebra by herself."})
    new.patch(profile, {"assistant_name": "Charles"})
    for caller in (old, new):
        assert caller.get(profile)["profile"]["preferred_name"] == "Ada"
        assert caller.get(profile)["profile"]["assistant_name"] == "Charles"
        assert len(caller.get(f"/contacts/{contact}/life-events")["events"]) == 1

    project.downgrade()
    assert "pronouns" not in columns(engine)
    assert AlembicProject(tmp_path / "old", engine, before.models.db.metadata).differences() == []
    assert old.get(profile)["profile"]["personal_notes"] == "Plays the cello."
    old.patch(profile, {"preferred_name": None})


def test_a_process_that_starts_too_early(before: Made, after: Made) -> None:
    """The new release needs its column: so the database is upgraded first, while the old one goes on."""
    path = f"/contacts/{before.contact()}/relationship"
    before.caller().get(path)
    assert after.caller().ask("GET", path).status_code in (500, 503)
    before.caller().get(path)
