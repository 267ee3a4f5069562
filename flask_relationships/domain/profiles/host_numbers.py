"""The table of the host's numbers by contact.

It is brought up to date when a request reads a contact, and by a scheduled job in batches of contacts.
The same function brings profiles that follow the host up to date, so that an inbound message finds a changed number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from ...context import Context
from ...db.statements import execute, retried
from ...hosts.bound import BATCH, SYSTEM, HostRow
from ..consent.models import ConsentEntryTable
from ..contacts.addresses import address_key
from ..contacts.numbers import HOST_SOURCE
from . import prefill
from .service import follow_host

ATTEMPTS = 20
"""How often a batch is begun again that waited for another process."""

HOST_FIELDS = ("phone",)
"""What is read of each contact; birthdays have a pass of their own."""


class Batch(NamedTuple):
    """What one batch of contacts needs: rows to insert and to change, contacts to delete rows of, profiles behind."""

    new: list[dict[str, Any]]
    other: list[dict[str, Any]]
    gone: list[Any]
    behind: list[tuple[HostRow, Any]]

    @property
    def size(self) -> int:
        """How many contacts have something to bring up to date."""
        rows = [*self.new, *self.other]
        return len({row["contact_id"] for row in rows} | set(self.gone) | {row.key for row, _ in self.behind})


class Refreshed(NamedTuple):
    """How many contacts of a batch were brought up to date, the keys of numbers they have got, the ledger's lines."""

    contacts: int
    keys: list[str]
    entries: list[ConsentEntryTable]


def refresh(ctx: Context) -> Iterator[Refreshed]:
    """Bring the numbers of all present contacts up to date. Yields after each batch, committed."""
    for keys in _batches(ctx):
        yield retried(ctx.session, partial(_refresh_keys, ctx, keys), ATTEMPTS, unless=lambda: False)


def count(ctx: Context) -> int:
    """Return how many contacts `refresh` would bring up to date. Writes nothing."""
    return sum(_plan(ctx, _read(ctx, keys)).size for keys in _batches(ctx))


def is_behind(ctx: Context, contact: HostRow) -> bool:
    """Return whether the table of numbers has another number of this contact than the host. Reads nothing."""
    return "phone" in ctx.hosts.contact.fields and _number_of(ctx, contact) != contact.stored_number


def refresh_one(ctx: Context, contact: HostRow) -> Refreshed:
    """Bring the numbers of one contact up to date. Commits."""
    return _refresh(ctx, {contact.key: contact})


def _refresh_keys(ctx: Context, keys: Sequence[Any]) -> Refreshed:
    return _refresh(ctx, _read(ctx, keys))


def _number_of(ctx: Context, contact: HostRow) -> str | None:
    text = prefill.host_columns(ctx, "phone_number", contact.values)["phone_number"]
    return ctx.numbers.number(text)


def _read(ctx: Context, keys: Sequence[Any]) -> dict[Any, HostRow]:
    found = ctx.hosts.contact.values(ctx.session, keys, HOST_FIELDS, SYSTEM)
    return {key: HostRow(None, key, dict(zip(HOST_FIELDS, told, strict=True)), SYSTEM) for key, told in found.items()}


def _batches(ctx: Context) -> Iterator[Sequence[Any]]:
    contact, seen = ctx.hosts.contact, None
    while "phone" in contact.fields:
        asked = contact.keys(SYSTEM).order_by(None).order_by(contact.key).limit(BATCH)
        asked = asked if seen is None else asked.where(contact.key > seen)
        keys = list(execute(ctx.session, contact.mapper, asked).scalars())
        if keys:
            yield keys
        if len(keys) < BATCH:
            return
        seen = keys[-1]


def _plan(ctx: Context, rows: Mapping[Any, HostRow]) -> Batch:
    table, profile, now = ctx.models.ContactNumber, ctx.models.Profile, ctx.now()
    ours = sa.select(table).where(table.contact_id.in_(list(rows)), table.source == HOST_SOURCE)
    known = {row.contact_id: row for row in ctx.execute(ours).scalars()}
    batch = Batch([], [], [], [])
    for key, row in rows.items():
        number = _number_of(ctx, row)
        there = known.get(key)
        if number is None:
            batch.gone.extend([key] if there is not None else [])
        elif there is None or (there.number, there.number_key) != (number, address_key(number)):
            values = {"number": number, "number_key": address_key(number), "read_at": now}
            new = {"id": uuid7(), "contact_id": key, "source": HOST_SOURCE, **values}
            (batch.new if there is None else batch.other).append(new)
    following = sa.or_(profile.phone_number_source.is_(None), profile.phone_number_source == HOST_SOURCE)
    theirs = sa.select(profile).where(profile.contact_id.in_(list(rows)), following)
    for one in ctx.execute(theirs).scalars():
        if prefill.changes(ctx, one, rows[one.contact_id].values):
            batch.behind.append((rows[one.contact_id], one))
    return batch


def _refresh(ctx: Context, rows: Mapping[Any, HostRow]) -> Refreshed:
    batch, table = _plan(ctx, rows), ctx.models.ContactNumber
    if batch.new:
        ctx.insert_if_absent(table, *batch.new)
    for row in batch.other:
        mine = sa.update(table).where(table.contact_id == row["contact_id"], table.source == HOST_SOURCE)
        values = {name: row[name] for name in ("number", "number_key", "read_at")}
        ctx.update_where(mine.values(values))
    if batch.gone:
        gone = sa.delete(table).where(table.contact_id.in_(batch.gone), table.source == HOST_SOURCE)
        ctx.update_where(gone)
    got, entries = [row["number_key"] for row in (*batch.new, *batch.other)], []
    for contact, profile in batch.behind:
        followed = follow_host(ctx, contact, profile)
        got += [profile.phone_key] if followed.number and profile.phone_key else []
        entries += [followed.entry] if followed.entry is not None else []
    ctx.session.commit()
    return Refreshed(batch.size, got, entries)
