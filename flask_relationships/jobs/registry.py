"""The scheduled jobs, run by ``flask relationships run-due``, its worker or Celery, in any number of processes.

Each job stands alone: it commits by itself, and its failure does not stop the others.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from blinker import NamedSignal
from sqlalchemy.exc import SQLAlchemyError

from .. import signals
from ..api import idempotency
from ..api.application import announce, state
from ..context import Context
from ..db.statements import execute, retried
from ..domain.actions.service import find_many
from ..domain.actions.sweep import sweep
from ..domain.contacts import missing_keys, withdrawal
from ..domain.keeping_in_touch import assignee_copies, assignees, reminders
from ..domain.life_events import generation, zeroth_years
from ..domain.messages import limits, missing_reports, new_numbers, recovery, sending, waiting
from ..domain.messages.units import MAX_ATTEMPTS
from ..domain.partners import links
from ..domain.profiles import birthdays, host_birthdays, host_numbers
from ..domain.runs import queries as run_queries
from ..domain.runs import service as runs
from ..domain.runs.service import Runner
from ..errors import place_of
from . import orphans
from .runner import DATABASE_GONE, Counts, Job, JobRun, Progress, RunReport, run_jobs

logger = logging.getLogger(__name__)

_T = TypeVar("_T")

MAX_SENT = 500
"""How many queued messages one run sends."""

MAX_LOOKUPS = 500
"""How many unconfirmed messages one run looks up. Each is a request to the provider."""

MAX_STATUS_REQUESTS = 200
"""For how many messages without a final status one run asks the provider. Each is a request."""

MAX_UNREADABLE = 3
"""After this many unreadable answers in a row, the provider is not called again until the next run."""

ORPHANS_INTERVAL = timedelta(hours=20)
"""The daily pass over rows of deleted contacts. A daily run may start some minutes early."""

ZEROTH_YEARS_INTERVAL = timedelta(days=1)
"""Daily, because processes of version 0.1 may still create such actions."""

IN_TOUCH_ASSIGNEES = "in_touch_assignees"

MAX_DAYS_FROM_TODAY = 366
"""How far ``on`` may be from today: as far as the longest lead days of a reminder."""


def run_due(
    on: date | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    *,
    runner: Runner = "code",
    stopped: Callable[[], bool] = lambda: False,
) -> RunReport:
    """Run the scheduled jobs that are due, inside an application context.

    Every job commits in small steps, and may be killed at any of them. A failed job is in the report. The run is
    stored as the last one unless `on` or `dry_run` is given, or it was stopped.

    :param on: the civil date that dated jobs use as today, at most 366 days from it. Other jobs use the clock.
    :param dry_run: return what would be done, without writing, sending or asking the provider.
    :param progress: receives the job, how much of it is done, and the total or None.
    :param runner: what runs the jobs, for ``GET /health``.
    :param stopped: called between jobs and between messages; if it returns True, the run ends.
    :raises ValueError: if `on` is too far from today.
    :raises ConfigurationError: if the application is configured wrongly.
    """
    app_state = state._get_current_object()  # type: ignore[attr-defined]
    app_state.complete_setup()
    today, began_at = _today(on), state.now()
    report = run_jobs(JOBS, today, dry_run=dry_run, progress=progress, stopped=stopped)
    if on is None and not dry_run and not report.stopped:
        _record(runner, began_at, report)
    return report


def _today(on: date | None) -> date:
    today = state.today()
    if on is None:
        return today
    if isinstance(on, datetime) or abs((on - today).days) > MAX_DAYS_FROM_TODAY:
        raise ValueError(f"{on} is not a date within {MAX_DAYS_FROM_TODAY} days of today, {today}")
    return on


def _record(runner: Runner, began_at: datetime, report: RunReport) -> None:
    """Store the run as the last one, unless the database does not answer."""

    def work() -> None:
        ctx = state.context()
        runs.record(ctx, runner, began_at, ctx.now(), report.failed)
        ctx.commit()

    if any(result.failure == DATABASE_GONE for result in report.results):
        return
    try:
        retried(state.session, work, MAX_ATTEMPTS, unless=lambda: False)
    except SQLAlchemyError as error:  # the jobs themselves were run
        state.session.rollback()
        logger.error("the run of the scheduled jobs could not be stored: %s", place_of(error))


def _send(message_id: UUID) -> sending.Sent:
    return sending.send(state.context(), message_id)


def _send_queued(run: JobRun) -> Counts:
    """Send queued messages until the provider cannot be reached, which every other message would meet too."""
    counts: Counter[str] = Counter()
    for sent in _each(run, waiting.due(state.context(), MAX_SENT), _send):
        counts.update(sent=int(sent.is_begun and sent.problem is None), not_taken=int(sent.problem is not None))
        if sent.problem is not None and sent.problem.code in sending.TEMPORARY_PROBLEM_CODES:
            break
    return counts


def _reconcile(run: JobRun) -> Counts:
    """Look up unconfirmed messages."""
    counts: Counter[str] = Counter()
    for fate in _each_readable(run, recovery.unconfirmed(state.context(), MAX_LOOKUPS), _look_up):
        counts["still_unclear" if fate in ("unclear", "unreadable") else fate] += 1
    return counts


def _look_up(message_id: UUID) -> str:
    lookup = recovery.look_for(state.context(), message_id)
    if lookup.fate in ("found", "not_sent"):
        _send_status_change(message_id, lookup.action, lookup.entry)
    return lookup.fate


def _request_statuses(run: JobRun) -> Counts:
    """Ask the provider for messages without a final status."""
    counts: Counter[str] = Counter()
    for answer in _each_readable(run, missing_reports.due(state.context(), MAX_STATUS_REQUESTS), _request_status):
        counts.update(asked_for=1, changed=int(answer == "changed"))
    return counts


def _request_status(message_id: UUID) -> str:
    asked = missing_reports.request(state.context(), message_id)
    if asked.answer == "changed":
        _send_status_change(message_id, asked.taken.action, asked.taken.entry)
    return asked.answer


def _count_status_requests(_: JobRun) -> Counts:
    ctx = state.context()
    can_request = missing_reports.can_request(ctx)
    return {
        "asked_for": _count(ctx.models.Message, missing_reports.is_due(ctx), MAX_STATUS_REQUESTS) if can_request else 0
    }


def _remind(run: JobRun) -> Counts:
    """Create the actions of keeping in touch."""
    done = reminders.remind(state.context(), run.today)
    _send_for_actions(signals.action_closed, done.dismissed)
    _send_for_actions(signals.action_created, done.made)
    _send_for_actions(signals.action_reopened, done.reopened)
    return {"made": len(done.made), "dismissed": len(done.dismissed), "reopened": len(done.reopened)}


def _follow_activity(run: JobRun) -> Counts:
    """Dismiss actions of contacts that became inactive, and reopen those of active ones."""
    done = withdrawal.follow(state.context(), run.today, run.stopped)
    _send_for_actions(signals.action_closed, done.dismissed)
    _send_for_actions(signals.action_reopened, done.reopened)
    return {"dismissed": len(done.dismissed), "reopened": len(done.reopened)}


def _dismiss_zeroth_years(run: JobRun) -> Counts:
    """Dismiss the actions that version 0.1 created for the day of an anniversary itself."""
    dismissed = zeroth_years.dismiss(state.context(), run.stopped)
    _send_for_actions(signals.action_closed, dismissed)
    return {"dismissed": len(dismissed)}


def _send_for_actions(signal: NamedSignal, ids: Iterable[UUID]) -> None:
    """Send a signal for each of these actions, whose changes are committed."""
    session, models = state.session, state.models
    for action_id in ids if signal.receivers else ():
        action = session.get(models.Action, action_id)
        if action is not None:
            announce(signal, action)
    session.commit()


def _each(run: JobRun, ids: list[UUID], work: Callable[[UUID], _T]) -> Iterator[_T]:
    """Yield the result for each message. If the database fails for one, it is logged and left to a later run."""
    for number, message_id in enumerate(ids):
        if run.stopped():
            return
        run.report(number, len(ids))
        try:
            result = work(message_id)
        except SQLAlchemyError as error:
            state.session.rollback()
            logger.error("message %s was not processed: %s", message_id, place_of(error))
        else:
            yield result


def _each_readable(run: JobRun, ids: list[UUID], work: Callable[[UUID], str]) -> Iterator[str]:
    """Yield the result for each message, until `MAX_UNREADABLE` results in a row are ``unreadable``."""
    unreadable = 0
    for result in _each(run, ids, work):
        yield result
        unreadable = unreadable + 1 if result == "unreadable" else 0
        if unreadable == MAX_UNREADABLE:
            return


def _delete(delete: Callable[[Context], int]) -> Counts:
    """Delete old rows in a transaction that is retried."""
    ctx = state.context()

    def work() -> int:
        deleted = delete(ctx)
        ctx.commit()
        return deleted

    return {"deleted": retried(ctx.session, work, MAX_ATTEMPTS, unless=lambda: False)}


def _count(table: type[Any], condition: sa.ColumnElement[bool], limit: int | None = None) -> int:
    """Return how many rows meet a condition, at most `limit`."""
    found = sa.select(table.id).where(condition).limit(limit).subquery()
    return int(execute(state.session, state.models.mapper, sa.select(sa.func.count()).select_from(found)).scalar_one())


def _read(message_id: UUID) -> Any:
    return state.session.get(state.models.Message, message_id, populate_existing=True)


def _send_status_change(message_id: UUID, action: Any, entry: Any) -> None:
    """Send the signals of a message whose status the provider returned, and commit."""
    message = _read(message_id)
    if message is not None:
        announce(signals.message_status_changed, message)
    _send_effects(action, entry)
    state.session.commit()


def _send_effects(action: Any, entry: Any) -> None:
    """Send the signals of the action that a message closed or reopened, and of the consent that a refusal changed."""
    if action is not None:
        announce(signals.action_closed, action)
    if entry is not None:
        announce(signals.consent_changed, entry)


def _refresh_numbers(run: JobRun) -> Counts:
    """Read the numbers of the contacts again, and assign unmatched messages to contacts with a new number."""
    refreshed = 0
    for batch in host_numbers.refresh(state.context()):
        refreshed += batch.contacts
        run.report(refreshed, None)
        new_numbers.settle(state.context(), batch, announce)
        state.session.commit()
        if run.stopped():
            break
    return {"refreshed": refreshed}


def _copy_assignees(run: JobRun) -> Counts:
    """Read the unknown assignees. Once in a period, also read those whose owner has changed."""
    ctx = state.context()
    now, period = ctx.now(), assignee_copies.PERIOD
    is_due = assignees.are_copied(ctx.hosts) and not run_queries.is_fresh(ctx, IN_TOUCH_ASSIGNEES, period, now)
    if is_due and assignee_copies.forget_outdated(ctx, run.stopped):
        runs.note_refresh(ctx, IN_TOUCH_ASSIGNEES, now)
    return {"read": assignee_copies.fill(ctx, run.stopped)}


def _update_birthdays(run: JobRun) -> Counts:
    """Read the host's birthdays with the first run of a day, and create the life events of birthdays.

    Profiles of contacts without one are created only if birthdays have life events.
    """
    ctx, counts = state.context(), Counter[str]()
    has_events, now = ctx.settings.birthday_events, ctx.now()
    if not run_queries.done_since(ctx, datetime.combine(now, time.min), now, "birthdays"):
        counts["followed"] = host_birthdays.follow(state.context(), run.stopped)
        if has_events:
            host_birthdays.agree(state.context(), run.stopped)
            counts["filled"] = _create_profiles(run)
    if has_events:
        counts["created"] = birthdays.keep(state.context(), run.stopped)
    return counts


def _create_profiles(run: JobRun) -> int:
    """Create the profiles of contacts that have a birthday, and return their number."""
    number = 0
    for created in birthdays.fill(state.context()):
        number += len(created)
        run.report(number, None)
        for profile_id in created if signals.profile_created.receivers else ():
            announce(signals.profile_created, state.session.get(state.models.Profile, profile_id))
        state.session.commit()
        if run.stopped():
            break
    return number


def _count_birthdays(_: JobRun) -> Counts:
    if not state.settings.birthday_events:
        return {}
    unopened = sum(map(len, birthdays.unopened(state.context())))
    return {"filled": unopened, "created": unopened + _count(state.models.Profile, birthdays.lacks_event(state.models))}


def _create_auto_actions(run: JobRun) -> Counts:
    """Create the auto-actions of the day, and send the signals after each batch."""
    at, looked_at = _instant(run), 0
    total = generation.count(state.context(), run.today, at=at)

    def send_signals(batch: generation.Batch) -> None:
        nonlocal looked_at
        looked_at += batch.looked_at
        run.report(looked_at, total)
        if signals.action_created.receivers:
            for action in find_many(state.context(), batch.created).values():
                announce(signals.action_created, action)
            state.session.commit()

    return asdict(generation.generate(state.context(), run.today, at=at, on_batch=send_signals, stopped=run.stopped))


def _instant(run: JobRun) -> datetime | None:
    """Return the instant at which assignees may have another date; None if the run has a date of its own."""
    return state.clock() if run.today == state.today() else None


def _count_lookups(_: JobRun) -> Counts:
    """Count the unconfirmed messages, including those that lapse in the same run."""
    either = sa.or_(recovery.is_looked_for(state.context()), recovery.is_dead(state.context()))
    return {"looked_for": _count(state.models.Message, either, MAX_LOOKUPS)}


def _count_left_over_partners(_: JobRun) -> Counts:
    has_companies = state.models.hosts.company is not None
    return {"cleared": _count(state.models.Partner, links.is_left_over(state.context())) if has_companies else 0}


JOBS: tuple[Job, ...] = (
    Job(
        "deleted_rows",
        "Rows of deleted contacts, companies and users",
        run=lambda run: orphans.sweep(state.context(), run.stopped),
        count=lambda _: orphans.count(state.context()),
        interval=lambda ctx: ORPHANS_INTERVAL if orphans.is_needed(ctx) else None,
    ),
    Job(
        "number_keys",
        "Comparison keys of numbers",
        run=lambda _: {"filled": missing_keys.fill(state.context())},
        count=lambda _: {"filled": missing_keys.count(state.context())},
    ),
    Job(
        "contact_numbers",
        "Numbers of contacts",
        run=_refresh_numbers,
        count=lambda _: {"refreshed": host_numbers.count(state.context())},
        interval=lambda ctx: timedelta(hours=ctx.settings.numbers_refresh_hours),
    ),
    Job("birthdays", "Events of birthdays", run=_update_birthdays, count=_count_birthdays),
    Job(
        "inactive_contacts",
        "Actions of contacts that are not active, or are again",
        run=_follow_activity,
        count=lambda run: withdrawal.count(state.context(), run.today),
        dated=True,
    ),
    Job(
        "zeroth_years",
        "Actions of version 0.1 on the day of an anniversary itself",
        run=_dismiss_zeroth_years,
        count=lambda _: {"dismissed": zeroth_years.count(state.context())},
        interval=lambda _: ZEROTH_YEARS_INTERVAL,
    ),
    Job(
        "auto_actions",
        "Actions of life events",
        run=_create_auto_actions,
        count=lambda run: asdict(generation.foresee(state.context(), run.today, at=_instant(run))),
        dated=True,
    ),
    Job(
        IN_TOUCH_ASSIGNEES,
        "Assignees of contacts to keep in touch with",
        run=_copy_assignees,
        count=lambda _: {"read": assignee_copies.count_unknown(state.context())},
    ),
    Job(
        "keeping_in_touch",
        "Actions to keep in touch",
        run=_remind,
        count=lambda run: {"made": reminders.count(state.context(), run.today)},
        dated=True,
    ),
    Job(
        "waiting_messages",
        "Messages that had waited",
        run=_send_queued,
        count=lambda _: {"sent": waiting.count(state.context(), MAX_SENT)},
    ),
    Job("missing_reports", "Messages without a final status", run=_request_statuses, count=_count_status_requests),
    Job(
        "abandoned_messages",
        "Messages whose sender has died",
        run=lambda _: {"unclear": recovery.lapse(state.context())},
        count=lambda _: {"unclear": _count(state.models.Message, recovery.is_dead(state.context()))},
    ),
    Job("unclear_messages", "Unconfirmed messages", run=_reconcile, count=_count_lookups),
    Job(
        "action_centre",
        "Actions and the action centre",
        run=lambda _: {"brought_in_line": sweep(state.context())},
        count=lambda _: {
            "owed": _count(state.models.ActionCentreItem, state.models.ActionCentreItem.behind.is_not(None))
        },
    ),
    Job(
        "partner_links",
        "Partners of deleted contacts",
        run=lambda _: {"cleared": links.forget_deleted_contacts(state.context(), state.now())},
        count=_count_left_over_partners,
    ),
    Job(
        "message_counts",
        "Counts of limits that are over",
        run=lambda _: _delete(lambda ctx: limits.forget(ctx, ctx.now())),
        count=lambda _: {"deleted": _count(state.models.MessageCount, limits.is_over(state.models, state.now()))},
    ),
    Job(
        "idempotency_keys",
        "Old idempotency keys",
        run=lambda _: _delete(lambda ctx: idempotency.forget_old(ctx.session, ctx.models, ctx.now())),
        count=lambda _: {"deleted": _count(state.models.IdempotencyKey, idempotency.is_old(state.models, state.now()))},
    ),
)
"""The jobs in the order of a run. Dated jobs come before the messages, which wait for the provider."""
