"""Idempotency-Key on the POSTs that create: the same request twice is done once, and answered twice.

A key belongs to one user, method and path, and is remembered for a day, and for longer while its message is unsettled.
What is older is deleted by ``run_due``; where
nobody runs that, once an hour by a request.
"""

from __future__ import annotations

import hashlib
import math
import re
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from ..api.application import state
from ..db.statements import changed, execute, insert_if_absent
from ..domain.models import Models
from ..errors import IdempotencyKeyReused, InvalidIdempotencyKey, RequestInFlight

REMEMBERED = timedelta(hours=24)

BETWEEN_DELETIONS = timedelta(hours=1)

LEASE = timedelta(seconds=60)
"""How long a request without a message has its key to itself before it is taken for dead."""

ACCEPTED = 202
"""The status of an answer that says that a message is unconfirmed: what became of it may be known later."""

UNCLEAR = ("sending", "unconfirmed")
"""The statuses of messages that may have left without our knowing."""

_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")


class Answer(NamedTuple):
    """An answer given before, to be given again."""

    status: int
    body: str


def scope_of(user: Any, method: str, path: str, key: str) -> str:
    """What a key is unique in. Raises `InvalidIdempotencyKey`."""
    if not _VISIBLE.fullmatch(key):
        raise InvalidIdempotencyKey
    return hashlib.sha256("\n".join([str(user), method, path, key]).encode()).hexdigest()


class Unfinished(NamedTuple):
    """A message whose request has not been answered for good. Its present state is the answer."""

    claim: UUID
    message_id: UUID


def begin(
    session: Session, models: Models, scope: str, body: bytes, now: datetime, contact: Any = None
) -> UUID | Answer | Unfinished:
    """Claim a key: our claim's id, the answer of whoever claimed it before, or the message that they have written.

    The claim is part of the request's own transaction; a twin that comes meanwhile waits for its end. A claim whose
    lease is over belongs to a request that died: without a message it is taken over, and the request runs again.

    :param contact: the contact that the answer is about, with which it is deleted.
    :raises IdempotencyKeyReused: for another body.
    :raises RequestInFlight: as long as the lease of a claim without an answer lasts.
    """
    table, mapper = models.IdempotencyKey, models.mapper
    if state.keys_forgotten_at is None or state.keys_forgotten_at < now - BETWEEN_DELETIONS:
        forget_old(session, models, now)
    claim, digest = uuid7(), hashlib.sha256(body).hexdigest()
    own = {"id": claim, "scope": scope, "body_digest": digest, "created_at": now, "contact_id": contact}
    insert_if_absent(session, table, {**own, "leased_until": now + LEASE})
    if execute(session, mapper, sa.select(table.id).where(table.id == claim)).first() is not None:
        return claim
    session.commit()  # what another has committed since this transaction began is only seen by a new one
    names = ("id", "body_digest", "status", "answer", "created_at", "leased_until", "message_id")
    columns = (getattr(table, name) for name in names)
    old = is_old(models, now).label("old")
    found = execute(session, mapper, sa.select(*columns, old).where(table.scope == scope)).first()
    if found is None:  # its request was refused, or it was forgotten
        raise RequestInFlight(headers={"Retry-After": "1"})
    if found.old:
        forget_old(session, models, now)
        session.commit()
        return begin(session, models, scope, body, now, contact)
    if found.body_digest != digest:
        raise IdempotencyKeyReused
    return _known(session, models, found, now)


def _known(session: Session, models: Models, found: Any, now: datetime) -> UUID | Answer | Unfinished:
    unclear = found.status == ACCEPTED and found.message_id is not None
    if found.status is not None and not unclear:
        return Answer(found.status, found.answer)
    left = (found.leased_until or found.created_at + REMEMBERED) - now
    if found.status is None and left > timedelta(0):
        raise RequestInFlight(headers={"Retry-After": str(math.ceil(left.total_seconds()))})
    if found.message_id is not None:
        return Unfinished(found.id, found.message_id)
    return take_over(session, models, found.id, found.leased_until, now)


def take_over(session: Session, models: Models, claim: UUID, leased_until: datetime | None, now: datetime) -> UUID:
    """Take a claim whose request died. Raises `RequestInFlight` where a twin has just done so."""
    table = models.IdempotencyKey
    dead = (table.id == claim, table.leased_until.is_not_distinct_from(leased_until))
    values = {"leased_until": now + LEASE, "created_at": now, "status": None, "answer": None, "message_id": None}
    if not changed(session, models.mapper, sa.update(table).where(*dead).values(values)):
        raise RequestInFlight(headers={"Retry-After": str(int(LEASE.total_seconds()))})
    return claim


def claim_again(session: Session, models: Models, claim: UUID, now: datetime) -> UUID:
    """Take the claim of a message that is not there any more."""
    table = models.IdempotencyKey
    leased_until = execute(session, models.mapper, sa.select(table.leased_until).where(table.id == claim)).scalar()
    return take_over(session, models, claim, leased_until, now)


def remember_message(session: Session, models: Models, claim: UUID, message_id: UUID, leased_until: datetime) -> None:
    """Note the message that a request has written, in the transaction that writes it."""
    table, values = models.IdempotencyKey, {"message_id": message_id, "leased_until": leased_until}
    changed(session, models.mapper, sa.update(table).where(table.id == claim).values(values))


def finish(session: Session, models: Models, claim: UUID, status: int, body: str, contact: Any = None) -> None:
    """Remember the answer with the work it belongs to. A claim that was rolled back is not there any more.

    :param contact: the contact that the answer is about, where the path of the request names none.
    """
    table, values = models.IdempotencyKey, {"status": status, "answer": body}
    if contact is not None:
        values["contact_id"] = contact
    changed(session, models.mapper, sa.update(table).where(table.id == claim).values(values))


def is_old(models: Models, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a key is no longer remembered: after a day, and once its message is settled."""
    table, message = models.IdempotencyKey, models.Message
    waiting = sa.and_(message.status == "queued", message.provider_sid.is_(None))
    unsettled = sa.exists().where(message.id == table.message_id, sa.or_(message.status.in_(UNCLEAR), waiting))
    return sa.and_(table.created_at < now - REMEMBERED, ~unsettled)


def forget_old(session: Session, models: Models, now: datetime) -> int:
    """Delete the keys that are no longer remembered. Returns how many there were."""
    state.keys_forgotten_at = now
    return changed(session, models.mapper, sa.delete(models.IdempotencyKey).where(is_old(models, now)))


def forget(session: Session, models: Models, claim: UUID) -> None:
    """Nothing came of the request: its key may be used again."""
    table = models.IdempotencyKey
    changed(session, models.mapper, sa.delete(table).where(table.id == claim))
