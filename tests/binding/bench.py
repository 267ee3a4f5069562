"""A small host to make mistakes on, and what comes of each.

A function marked as a `trap` commits its mistake on a `Bench`; `commit` says what the integrator is told.
"""

# ruff: noqa: ARG005  (the lambdas show what they are called with)

from __future__ import annotations

import inspect
import logging
import re
import sys
import textwrap
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import relationship

from flask_relationships import (
    CompanyMapping,
    ConfigurationError,
    ContactMapping,
    Relationships,
    UserMapping,
)


class Bench:
    """A small host on which everything is right until a mistake is made."""

    raises = False
    """Whether a request lets exceptions out, as in a host that is being developed."""

    def __init__(self) -> None:
        self.db = db = SQLAlchemy()
        self.app = self.made = Flask("bench")
        self.app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
        db.init_app(self.app)

        class Company(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(sa.Integer, primary_key=True)
            name = sa.Column(sa.String(200))

        class User(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(sa.Integer, primary_key=True)
            name = sa.Column(sa.String(200))

        class Contact(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(sa.Integer, primary_key=True)
            first_name = sa.Column(sa.String(100))
            last_name = sa.Column(sa.String(100))
            email = sa.Column(sa.String(200))
            mobile = sa.Column(sa.String(50))
            employer = sa.Column(sa.String(50))
            status = sa.Column(sa.String(50))
            organisation_id = sa.Column(sa.ForeignKey(Company.id))
            organisation = relationship(Company)

            def label(self, style: str) -> str:
                return style

        self.Company, self.User, self.Contact = Company, User, Contact

    def contact(self, **sources: Any) -> ContactMapping:
        return ContactMapping(self.Contact, **{"phone": "mobile", "company": "organisation_id", **sources})

    def bind(self, app: Any = None, **options: Any) -> Relationships:
        """Everything as it should be, but for the options."""
        right: dict[str, Any] = {
            "contact": self.contact(),
            "company": CompanyMapping(self.Company),
            "user": UserMapping(self.User),
            "permission": lambda user, permission, target: True,
            "current_user": lambda: {"id": 1},
        }
        given = {name: value for name, value in {**right, **options}.items() if value is not ...}
        tool = Relationships(**given)
        tool.init_app(app or self.app)
        return tool

    def make_tables(self) -> None:
        """The tables there are, and the user who asks."""
        with self.app.app_context():
            self.db.create_all()
            self.db.session.add_all([self.User(id=1, name="Ada"), self.Contact(id=1, first_name="Grace")])
            self.db.session.commit()

    def without_celery(self) -> None:
        """As where it is not installed."""
        self._celery = sys.modules.get("celery")
        sys.modules["celery"] = None  # type: ignore[assignment]

    def close(self) -> None:
        """Forget its models: some of them cannot be configured, which SQLAlchemy would tell every other host."""
        if sys.modules.get("celery", self) is None:
            del sys.modules["celery"]
            if self._celery is not None:
                sys.modules["celery"] = self._celery
        with self.made.app_context():
            self.db.session.remove()
            for engine in self.db.engines.values():
                engine.dispose()
        self.db.Model.registry.dispose(cascade=True)

    def ask(self, path: str = "/relationship-actions") -> None:
        self.app.config["PROPAGATE_EXCEPTIONS"] = self.raises
        self.app.test_client().get(f"/api/relationships{path}")


Commit = Callable[[Bench], Any]


@dataclass(frozen=True)
class Trap:
    """One mistake: `code` is None where only the log tells of it; `words` stand in what is told."""

    name: str
    code: str | None
    commit: Commit
    words: tuple[str, ...] = field(default=())

    @property
    def source(self) -> str:
        """The lines that commit it, as an integrator would write them."""
        lines = textwrap.dedent(inspect.getsource(self.commit)).splitlines()
        body = lines[next(place for place, line in enumerate(lines) if line.startswith("def ")) + 1 :]
        shown = textwrap.dedent("\n".join(body))
        for bench, integrator in _AS_WRITTEN:
            shown = re.sub(bench, integrator, shown)
        return shown.strip()


_AS_WRITTEN = (
    (r"\s+# type.*", ""),
    (r"bench\.make_tables\(\)\n", ""),
    (r"bench\.without_celery\(\)\n", ""),
    (r"bench\.ask\(.*\)", "# and a request"),
    (r"bench\.bind\(\)", "Relationships(app)"),
    (r"bench\.bind\(", "Relationships(app, "),
    (r"bench\.contact\(", "ContactMapping(Contact, "),
    (r"bench\.|\b_ = ", ""),
)
"""What stands in the catalogue, and what an integrator would have written."""


TRAPS: list[Trap] = []


def trap(code: str | None, *words: str) -> Callable[[Commit], Commit]:
    """Add a mistake to the catalogue. ``words`` must stand in its message or its fix."""

    def add(commit: Commit) -> Commit:
        TRAPS.append(Trap(commit.__name__.replace("_", " "), code, commit, words))
        return commit

    return add


@dataclass(frozen=True)
class Told:
    """What came of a mistake: its code where it has one, what was said, and the fix where that stands by itself."""

    code: str | None
    message: str
    fix: str
    other: BaseException | None = None


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info is None:
            self.lines.append(record.getMessage())


def commit(mistake: Trap) -> Told:
    """Commit a mistake on a bench of its own, and say what the integrator is told. Raises nothing."""
    bench = Bench()
    bench.raises = mistake.code is not None
    kept, loggers = _Kept(), [logging.getLogger("flask_relationships"), bench.app.logger]
    for logger in loggers:
        logger.addHandler(kept)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            mistake.commit(bench)
    except ConfigurationError as error:
        found = [one for one in error.mistakes if one.code == mistake.code] or list(error.mistakes)
        return Told(found[0].code, found[0].message, found[0].fix)
    except Exception as error:
        return Told(None, f"{type(error).__name__}: {error}", "", error)
    finally:
        for logger in loggers:
            logger.removeHandler(kept)
        bench.close()
    lines = [*(str(one.message) for one in warned), *(line for line in kept.lines if " has no " not in line)]
    return Told(None, lines[0] if lines else "", "")
