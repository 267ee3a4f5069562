"""Whether a column in the database can hold what ours is for. Where it is not sure, it can: no false alarms."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

FAMILIES: dict[str, str] = {
    name: family
    for family, names in {
        "text": "CHAR VARCHAR NCHAR NVARCHAR CHARACTER TEXT TINYTEXT MEDIUMTEXT LONGTEXT CLOB STRING",
        "whole number": "INT INTEGER BIGINT SMALLINT TINYINT MEDIUMINT SERIAL BIGSERIAL",
        "number": "DOUBLE FLOAT REAL NUMERIC DECIMAL",
        "truth value": "BOOL BOOLEAN",
        "time": "DATETIME TIMESTAMP",
        "date": "DATE",
        "UUID": "UUID",
        "JSON": "JSON JSONB",
        "bytes": "BLOB BYTEA BINARY VARBINARY LONGBLOB",
    }.items()
    for name in names.split()
}

SAME_ELSEWHERE: dict[str, tuple[frozenset[str], ...]] = {
    "mysql": (
        frozenset({"truth value", "whole number"}),  # BOOL is TINYINT there
        frozenset({"JSON", "text"}),  # JSON is LONGTEXT in MariaDB
        frozenset({"UUID", "text"}),  # CHAR(32) before MariaDB 10.7
    ),
    "sqlite": (
        frozenset({"truth value", "whole number"}),
        frozenset({"JSON", "text"}),
        frozenset({"UUID", "text"}),
    ),
}
"""Families that one database keeps alike."""

_LENGTH = re.compile(r"^\w+\((\d+)\)")


def types_differ(ours: sa.types.TypeEngine[Any], found: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> str:
    """What a column is and what it should be, where these are different families of types; else nothing."""
    mine, theirs = _spelling(ours, dialect), _spelling(found, dialect)
    families = {_family(mine), _family(theirs)}
    alike = "" in families or len(families) == 1 or families in _same(dialect)
    return "" if alike else f"{theirs}, not {mine}"


def shorter(ours: sa.types.TypeEngine[Any], found: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> str:
    """The same for two lengths of text. SQLite minds no lengths."""
    mine, theirs = _spelling(ours, dialect), _spelling(found, dialect)
    if dialect.name == "sqlite" or _family(mine) != "text" or _family(theirs) != "text":
        return ""
    needed, there = _LENGTH.match(mine), _LENGTH.match(theirs)
    if there is None or (needed is not None and int(there[1]) >= int(needed[1])):
        return ""
    return f"{theirs.split(' ')[0]}, not {mine}"


def _same(dialect: sa.Dialect) -> tuple[frozenset[str], ...]:
    return SAME_ELSEWHERE.get("mysql" if dialect.name in ("mysql", "mariadb") else dialect.name, ())


def _spelling(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> str:
    try:
        return kind.compile(dialect)
    except sa.exc.CompileError:  # a type that SQLAlchemy could not reflect
        return ""


def _family(spelling: str) -> str:
    word = re.match(r"\w+", spelling)
    return FAMILIES.get(word[0].upper(), "") if word else ""
