"""Reading one field of the host's rows for a check."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..db.statements import execute
from ..hosts.bound import BATCH, SYSTEM, Host
from ..hosts.sources import odd_rows
from .examination import Examination


def read_field(host: Host, name: str, examination: Examination, most: int) -> Iterator[Any]:
    """Yield a field of the rows that exist, in batches by key, of at most ``most`` rows.

    :raises Exception: what a callable of the mapping raises for a row.
    """
    session, last, left = examination.session, None, most
    while left:
        size = min(left, BATCH)
        statement = host.rows(SYSTEM).with_only_columns(host.key).order_by(host.key).limit(size)
        if last is not None:
            statement = statement.where(host.key > last)
        keys = list(execute(session, host.mapper, statement).scalars())
        if keys:
            with odd_rows() as odd:
                found = host.values(session, keys, [name], SYSTEM)
            if odd:
                raise odd[0]
            yield from (value for (value,) in found.values())
            last = keys[-1]
        left = left - size if len(keys) == size else 0
