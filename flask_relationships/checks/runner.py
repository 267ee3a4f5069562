"""Run all checks of `flask relationships check`, in the order of its output."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Collection, Iterable, Iterator
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
from .check_run import CheckRun
from .results import CONFIGURATION_ERRORS_PAGE, CheckResult, Kind

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
    "SQLAlchemy cannot configure the application's models. The checks that need them are skipped.",
    CONFIGURATION_ERRORS_PAGE,
    "Import every module with models before the command runs, and correct the relationship that is named.",
)
NOT_LOOKED_AT = Kind(
    "not_looked_at",
    "error",
    "A check failed with an unexpected exception.",
    PAGE,
    "Fix the other results, and run the check again.",
)
IGNORE_UNKNOWN = Kind(
    "check_ignore_unknown",
    "warning",
    "RELATIONSHIPS_CHECK_IGNORE contains a code that no result has.",
    PAGE,
    "Write the code as the output shows it in brackets, or remove it.",
)

SECTIONS: dict[str, tuple[ModuleType, ...]] = {
    "Mapping": (mapping, hooks),
    "Database": (host_tables, database, birthdays),
    "Access": (callbacks, csrf, outside),
    "Messages": (phones, messaging, webhooks, waiting),
    "Running": (running,),
    "Application": (address, time_zone, pages),
}

CHECKS = tuple(itertools.chain.from_iterable(SECTIONS.values()))

WITHOUT_MODELS = (csrf, messaging, address, time_zone, pages)
"""The checks that work even if no model can be read."""


@dataclass(frozen=True, slots=True)
class Section:
    """The results of one section of the output."""

    title: str
    results: list[CheckResult]


def all_kinds() -> list[Kind]:
    """Return every kind of result, in the order of the output."""
    modules = [sys.modules[__name__], *CHECKS]
    kinds = [kind for module in modules for kind in vars(module).values() if isinstance(kind, Kind)]
    return list(dict.fromkeys(kinds))


def run_checks(phones: int) -> list[Section]:
    """Check the current application, and change nothing.

    All checks run inside one artificial request, because callbacks may read the request, and in one transaction that
    is rolled back.

    :param phones: maximum number of phone numbers, and of birthdays, that are read.
    """
    with current_app.test_request_context():
        run = CheckRun(phones)
        if faults := list(_faults(run)):
            sections = [Section("Models", faults), *_sections(run, WITHOUT_MODELS)]
        else:
            with run.all_rolled_back():
                sections = _sections(run, CHECKS)
        return _acknowledged(sections)


def _acknowledged(sections: list[Section]) -> list[Section]:
    """Mark the results that the configuration acknowledges, and report codes in it that no result can have."""
    ignored = state.settings.check_ignore
    unknown = sorted(ignored - {kind.code for kind in all_kinds()})
    if unknown:
        words = f"RELATIONSHIPS_CHECK_IGNORE contains {', '.join(unknown)}. No result has such a code."
        sections = [*sections, Section("Acknowledged results", [IGNORE_UNKNOWN.result(words)])]
    return [
        Section(section.title, [replace(result, acknowledged=result.code in ignored) for result in section.results])
        for section in sections
    ]


def _faults(run: CheckRun) -> Iterator[CheckResult]:
    """Yield the faults that prevent every check of models."""
    try:
        configure_mappers()
    except Exception as error:  # SQLAlchemy's text names classes and attributes, never rows
        yield MAPPERS_BROKEN.result(f"The models cannot be configured: {str(error).splitlines()[0]}")
    try:
        run.session  # noqa: B018 (raises if there is none)
    except Exception as error:
        yield SESSION_MISSING.result(f"Opening the session raises {place_of(error)}.")


def _sections(run: CheckRun, checks: Collection[ModuleType]) -> list[Section]:
    """Run some of the checks. A section without one of them is left out."""
    chosen = {title: [module for module in modules if module in checks] for title, modules in SECTIONS.items()}
    return [Section(title, _results(modules, run)) for title, modules in chosen.items() if modules]


def _results(checks: Iterable[ModuleType], run: CheckRun) -> list[CheckResult]:
    """Return the results of checks. If one fails, the others still run."""
    results: list[CheckResult] = []
    for module in checks:
        try:
            results.extend(module.check(run))
        except Exception as error:
            if module not in WITHOUT_MODELS:
                run.undo()
            name = module.__name__.rpartition(".")[2]
            results.append(NOT_LOOKED_AT.result(f"The check of {name} raises {place_of(error)}."))
    return results
