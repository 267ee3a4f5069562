"""Describe the mapping, and read every field of one real row of each model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from ..api.application import state
from ..db.statements import execute
from ..errors import Forbidden, place_of
from ..hosts.bind import bind_fields
from ..hosts.bound import SYSTEM, Host
from ..hosts.sources import odd_rows
from .check_run import CheckRun
from .description import describe
from .host_tables import is_migrated
from .results import CONFIGURATION_ERRORS_PAGE, CheckResult, FieldReading, Kind

MAPPING = Kind("mapping", "ok", "How each field of one model is read, with one row as a sample.", "mapping.md#forms")
FIELD_ABSENT = Kind(
    "field_absent",
    "warning",
    "A field was left out, and the model has no attribute with its name.",
    "mapping.md#fields",
    "Name the attribute in the mapping, or write None.",
)
FIELD_FAILS = Kind(
    "field_fails",
    "error",
    "Reading a field of a real row raises.",
    "mapping.md#forms",
    "Make the function or the attribute accept a row with empty columns, which are None.",
)
NO_ROW = Kind("no_row", "ok", "A model has no row yet, so no field of it could be read.", "mapping.md#forms")
PRESENT_HIDES_ALL = Kind(
    "present_hides_all",
    "warning",
    "A model has rows, and `present` or `deleted` of its mapping hides all of them.",
    "mapping.md#deleted-and-hidden-rows",
    "Return from present the rows that exist. Name in deleted the value that a deleted row has.",
)
NO_COMPANIES = Kind(
    "companies_not_mapped",
    "ok",
    "No companies are mapped. The routes of companies answer 404.",
    "mapping.md#clientprofilemapping",
)

MAX_SHOWN_CHARACTERS = 40


def check(run: CheckRun) -> Iterator[CheckResult]:
    """Check the fields of every mapping, and describe how each is read."""
    mistakes, absent = bind_fields(state.hosts)
    for error in mistakes:
        yield CheckResult(error.code, "error", error.message, error.fix, CONFIGURATION_ERRORS_PAGE)
    for line in absent:
        yield FIELD_ABSENT.result(f"{line}.")
    for host in state.hosts.all():
        yield from _one_model(host, run)
    if state.hosts.company is None:
        yield NO_COMPANIES.result("No companies are mapped. Their routes answer 404.")


def _one_model(host: Host, run: CheckRun) -> Iterator[CheckResult]:
    kind, model = host.mapping.kind.replace("_", " "), host.model.__name__
    descriptions = dict(describe(host, state.hosts))
    sample = _sample(host, run) if is_migrated(host, run) else {}
    if sample is None:
        yield _no_row(host, run)
        sample = {}
    for name, value in sample.items():
        if isinstance(value, Exception):
            words = f"{model}: reading {name} ({descriptions[name]}) of the first row raises {place_of(value)}."
            yield FIELD_FAILS.result(words)
    fields = tuple(
        FieldReading(name, description, _shown(sample[name]) if name in sample else None)
        for name, description in descriptions.items()
    )
    yield MAPPING.result(f"The {kind} is {model}, with the key {host.key.key}.", fields=fields)


def _no_row(host: Host, run: CheckRun) -> CheckResult:
    model = host.model.__name__
    if execute(run.session, host.mapper, sa.select(host.key).limit(1)).first() is None:
        return NO_ROW.result(f"{model} has no rows, so no field could be read.")
    return PRESENT_HIDES_ALL.result(f"{model} has rows, and present or deleted of its mapping hides all of them.")


def _sample(host: Host, run: CheckRun) -> dict[str, Any] | None:
    """Return each field of the first row, or the exception that reading it raises. None if there is no row."""
    try:
        keys = run.first_keys(host)
    except Forbidden:  # its `present` fails, which is reported as a configuration error
        return {}
    if not keys:
        return None
    names = [*host.fields, *host.links]
    values, error = run.attempt(_read, host, keys[0], names, run)
    if error is None:
        return dict(zip(names, values, strict=True))
    # One of the fields failed. Read one at a time to learn which.
    attempts = {name: run.attempt(_read, host, keys[0], [name], run) for name in names}
    return {name: error or values[0] for name, (values, error) in attempts.items()}


def _read(host: Host, key: Any, names: list[str], run: CheckRun) -> Any:
    """Return fields of one row, and raise the first exception of a callable."""
    with odd_rows() as odd:
        rows = host.values(run.session, [key], names, SYSTEM)
    if odd:
        raise odd[0]
    return rows[key]


def _shown(value: Any) -> str | None:
    if isinstance(value, Exception):
        return None
    text = "" if value is None else str(value)
    printable = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return printable if len(printable) <= MAX_SHOWN_CHARACTERS else f"{printable[: MAX_SHOWN_CHARACTERS - 3]}..."
