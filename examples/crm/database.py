"""The CRM's database: an SQLite file, how it comes to be, and that it enforces its foreign keys; or another."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session

from .sample_data import fill


def init_app(app: Flask, db: SQLAlchemy) -> None:
    """Bind ``db`` to the file that ``DATABASE`` names, which the first connection creates with sample data.

    Where the configuration names a database by its URL, that is used as it is.
    """
    if "SQLALCHEMY_DATABASE_URI" in app.config:
        db.init_app(app)
        with app.app_context():
            sa.event.listen(db.engine, "connect", enforce_foreign_keys)
        return
    path = Path(app.config["DATABASE"])
    app.config["SQLALCHEMY_DATABASE_URI"] = url_of(path)
    db.init_app(app)
    with app.app_context():
        sa.event.listen(db.engine, "do_connect", lambda *_: create_unless_there(path))
        sa.event.listen(db.engine, "connect", enforce_foreign_keys)


def create_unless_there(path: Path) -> None:
    """Create the file, filled with sample data, unless it exists. Safe for any number of processes at once."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix="crm-") as folder:
        draft = Path(folder) / path.name
        engine = sa.create_engine(url_of(draft))
        sa.event.listen(engine, "connect", enforce_foreign_keys)
        with Session(engine) as session:
            fill(session, datetime.now(UTC))
            session.commit()
        engine.dispose()
        publish(draft, path)


def publish(draft: Path, path: Path) -> None:
    """Give a finished file its name in one step, so that nobody ever opens half of one. The first comer wins."""
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        draft.replace(path)


def url_of(path: Path) -> sa.URL:
    return sa.URL.create("sqlite", database=str(path))


def enforce_foreign_keys(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA foreign_keys = ON")
