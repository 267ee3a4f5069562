"""Read one field of the host's rows for a check, and describe its values without showing them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..db.statements import execute
from ..hosts.bound import BATCH, SYSTEM, Host
from ..hosts.sources import odd_rows
from .check_run import CheckRun
from .host_tables import is_migrated

MAX_SHAPE_LENGTH = 24
SHOWN_SHAPES = 3


def is_sampled(host: Host, name: str, run: CheckRun) -> bool:
    """Return whether the values of a field are read: it is mapped, and its tables are complete."""
    return run.phones > 0 and name in host.fields and is_migrated(host, run)


def read_field(host: Host, name: str, run: CheckRun) -> Iterator[Any]:
    """Yield a field of the rows that exist, in batches by key, of at most ``run.phones`` rows.

    :raises Exception: what a callable of the mapping raises for a row.
    """
    last, remaining = None, run.phones
    while remaining:
        size = min(remaining, BATCH)
        statement = host.rows(SYSTEM).with_only_columns(host.key).order_by(host.key).limit(size)
        if last is not None:
            statement = statement.where(host.key > last)
        keys = list(execute(run.session, host.mapper, statement).scalars())
        if not keys:
            return
        with odd_rows() as odd:
            rows = host.values(run.session, keys, [name], SYSTEM)
        if odd:
            raise odd[0]
        yield from (value for (value,) in rows.values())
        last = keys[-1]
        remaining = remaining - size if len(keys) == size else 0


def sample_size(number: int, run: CheckRun) -> str:
    """Return the number of contacts that were read, and whether there may be more."""
    return f"{number} contacts{' (the first ones; --phones reads more)' if number == run.phones else ''}"


def with_counts(shapes: Counter[str]) -> str:
    """Return the most frequent shapes, each with its count."""
    return ", ".join(f"{shape} ({count})" for shape, count in shapes.most_common(SHOWN_SHAPES))


def text_shape(text: str) -> str:
    """Return the form of a text without its content: digits except a leading 0 as N, letters as x."""
    stripped = text.strip()[:MAX_SHAPE_LENGTH]
    zero = "0" if stripped.startswith("0") else ""
    return zero + "".join(map(_character_shape, stripped.removeprefix("0"))) or "spaces"


def _character_shape(character: str) -> str:
    if character.isdigit():
        return "N"
    if character.isalpha():
        return "x"
    return character if character in " +-()./,;:" else "?"
