"""The mapping as it was understood, tried on one real row of each model."""

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
from .description import describe
from .examination import Examination
from .findings import MISTAKES, Finding, Kind, Reading
from .host_tables import is_migrated

MAPPING = Kind("mapping", "ok", "How each field of one model is read, tried on one row.", "mapping.md#forms")
FIELD_ABSENT = Kind(
    "field_absent",
    "warning",
    "A field was left out, and the model has no attribute of that name.",
    "mapping.md#fields",
    "Name the attribute in the mapping, or say None.",
)
FIELD_FAILS = Kind(
    "field_fails",
    "error",
    "Reading a field of a real row raises.",
    "mapping.md#forms",
    "Make the function, or the attribute, take a row as it is in the database; empty columns are None there.",
)
NO_ROW = Kind("no_row", "ok", "A model has no row yet, so no field of it could be tried.", "mapping.md#forms")
PRESENT_HIDES_ALL = Kind(
    "present_hides_all",
    "warning",
    "A model has rows, and its `present` or `deleted` lets none of them through.",
    "mapping.md#deleted-and-hidden-rows",
    "present returns the rows that exist, not those that are gone; deleted names what a deleted row has.",
)
NO_COMPANIES = Kind(
    "companies_not_mapped",
    "ok",
    "No companies are mapped: routes of companies answer 404.",
    "mapping.md#clientprofilemapping",
)


def look(examination: Examination) -> Iterator[Finding]:
    mistakes, absent = bind_fields(state.hosts)
    for mistake in mistakes:
        yield Finding(mistake.code, "error", mistake.message, mistake.fix, MISTAKES)
    for line in absent:
        yield FIELD_ABSENT.found(f"{line}.")
    for host in state.hosts.all():
        yield from _one(host, examination)
    if state.hosts.company is None:
        yield NO_COMPANIES.found("No companies are mapped: their routes answer 404.")


def _one(host: Host, examination: Examination) -> Iterator[Finding]:
    kind, model = host.mapping.kind.replace("_", " "), host.model.__name__
    words = dict(describe(host, state.hosts))
    values: dict[str, str] = {}
    if is_migrated(host, examination):
        found = _sample(host, examination)
        if found is None:
            yield from _no_row(host, examination)
        for name, value in (found or {}).items():
            if isinstance(value, Exception):
                yield FIELD_FAILS.found(
                    f"{model}: reading {name} ({words[name]}) of the first row raises {place_of(value)}."
                )
            else:
                values[name] = _shown(value)
    readings = tuple(Reading(name, how, values.get(name)) for name, how in words.items())
    yield MAPPING.found(f"The {kind} is {model}, by its key {host.key.key}.", fields=readings)


def _no_row(host: Host, examination: Examination) -> Iterator[Finding]:
    statement = sa.select(host.key).limit(1)
    model = host.model.__name__
    if execute(examination.session, host.mapper, statement).first() is None:
        yield NO_ROW.found(f"{model} has no rows, so none could be read.")
    else:
        yield PRESENT_HIDES_ALL.found(
            f"{model} has rows, and present or deleted of its mapping lets none of them through."
        )


def _sample(host: Host, examination: Examination) -> dict[str, Any] | None:
    """What each field reads of the first row, or the exception that it raises. None where there is no row."""
    try:
        keys = examination.first_keys(host)
    except Forbidden:  # its present fails, which is a mistake of its own
        return {}
    names = [*host.fields, *host.links]
    if not keys:
        return None
    try:
        with odd_rows() as odd:
            found = host.values(examination.session, keys, names, SYSTEM)
        if not odd:
            return dict(zip(names, found[keys[0]], strict=True))
    except Exception:  # one of them, and only one at a time can tell which
        examination.undo()
    return {name: _alone(host, keys[0], name, examination) for name in names}


def _alone(host: Host, key: Any, name: str, examination: Examination) -> Any:
    try:
        with odd_rows() as odd:
            value = host.values(examination.session, [key], [name], SYSTEM)[key][0]
        return odd[0] if odd else value
    except Exception as error:
        examination.undo()
        return error


def _shown(value: Any) -> str:
    if value is None:
        return ""
    text = "".join(character if character.isprintable() else "\ufffd" for character in str(value))
    return text if len(text) <= 40 else f"{text[:37]}..."
