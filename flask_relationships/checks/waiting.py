"""Messages that nobody sends or finds out about: what is due is not done, or a worker is not told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa

from ..api.application import state
from ..db.statements import execute
from ..domain.messages.statuses import STATUS_RANKS, WAITING_RANK
from .examination import Examination
from .findings import Finding, Kind

PAGE = "running.md#what-runs-it"

LONGEST_WAIT, LONGEST_UNCLEAR = timedelta(minutes=15), timedelta(hours=2)

WAIT = Kind(
    "messages_wait",
    "warning",
    "Messages that are due have waited for more than a quarter of an hour.",
    PAGE,
    "Let cron or Celery run what is due, every few minutes; look whether the transport can send.",
)
UNCLEAR = Kind(
    "messages_unclear",
    "warning",
    "Of some messages nobody knows whether they left, for more than two hours.",
    "running.md#unclear-messages",
    "Let cron or Celery run what is due. What stays unclear then is for somebody to decide, with Twilio's own log.",
)
NO_CELERY = Kind(
    "celery_without_application",
    "warning",
    "Celery is to send the messages, and the application has made no Celery.",
    "running.md#celery",
    "Make one where the application is made, and call its set_default().",
)


def look(examination: Examination) -> Iterator[Finding]:
    if state.settings.dispatch == "celery" and _is_nobodys_celery():
        yield NO_CELERY.found("RELATIONSHIPS_DISPATCH is celery, and there is no Celery application in this process.")
    table, mapper, now = state.models.Message, state.models.mapper, state.now()
    if not examination.answers(mapper):
        return
    inspector, own = examination.inspector(mapper), sa.inspect(table).local_table
    if isinstance(inspector, Exception) or not inspector.has_table(own.name, schema=own.schema):
        return
    due = sa.func.coalesce(table.not_before, table.created_at)
    waiting = (table.status_rank == WAITING_RANK, table.provider_sid.is_(None), due < now - LONGEST_WAIT)
    begun = sa.func.coalesce(table.attempted_at, table.created_at)
    ranks = table.status_rank.in_((STATUS_RANKS["sending"], STATUS_RANKS["unconfirmed"]))
    unclear = (ranks, table.status.in_(("sending", "unconfirmed")), begun < now - LONGEST_UNCLEAR)
    for kind, words, conditions in ((WAIT, "wait to be sent", waiting), (UNCLEAR, "are unclear", unclear)):
        counting = sa.select(
            sa.func.count(table.id).label("count"), sa.func.min(table.created_at).label("oldest")
        ).where(*conditions)
        found = execute(examination.session, mapper, counting).mappings().one()
        if found["count"]:
            told = f"{found['count']} messages {words}; the oldest was written at {found['oldest']:%Y-%m-%d %H:%M} UTC."
            yield kind.found(told)


def _is_nobodys_celery() -> bool:
    """Whether a task would go to the Celery that Celery makes itself, where there is no other."""
    from celery import current_app

    return bool(current_app.main == "default")
