"""Idempotency-Key on the POSTs that create: the same request twice is done once, and answered twice.

A key belongs to one user, method and path, and is remembered for a day. What is older is deleted by ``run_due``; where
nobody runs that, once an hour by a request.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from .errors import IdempotencyKeyReused, InvalidIdempotencyKey, RequestInFlight
from .state import state
from .tables.build import Models
from .tables.execute import changed, execute, insert_if_absent

REMEMBERED = timedelta(hours=24)

BETWEEN_DELETIONS = timedelta(hours=1)

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


def begin(session: Session, models: Models, scope: str, body: bytes, now: datetime) -> UUID | Answer:
    """Claim a key: our claim's id, or the answer of whoever claimed it before.

    The claim is part of the request's own transaction; a twin that comes meanwhile waits for its end. Raises
    `IdempotencyKeyReused` for another body, and `RequestInFlight` where a claim was committed without an answer.
    """
    table, mapper = models.IdempotencyKey, models.mapper
    if state.keys_forgotten_at is None or state.keys_forgotten_at < now - BETWEEN_DELETIONS:
        forget_old(session, models, now)
    claim, digest = uuid7(), hashlib.sha256(body).hexdigest()
    insert_if_absent(session, table, {"id": claim, "scope": scope, "body_digest": digest, "created_at": now})
    if execute(session, mapper, sa.select(table.id).where(table.id == claim)).first() is not None:
        return claim
    session.commit()  # what another has committed since this transaction began is only seen by a new one
    columns = (table.body_digest, table.status, table.answer, table.created_at)
    found = execute(session, mapper, sa.select(*columns).where(table.scope == scope)).first()
    if found is not None and found.created_at < now - REMEMBERED:
        forget_old(session, models, now)
        session.commit()
        return begin(session, models, scope, body, now)
    if found is None or found.status is None:
        if found is not None and found.body_digest != digest:
            raise IdempotencyKeyReused
        raise RequestInFlight(headers={"Retry-After": "1"})
    if found.body_digest != digest:
        raise IdempotencyKeyReused
    return Answer(found.status, found.answer)


def finish(session: Session, models: Models, claim: UUID, status: int, body: str) -> None:
    """Remember the answer with the work it belongs to. A claim that was rolled back is not there any more."""
    table = models.IdempotencyKey
    changed(session, models.mapper, sa.update(table).where(table.id == claim).values(status=status, answer=body))


def is_old(models: Models, now: datetime) -> sa.ColumnElement[bool]:
    """The condition that a key is no longer remembered."""
    return models.IdempotencyKey.created_at < now - REMEMBERED


def forget_old(session: Session, models: Models, now: datetime) -> int:
    """Delete the keys that are no longer remembered. Returns how many there were."""
    state.keys_forgotten_at = now
    return changed(session, models.mapper, sa.delete(models.IdempotencyKey).where(is_old(models, now)))


def forget(session: Session, models: Models, claim: UUID) -> None:
    """Nothing came of the request: its key may be used again."""
    table = models.IdempotencyKey
    changed(session, models.mapper, sa.delete(table).where(table.id == claim))
