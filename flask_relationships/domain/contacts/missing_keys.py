"""Comparison keys of rows that version 0.1 wrote, filled in by a scheduled job in bounded batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from ...context import Context
from ...hosts.bound import BATCH
from ..models import Models
from .addresses import address_key
from .numbers import inbound_key

MAX_ROWS = 10_000
"""Rows of each table that one run fills in."""


def _rows(models: Models, most: int) -> Iterator[tuple[type[Any], str, sa.Select[Any]]]:
    """Yield each table, the name of its key's column, and a select of rows without a key.

    ``inbound`` of a row is 1 where the provider sent the number.
    """
    message = models.Message
    inbound = message.direction == "inbound"
    address = sa.case((inbound, message.from_number), else_=message.to_number)
    numbers: tuple[tuple[type[Any], str, Any, Any], ...] = (
        (models.Suppression, "number_key", models.Suppression.number, sa.true()),
        (models.ConsentEntry, "number_key", models.ConsentEntry.number, sa.true()),
        (message, "address_key", address, inbound),
    )
    for table, name, number, from_provider in numbers:
        missing = (getattr(table, name).is_(None), number.is_not(None))
        columns = (table.id, number.label("number"), sa.case((from_provider, 1), else_=0).label("inbound"))
        yield table, name, sa.select(*columns).where(*missing).limit(most)


def count(ctx: Context) -> int:
    """Return how many rows `fill` would fill in."""
    total = 0
    for _, _, rows in _rows(ctx.models, MAX_ROWS):
        counted = sa.select(sa.func.count()).select_from(rows.subquery())
        total += int(ctx.execute(counted).scalar_one())
    return total


def fill(ctx: Context) -> int:
    """Fill in the keys of rows that have a number and no key. Commits in batches; returns how many rows it filled."""
    filled = 0
    for table, name, rows in _rows(ctx.models, BATCH):
        local = sa.inspect(table).local_table
        of_row = local.c.id == sa.bindparam("of_row")
        for _ in range(MAX_ROWS // BATCH):
            found = ctx.execute(rows).all()
            values = [
                {"of_row": row.id, "key": inbound_key(ctx, row.number) if row.inbound else address_key(row.number)}
                for row in found
            ]
            if values:
                filling = sa.update(local).where(of_row).values({name: sa.bindparam("key")})
                ctx.session.execute(filling, values, bind_arguments={"mapper": ctx.models.mapper})
            ctx.commit()
            filled += len(found)
            if len(found) < BATCH:
                break
    return filled
