"""Check for messages that are not sent or reconciled, because no scheduled job or worker runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa

from ..api.application import state
from ..db.statements import execute
from ..domain.messages.statuses import STATUS_RANKS, UNRESOLVED_STATUSES, WAITING_RANK
from .check_run import CheckRun
from .results import CheckResult, Kind

PAGE = "scheduled-jobs.md#ways-to-run-the-jobs"

MAX_WAIT = timedelta(minutes=15)
MAX_UNCONFIRMED = timedelta(hours=2)

WAIT = Kind(
    "messages_wait",
    "warning",
    "Messages that are due have waited for more than 15 minutes.",
    PAGE,
    "Run the scheduled jobs every few minutes with cron or Celery. Check that the transport can send.",
)
UNCONFIRMED = Kind(
    "messages_unclear",
    "warning",
    "Messages have been unconfirmed for more than two hours.",
    "scheduled-jobs.md#unconfirmed-messages",
    "Run the scheduled jobs with cron or Celery. Settle the remaining messages by hand, with Twilio's log.",
)
NO_CELERY = Kind(
    "celery_without_application",
    "warning",
    "Celery is configured to send the messages, and the application has created no Celery application.",
    "scheduled-jobs.md#celery",
    "Create a Celery application where the Flask application is created, and call its set_default().",
)


def check(run: CheckRun) -> Iterator[CheckResult]:
    """Count old queued and unconfirmed messages, and check that Celery is set up if it sends them."""
    if state.settings.dispatch == "celery" and _is_default_celery():
        words = "RELATIONSHIPS_DISPATCH is celery, and this process has no Celery application."
        yield NO_CELERY.result(words)
    table, mapper, now = state.models.Message, state.models.mapper, state.now()
    if not run.has_table(mapper, sa.inspect(table).local_table):
        return
    due_at = sa.func.coalesce(table.not_before, table.created_at)
    oldest = sa.func.min(table.created_at).label("oldest")
    begun_at = sa.func.coalesce(table.attempted_at, table.created_at)
    waiting = (table.status_rank == WAITING_RANK, table.provider_sid.is_(None), due_at < now - MAX_WAIT)
    ranks = table.status_rank.in_([STATUS_RANKS[status] for status in UNRESOLVED_STATUSES])
    unconfirmed = (ranks, table.status.in_(UNRESOLVED_STATUSES), begun_at < now - MAX_UNCONFIRMED)
    for kind, words, conditions in ((WAIT, "wait to be sent", waiting), (UNCONFIRMED, "are unconfirmed", unconfirmed)):
        counting = sa.select(sa.func.count(table.id).label("count"), oldest).where(*conditions)
        found = execute(run.session, mapper, counting).mappings().one()
        if found["count"]:
            oldest_at = f"{found['oldest']:%Y-%m-%d %H:%M} UTC"
            yield kind.result(f"{found['count']} messages {words}. The oldest is of {oldest_at}.")


def _is_default_celery() -> bool:
    """Return whether tasks would use the application that Celery creates if the host has none."""
    from celery import current_app

    return bool(current_app.main == "default")
