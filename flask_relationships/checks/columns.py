"""Compare the type of a column in the database with ours. In doubt the types match, to avoid false alarms."""

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

_STORED_ALIKE = (
    frozenset({"truth value", "whole number"}),  # BOOL is TINYINT in MySQL
    frozenset({"JSON", "text"}),  # JSON is LONGTEXT in MariaDB
    frozenset({"UUID", "text"}),  # CHAR(32) before MariaDB 10.7
)
STORED_ALIKE = dict.fromkeys(("sqlite", "mysql", "mariadb"), _STORED_ALIKE)
"""The families that a database stores in the same type."""

_LENGTH = re.compile(r"^\w+\((\d+)\)")


def type_difference(ours: sa.types.TypeEngine[Any], found: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> str:
    """Return the type found and the expected one if their families differ; else ""."""
    expected, actual = _spelling(ours, dialect), _spelling(found, dialect)
    families = {_family(expected), _family(actual)}
    is_alike = "" in families or len(families) == 1 or families in STORED_ALIKE.get(dialect.name, ())
    return "" if is_alike else f"{actual}, not {expected}"


def length_difference(ours: sa.types.TypeEngine[Any], found: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> str:
    """Return the type found and the expected one if its text is shorter; else "". SQLite ignores lengths."""
    expected, actual = _spelling(ours, dialect), _spelling(found, dialect)
    if dialect.name == "sqlite" or {_family(expected), _family(actual)} != {"text"}:
        return ""
    needed, existing = _LENGTH.match(expected), _LENGTH.match(actual)
    if existing is None or (needed is not None and int(existing[1]) >= int(needed[1])):
        return ""
    return f"{actual.split(' ')[0]}, not {expected}"


def _spelling(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> str:
    try:
        return kind.compile(dialect)
    except sa.exc.CompileError:  # a type that SQLAlchemy could not reflect
        return ""


def _family(spelling: str) -> str:
    return FAMILIES.get(re.split(r"\W", spelling, maxsplit=1)[0].upper(), "")
