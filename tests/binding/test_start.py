"""What a start does not import: it would be paid for by every worker, every command and every migration of a host."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    *("twilio", "phonenumbers", "apispec", "celery", "redis", "icalendar", "requests"),
    *("flask_relationships.checks", "flask_relationships.cli", "flask_relationships.celery"),
    *("flask_relationships.jobs.commands", "flask_relationships.testing"),
)

IMPORT = "import flask_relationships"

APPLICATION = """
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column
from flask_relationships import ContactMapping, Relationships, UserMapping

db = SQLAlchemy()

class User(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

class Contact(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str]
    last_name: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]

app = Flask("small")
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
db.init_app(app)
Relationships(
    app, db, contact=ContactMapping(Contact), user=UserMapping(User), permission=lambda *_: True,
    current_user=lambda: None,
)
"""


def imported_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has afterwards."""
    told = f"{code}\nimport sys\nprint(*sys.modules)"
    root = Path(__file__).parents[2]
    done = subprocess.run(  # noqa: S603 (this interpreter, and the program above)
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd=root
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("code", [IMPORT, APPLICATION], ids=["import", "init_app"])
def test_a_start_imports_nothing_heavy_that_is_not_needed_yet(code: str) -> None:
    imported = imported_by(code)
    assert "flask_relationships.extension" in imported
    assert sorted(imported.intersection(HEAVY)) == []


def test_an_import_leaves_the_log_in_and_the_dialects_to_the_host() -> None:
    """Flask-Login is one way of several to log in, and a host has one database."""
    imported = imported_by(IMPORT)
    dialects = {f"sqlalchemy.dialects.{name}" for name in ("mysql", "postgresql", "sqlite")}
    assert sorted(imported & {"flask_login", *dialects}) == []


def test_an_application_imports_the_dialect_of_its_own_database_alone() -> None:
    imported = imported_by(APPLICATION)
    assert sorted(imported & {"sqlalchemy.dialects.mysql", "sqlalchemy.dialects.postgresql"}) == []
