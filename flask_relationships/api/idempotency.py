"""Run a POST with an Idempotency-Key once, and answer its repetitions with the first response.

A key is unique for a user, method and path. It is stored for a day, and longer while its message is not settled. Older
keys are deleted by ``run_due``, and once an hour by a request.
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
"""How long a request without a message holds its key. A request that takes longer counts as dead."""

ACCEPTED = 202
"""The HTTP status of a response about an unconfirmed message, whose state may change later."""

UNSETTLED_STATUSES = ("sending", "unconfirmed")
"""The statuses of messages that may or may not have been sent."""

_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")


class Answer(NamedTuple):
    """The stored response to an earlier request with the same key."""

    status: int
    body: str


def scope_of(user: Any, method: str, path: str, key: str) -> str:
    """Return the digest of user, method, path and key.

    :raises InvalidIdempotencyKey: if the key has other characters than visible ASCII, or more than 255.
    """
    if not _VISIBLE.fullmatch(key):
        raise InvalidIdempotencyKey
    return hashlib.sha256("\n".join([str(user), method, path, key]).encode()).hexdigest()


class Unfinished(NamedTuple):
    """A message whose request has no final response. Its present state is the response."""

    claim: UUID
    message_id: UUID


def begin(
    session: Session, models: Models, scope: str, body: bytes, now: datetime, contact: Any = None
) -> UUID | Answer | Unfinished:
    """Claim a key in the transaction of the request. A concurrent request with the same key waits for its end.

    A claim with an expired lease belongs to a dead request. Without a message it is taken over.

    :param contact: the contact of the response. The key is deleted with it.
    :returns: the id of the new claim; or the stored response, or the message, of an earlier request.
    :raises IdempotencyKeyReused: if the body differs from that of the earlier request.
    :raises RequestInFlight: if the earlier request has no response yet, and its lease has not expired.
    """
    table, mapper = models.IdempotencyKey, models.mapper
    if state.keys_forgotten_at is None or state.keys_forgotten_at < now - BETWEEN_DELETIONS:
        forget_old(session, models, now)
    claim, digest = uuid7(), hashlib.sha256(body).hexdigest()
    own = {"id": claim, "scope": scope, "body_digest": digest, "created_at": now, "contact_id": contact}
    insert_if_absent(session, table, {**own, "leased_until": now + LEASE})
    if execute(session, mapper, sa.select(table.id).where(table.id == claim)).first() is not None:
        return claim
    session.commit()  # only a new transaction sees the row of the other request
    names = ("id", "body_digest", "status", "answer", "created_at", "leased_until", "message_id")
    columns = (getattr(table, name) for name in names)
    old = is_old(models, now).label("old")
    found = execute(session, mapper, sa.select(*columns, old).where(table.scope == scope)).first()
    if found is None:  # the other request was refused, or the key was deleted
        raise RequestInFlight(headers={"Retry-After": "1"})
    if found.old:
        forget_old(session, models, now)
        session.commit()
        return begin(session, models, scope, body, now, contact)
    if found.body_digest != digest:
        raise IdempotencyKeyReused
    return _known(session, models, found, now)


def _known(session: Session, models: Models, found: Any, now: datetime) -> UUID | Answer | Unfinished:
    unsettled = found.status == ACCEPTED and found.message_id is not None
    if found.status is not None and not unsettled:
        return Answer(found.status, found.answer)
    left = (found.leased_until or found.created_at + REMEMBERED) - now
    if found.status is None and left > timedelta(0):
        raise RequestInFlight(headers={"Retry-After": str(math.ceil(left.total_seconds()))})
    if found.message_id is not None:
        return Unfinished(found.id, found.message_id)
    return take_over(session, models, found.id, found.leased_until, now)


def take_over(session: Session, models: Models, claim: UUID, leased_until: datetime | None, now: datetime) -> UUID:
    """Take over the claim of a dead request.

    :raises RequestInFlight: if another request has taken it over.
    """
    table = models.IdempotencyKey
    dead = (table.id == claim, table.leased_until.is_not_distinct_from(leased_until))
    values = {"leased_until": now + LEASE, "created_at": now, "status": None, "answer": None, "message_id": None}
    if not changed(session, models.mapper, sa.update(table).where(*dead).values(values)):
        raise RequestInFlight(headers={"Retry-After": str(int(LEASE.total_seconds()))})
    return claim


def claim_again(session: Session, models: Models, claim: UUID, now: datetime) -> UUID:
    """Take over the claim of a message that was deleted."""
    table = models.IdempotencyKey
    leased_until = execute(session, models.mapper, sa.select(table.leased_until).where(table.id == claim)).scalar()
    return take_over(session, models, claim, leased_until, now)


def remember_message(session: Session, models: Models, claim: UUID, message_id: UUID, leased_until: datetime) -> None:
    """Store the message of a request with its key, in the transaction that writes the message."""
    table, values = models.IdempotencyKey, {"message_id": message_id, "leased_until": leased_until}
    changed(session, models.mapper, sa.update(table).where(table.id == claim).values(values))


def finish(session: Session, models: Models, claim: UUID, status: int, body: str, contact: Any = None) -> None:
    """Store the response with its key. Has no effect if the claim was rolled back.

    :param contact: the contact of the response, if the path of the request names none.
    """
    table, values = models.IdempotencyKey, {"status": status, "answer": body}
    if contact is not None:
        values["contact_id"] = contact
    changed(session, models.mapper, sa.update(table).where(table.id == claim).values(values))


def is_old(models: Models, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a key has expired: after a day, and once its message is settled."""
    table, message = models.IdempotencyKey, models.Message
    waiting = sa.and_(message.status == "queued", message.provider_sid.is_(None))
    unsettled = sa.exists().where(
        message.id == table.message_id, sa.or_(message.status.in_(UNSETTLED_STATUSES), waiting)
    )
    return sa.and_(table.created_at < now - REMEMBERED, ~unsettled)


def forget_old(session: Session, models: Models, now: datetime) -> int:
    """Delete expired keys. Return how many were deleted."""
    state.keys_forgotten_at = now
    return changed(session, models.mapper, sa.delete(models.IdempotencyKey).where(is_old(models, now)))


def forget(session: Session, models: Models, claim: UUID) -> None:
    """Delete a claim after its request failed, so that the key can be used again."""
    table = models.IdempotencyKey
    changed(session, models.mapper, sa.delete(table).where(table.id == claim))
