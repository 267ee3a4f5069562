"""The subjects of `check`, in the order they are told in, and one examination of them all."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import ModuleType

from flask import current_app
from sqlalchemy.orm import configure_mappers

from ..api.application import state
from ..errors import place_of
from . import (
    address,
    birthdays,
    callbacks,
    csrf,
    database,
    hooks,
    host_tables,
    mapping,
    messaging,
    outside,
    pages,
    phones,
    running,
    time_zone,
    waiting,
    webhooks,
)
from .examination import Examination
from .findings import MISTAKES, Finding, Kind

PAGE = "command-line.md#check"

SESSION_MISSING = Kind(
    "session_missing",
    "error",
    "There is no database session.",
    "quickstart.md#without-flask-sqlalchemy",
    "Pass db, your Flask-SQLAlchemy object, or session=callable to Relationships.",
)
MAPPERS_BROKEN = Kind(
    "mappers_broken",
    "error",
    "SQLAlchemy cannot configure the application's own models; what needs them is not looked at.",
    MISTAKES,
    "Import every module that holds models before the command runs, and put the relationship named right.",
)
NOT_LOOKED_AT = Kind(
    "not_looked_at",
    "error",
    "A part of the check ended in an error that it does not know.",
    PAGE,
    "Put right what is found beside it, and run the check again.",
)

IGNORE_UNKNOWN = Kind(
    "check_ignore_unknown",
    "warning",
    "RELATIONSHIPS_CHECK_IGNORE names a code that no result has.",
    PAGE,
    "Write the code as the result shows it in brackets, or remove it.",
)

SUBJECTS: dict[str, tuple[ModuleType, ...]] = {
    "Mapping": (mapping, hooks),
    "Database": (host_tables, database, birthdays),
    "Access": (callbacks, csrf, outside),
    "Messages": (phones, messaging, webhooks, waiting),
    "Running": (running,),
    "Application": (address, time_zone, pages),
}

WITHOUT_MODELS = (csrf, messaging, address, time_zone, pages)
"""What can be looked at even where no model can be read."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """What was found of one subject."""

    title: str
    findings: list[Finding]


def every_kind() -> list[Kind]:
    """Every kind of finding, in the order of the subjects."""
    modules = [sys.modules[__name__], *(module for modules in SUBJECTS.values() for module in modules)]
    found = [kind for module in modules for kind in vars(module).values() if isinstance(kind, Kind)]
    return list(dict.fromkeys(found))


def examine(phones: int) -> list[Chapter]:
    """Look at the current application. ``phones``: how many telephone numbers are read at most. Changes nothing.

    All of it runs inside one made-up request, since callbacks may look at the request, and in one transaction that is
    rolled back.
    """
    with current_app.test_request_context():
        examination = Examination(phones)
        broken = list(_broken(examination))
        if broken:
            return _acknowledged([Chapter("Models", broken), *_chapters(examination, WITHOUT_MODELS)])
        with examination.nothing_is_kept():
            return _acknowledged(_chapters(examination))


def _acknowledged(chapters: list[Chapter]) -> list[Chapter]:
    """Mark the results that the configuration acknowledges, and report codes in it that no result can have."""
    ignored = state.settings.check_ignore
    unknown = sorted(ignored - {kind.code for kind in every_kind()})
    if unknown:
        words = f"RELATIONSHIPS_CHECK_IGNORE names {', '.join(unknown)}, which no result has as its code."
        chapters = [*chapters, Chapter("Acknowledged results", [IGNORE_UNKNOWN.found(words)])]
    return [
        Chapter(chapter.title, [replace(one, acknowledged=one.code in ignored) for one in chapter.findings])
        for chapter in chapters
    ]


def _broken(examination: Examination) -> Iterator[Finding]:
    """What keeps every model from being read."""
    try:
        configure_mappers()
    except Exception as error:  # what SQLAlchemy says here names classes and attributes, never rows
        yield MAPPERS_BROKEN.found(f"The models cannot be configured: {str(error).splitlines()[0]}")
    try:
        examination.session  # noqa: B018 (whether there is one)
    except Exception as error:
        yield SESSION_MISSING.found(f"Looking for the session raises {place_of(error)}.")


def _chapters(examination: Examination, only: tuple[ModuleType, ...] | None = None) -> list[Chapter]:
    chosen = {
        title: [module for module in modules if only is None or module in only] for title, modules in SUBJECTS.items()
    }
    return [
        Chapter(title, [finding for module in modules for finding in _look(module, examination)])
        for title, modules in chosen.items()
        if modules
    ]


def _look(module: ModuleType, examination: Examination) -> Iterator[Finding]:
    """One subject's findings; what it cannot cope with does not keep the others from being told."""
    try:
        yield from module.look(examination)
    except Exception as error:
        if module not in WITHOUT_MODELS:
            examination.undo()
        yield NOT_LOOKED_AT.found(f"Looking at {module.__name__.rpartition('.')[2]} raises {place_of(error)}.")
