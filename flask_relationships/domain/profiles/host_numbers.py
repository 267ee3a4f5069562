"""Update the table of the host's numbers by contact, and the profiles that follow the host.

A request that reads a contact does so, and a scheduled job for all contacts. So an inbound message finds a changed
number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from ...context import Context
from ...hosts.bound import HostRow
from ..batches import read_contact_keys, retry
from ..consent.models import ConsentEntryTable
from ..contacts.addresses import address_key
from ..contacts.numbers import HOST_SOURCE
from . import prefill
from .host_rows import read_host_rows
from .service import follow_host

CONTACT_FIELDS = ("phone",)
"""The fields of a contact that are read; `host_birthdays` reads birthdays."""


class Batch(NamedTuple):
    """What one batch of contacts needs.

    ``new`` and ``changed``: rows of numbers. ``gone``: contacts without a number. ``behind``: profiles that differ
    from the host, with their contacts.
    """

    new: list[dict[str, Any]]
    changed: list[dict[str, Any]]
    gone: list[Any]
    behind: list[tuple[HostRow, Any]]

    @property
    def size(self) -> int:
        """How many contacts have something to update."""
        rows = [*self.new, *self.changed]
        return len({row["contact_id"] for row in rows} | set(self.gone) | {row.key for row, _ in self.behind})


class Refreshed(NamedTuple):
    """How many contacts of a batch were updated, the keys of their new numbers, and the ledger's lines."""

    contacts: int
    keys: list[str]
    entries: list[ConsentEntryTable]


def refresh(ctx: Context) -> Iterator[Refreshed]:
    """Update the numbers of all present contacts. Yields after each batch, committed."""
    for keys in _read_keys(ctx):
        yield retry(ctx, _refresh_keys, ctx, keys)


def count(ctx: Context) -> int:
    """Return how many contacts `refresh` would update. Writes nothing."""
    return sum(_plan(ctx, read_host_rows(ctx, keys, CONTACT_FIELDS)).size for keys in _read_keys(ctx))


def is_behind(ctx: Context, contact: HostRow) -> bool:
    """Return whether the table of numbers has another number of this contact than the host. Reads nothing."""
    return "phone" in ctx.hosts.contact.fields and _number_of(ctx, contact) != contact.stored_number


def refresh_one(ctx: Context, contact: HostRow) -> Refreshed:
    """Update the numbers of one contact. Commits."""
    return _refresh(ctx, {contact.key: contact})


def _refresh_keys(ctx: Context, keys: Sequence[Any]) -> Refreshed:
    return _refresh(ctx, read_host_rows(ctx, keys, CONTACT_FIELDS))


def _number_of(ctx: Context, contact: HostRow) -> str | None:
    text = prefill.host_columns(ctx, "phone_number", contact.values)["phone_number"]
    return ctx.numbers.number(text)


def _read_keys(ctx: Context) -> Iterable[Sequence[Any]]:
    return read_contact_keys(ctx) if "phone" in ctx.hosts.contact.fields else ()


def _plan(ctx: Context, rows: Mapping[Any, HostRow]) -> Batch:
    table, now = ctx.models.ContactNumber, ctx.now()
    stored = sa.select(table).where(table.contact_id.in_(list(rows)), table.source == HOST_SOURCE)
    known = {row.contact_id: (row.number, row.number_key) for row in ctx.execute(stored).scalars()}
    batch = Batch([], [], [], _find_behind(ctx, rows))
    for key, contact in rows.items():
        number = _number_of(ctx, contact)
        wanted = None if number is None else (number, address_key(number))
        if wanted == known.get(key):
            continue
        if wanted is None:
            batch.gone.append(key)
            continue
        row = {"id": uuid7(), "contact_id": key, "source": HOST_SOURCE, "read_at": now}
        row |= {"number": wanted[0], "number_key": wanted[1]}
        (batch.changed if key in known else batch.new).append(row)
    return batch


def _find_behind(ctx: Context, rows: Mapping[Any, HostRow]) -> list[tuple[HostRow, Any]]:
    """Return the profiles that follow the host and differ from it, with their contacts."""
    profile = ctx.models.Profile
    following = sa.or_(profile.phone_number_source.is_(None), profile.phone_number_source == HOST_SOURCE)
    theirs = ctx.execute(sa.select(profile).where(profile.contact_id.in_(list(rows)), following)).scalars()
    pairs = [(rows[one.contact_id], one) for one in theirs]
    return [(contact, one) for contact, one in pairs if prefill.changes(ctx, one, contact.values)]


def _refresh(ctx: Context, rows: Mapping[Any, HostRow]) -> Refreshed:
    batch, table = _plan(ctx, rows), ctx.models.ContactNumber
    if batch.new:
        ctx.insert_if_absent(table, *batch.new)
    for row in batch.changed:
        mine = sa.update(table).where(table.contact_id == row["contact_id"], table.source == HOST_SOURCE)
        ctx.update_where(mine.values(number=row["number"], number_key=row["number_key"], read_at=row["read_at"]))
    if batch.gone:
        gone = sa.delete(table).where(table.contact_id.in_(batch.gone), table.source == HOST_SOURCE)
        ctx.update_where(gone)
    followed = [(profile, follow_host(ctx, contact, profile)) for contact, profile in batch.behind]
    keys = [row["number_key"] for row in (*batch.new, *batch.changed)]
    keys += [profile.phone_key for profile, one in followed if one.number]
    ctx.commit()
    return Refreshed(batch.size, list(filter(None, keys)), [one.entry for _, one in followed if one.entry is not None])
