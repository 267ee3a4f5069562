"""What time brings: done by ``flask relationships run-due``, its worker, or Celery, as often as you like, in any number
of processes. Each step stands alone: it is committed by itself, and what goes wrong in it does not keep the others."""

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
from ..domain.runs import service as runs
from ..domain.runs.service import Runner
from ..errors import place_of
from . import orphans
from .runner import GONE, Counts, Done, Progress, Round, Step, do_each

logger = logging.getLogger(__name__)

_T = TypeVar("_T")

MOST_SENT = 500
"""How many waiting messages one run sends."""

MOST_LOOKED_FOR = 500
"""How many unclear messages one run looks for: each is a request to the provider."""

MOST_ASKED_FOR = 200
"""How many messages without a final status one run asks the provider for: each is a request."""

MOST_UNREADABLE = 3
"""After so many lists in a row that cannot be read, the provider is left in peace until the next run."""

ORPHANS_SWEPT_AFTER = timedelta(hours=20)
"""How long after a pass over the rows of deleted contacts the next begins: a daily run may begin some minutes early."""

ZEROTH_YEARS = "zeroth_years"
"""The name of the step that dismisses what version 0.1 created for the day of an anniversary itself."""

FURTHEST = 366
"""How many days from today a run may be asked for: as many as the longest lead of a reminder."""


def run_due(
    on: date | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    *,
    runner: Runner = "code",
    stopped: Callable[[], bool] = lambda: False,
) -> Done:
    """Do what is due. Needs an application context; commits in small steps, and may be killed at any of them.

    ``on``: the civil date that dated steps take for today, at most a year from it; all others go by the clock.
    ``dry_run``: nothing is written, sent or asked of the provider, and the report says what would be done. Both kinds
    of run are not remembered as the last one. ``stopped``: asked between steps, and between messages, whether to end.
    A step that fails is in the report. Raises ValueError for another ``on``, and `ConfigurationError`.
    """
    app_state = state._get_current_object()  # type: ignore[attr-defined]
    app_state.make_ready()
    today, began_at = _today(on), state.now()
    done = do_each(STEPS, today, dry_run=dry_run, progress=progress, stopped=stopped)
    if on is None and not dry_run and not done.stopped:
        _remember(runner, began_at, done)
    return done


def _today(on: date | None) -> date:
    today = state.today()
    if on is None:
        return today
    if isinstance(on, datetime) or abs((on - today).days) > FURTHEST:
        raise ValueError(f"{on} is not a date within {FURTHEST} days of today, {today}")
    return on


def _remember(runner: Runner, began_at: datetime, done: Done) -> None:
    def work() -> None:
        runs.record(state.context(), runner, began_at, state.now(), done.failed)
        state.session.commit()

    if any(step.failure == GONE for step in done.steps):
        return
    try:
        retried(state.session, work, MAX_ATTEMPTS, unless=lambda: False)
    except SQLAlchemyError as error:  # what was due is done all the same
        state.session.rollback()
        logger.error("that what is due was run could not be remembered: %s", place_of(error))


def _send_waiting(due: Round) -> Counts:
    """Until the provider cannot be reached: then every other message would meet the same."""
    counts: Counter[str] = Counter()
    for tried in _each(due, waiting.due(state.context(), MOST_SENT), _send):
        counts["sent"] += tried.is_begun and tried.problem is None
        counts["not_taken"] += tried.problem is not None
        if tried.problem is not None and tried.problem.code in sending.TEMPORARY_PROBLEM_CODES:
            break
    return counts


def _send(message_id: UUID) -> sending.Sent:
    return sending.send(state.context(), message_id)


def _look_for_unclear(due: Round) -> Counts:
    counts: Counter[str] = Counter()
    unreadable = 0
    for fate in _each(due, recovery.unconfirmed(state.context(), MOST_LOOKED_FOR), _look_for):
        counts["still_unclear" if fate in ("unclear", "unreadable") else fate] += 1
        unreadable = unreadable + 1 if fate == "unreadable" else 0
        if unreadable == MOST_UNREADABLE:
            break
    return counts


def _look_for(message_id: UUID) -> str:
    looked = recovery.look_for(state.context(), message_id)
    if looked.fate in ("found", "not_sent"):
        message = _read(message_id)
        if message is not None:
            announce(signals.message_status_changed, message)
        _announce_effects(looked.action, looked.entry)
        state.session.commit()
    return looked.fate


def _ask_for_statuses(due: Round) -> Counts:
    """Ask for messages without a final status, until the provider fails several times in a row."""
    counts: Counter[str] = Counter()
    unreadable = 0
    for answer in _each(due, missing_reports.due(state.context(), MOST_ASKED_FOR), _ask_for_status):
        counts["asked_for"] += 1
        counts["changed"] += answer == "changed"
        unreadable = unreadable + 1 if answer == "unreadable" else 0
        if unreadable == MOST_UNREADABLE:
            break
    return counts


def _ask_for_status(message_id: UUID) -> str:
    asked = missing_reports.request(state.context(), message_id)
    if asked.answer == "changed":
        message = _read(message_id)
        if message is not None:
            announce(signals.message_status_changed, message)
        _announce_effects(asked.taken.action, asked.taken.entry)
        state.session.commit()
    return asked.answer


def _count_asked_for() -> int:
    if not missing_reports.can_request(state.context()):
        return 0
    return _count(state.models.Message, missing_reports.is_due(state.context()), MOST_ASKED_FOR)


def _remind(due: Round) -> Counts:
    done = reminders.remind(state.context(), due.today)
    _announce_actions(signals.action_closed, done.dismissed)
    _announce_actions(signals.action_created, done.made)
    _announce_actions(signals.action_reopened, done.reopened)
    return {"made": len(done.made), "dismissed": len(done.dismissed), "reopened": len(done.reopened)}


def _follow_activity(due: Round) -> Counts:
    done = withdrawal.follow(state.context(), due.today, due.stopped)
    _announce_actions(signals.action_closed, done.dismissed)
    _announce_actions(signals.action_reopened, done.reopened)
    return {"dismissed": len(done.dismissed), "reopened": len(done.reopened)}


def _dismiss_zeroth_years(due: Round) -> Counts:
    """Once a day: processes of version 0.1 may still create such actions."""
    began_at = state.now()
    if _are_zeroth_years_fresh():
        return {}
    dismissed = zeroth_years.dismiss(state.context(), due.stopped)
    _announce_actions(signals.action_closed, dismissed)
    if not due.stopped():
        runs.note_refresh(state.context(), ZEROTH_YEARS, began_at)
    return {"dismissed": len(dismissed)}


def _count_zeroth_years(_: Round) -> Counts:
    return {} if _are_zeroth_years_fresh() else {"dismissed": zeroth_years.count(state.context())}


def _are_zeroth_years_fresh() -> bool:
    return runs.is_fresh(state.context(), ZEROTH_YEARS, timedelta(days=1), state.now())


def _announce_actions(signal: NamedSignal, ids: Iterable[UUID]) -> None:
    """Send a signal for each of these actions, once their changes are committed."""
    session, models = state.session, state.models
    for action_id in ids if signal.receivers else ():
        action = session.get(models.Action, action_id)
        if action is not None:
            announce(signal, action)
    session.commit()


def _each(due: Round, ids: list[UUID], work: Callable[[UUID], _T]) -> Iterator[_T]:
    """The results for one message after the other; one the database fails is logged, and comes again later."""
    for number, message_id in enumerate(ids):
        if due.stopped():
            return
        due.told(number, len(ids))
        try:
            result = work(message_id)
        except SQLAlchemyError as error:
            state.session.rollback()
            logger.error("what is due for message %s was not done: %s", message_id, place_of(error))
        else:
            yield result


def _forget(forget: Callable[[datetime], int]) -> Counts:
    def work() -> int:
        forgotten = forget(state.now())
        state.session.commit()
        return forgotten

    return {"deleted": retried(state.session, work, MAX_ATTEMPTS, unless=lambda: False)}


def _count(table: type[Any], condition: sa.ColumnElement[bool], most: int | None = None) -> int:
    found = sa.select(table.id).where(condition).limit(most).subquery()
    return int(execute(state.session, state.models.mapper, sa.select(sa.func.count()).select_from(found)).scalar_one())


def _read(message_id: UUID) -> Any:
    return state.session.get(state.models.Message, message_id, populate_existing=True)


def _announce_effects(action: Any, entry: Any) -> None:
    """The action that a message has closed or opened again, and what the provider's refusal says of consent."""
    if action is not None:
        announce(signals.action_closed, action)
    if entry is not None:
        announce(signals.consent_changed, entry)


def _refresh_numbers(due: Round) -> Counts:
    """Bring the contacts' numbers up to date, and give unmatched messages to contacts who have got their number."""
    session, refreshed, began_at = state.session, 0, state.now()
    if _are_numbers_fresh():
        return {}
    for batch in host_numbers.refresh(state.context()):
        refreshed += batch.contacts
        due.told(refreshed, None)
        new_numbers.settle(state.context(), batch, announce)
        session.commit()
        if due.stopped():
            return {"refreshed": refreshed}
    runs.note_refresh(state.context(), "contact_numbers", began_at)
    return {"refreshed": refreshed}


def _count_numbers(_: Round) -> Counts:
    if _are_numbers_fresh():
        return {}
    return {"refreshed": host_numbers.count(state.context())}


def _are_numbers_fresh() -> bool:
    period = timedelta(hours=state.settings.numbers_refresh_hours)
    return runs.is_fresh(state.context(), "contact_numbers", period, state.now())


def _keep_assignees(due: Round) -> Counts:
    """Read the unknown assignees; with the first run of a period, those too whose owner is another one now."""
    hosts, now = state.hosts, state.now()
    name, period = "in_touch_assignees", assignee_copies.PERIOD
    is_due = assignees.are_copied(hosts) and not runs.is_fresh(state.context(), name, period, now)
    if is_due and assignee_copies.forget_outdated(state.context(), due.stopped):
        runs.note_refresh(state.context(), name, now)
    return {"read": assignee_copies.fill(state.context(), due.stopped)}


def _keep_birthdays(due: Round) -> Counts:
    """The host's birthdays are looked through with the first run of a day, those of contacts whom nobody has opened
    only where birthdays have events."""
    now, counts = state.now(), Counter[str]()
    if not runs.done_since(state.context(), datetime.combine(now, time.min), now, "birthdays"):
        counts["followed"] = host_birthdays.follow(state.context(), due.stopped)
        if state.settings.birthday_events:
            host_birthdays.agree(state.context(), due.stopped)
            counts["filled"] = _fill_birthdays(due)
    if state.settings.birthday_events:
        counts["created"] = birthdays.keep(state.context(), due.stopped)
    return counts


def _fill_birthdays(due: Round) -> int:
    filled = 0
    for made in birthdays.fill(state.context()):
        filled += len(made)
        due.told(filled, None)
        for profile_id in made if signals.profile_created.receivers else ():
            announce(signals.profile_created, state.session.get(state.models.Profile, profile_id))
        state.session.commit()
        if due.stopped():
            break
    return filled


def _count_birthdays(_: Round) -> Counts:
    if not state.settings.birthday_events:
        return {}
    unopened = sum(map(len, birthdays.unopened(state.context())))
    return {"filled": unopened, "created": unopened + _count(state.models.Profile, birthdays.unkept(state.models))}


def _make_actions(due: Round) -> Counts:
    """The auto-actions of the day, whose receivers are told after each batch."""
    at, looked_at = _moment(due), 0
    total = generation.count(state.context(), due.today, at=at)

    def told(batch: generation.Batch) -> None:
        nonlocal looked_at
        looked_at += batch.looked_at
        due.told(looked_at, total)
        if signals.action_created.receivers:
            for action in find_many(state.context(), batch.created).values():
                announce(signals.action_created, action)
            state.session.commit()

    made = generation.generate(state.context(), due.today, at=at, told=told, stopped=due.stopped)
    return asdict(made)


def _moment(due: Round) -> datetime | None:
    """The moment by which an assignee may have another date; on a date that was asked for, everybody has that."""
    return state.clock() if due.today == state.today() else None


def _count_looked_for() -> int:
    """Those that lapse in the same run included."""
    either = sa.or_(recovery.is_looked_for(state.context()), recovery.is_dead(state.context()))
    return _count(state.models.Message, either, MOST_LOOKED_FOR)


def _count_old_keys() -> int:
    return _count(state.models.IdempotencyKey, idempotency.is_old(state.models, state.now()))


def _count_left_over_partners() -> int:
    if state.models.hosts.company is None:
        return 0
    return _count(state.models.Partner, links.is_left_over(state.context()))


def _sweep_orphans(due: Round) -> Counts:
    """Once a day: the pass reads all keys of the host's that our tables hold."""
    began_at = state.now()
    if _are_orphans_swept():
        return {}
    counts = orphans.sweep(state.context(), due.stopped)
    if not due.stopped():
        runs.note_refresh(state.context(), "deleted_rows", began_at)
    return counts


def _are_orphans_swept() -> bool:
    ctx = state.context()
    return not orphans.is_needed(ctx) or runs.is_fresh(ctx, "deleted_rows", ORPHANS_SWEPT_AFTER, ctx.now())


STEPS: tuple[Step, ...] = (
    Step(
        "deleted_rows",
        "Rows of deleted contacts, companies and users",
        do=_sweep_orphans,
        count=lambda _: {} if _are_orphans_swept() else orphans.count(state.context()),
    ),
    Step(
        "number_keys",
        "Comparison keys of numbers",
        do=lambda _: {"filled": missing_keys.fill(state.context())},
        count=lambda _: {"filled": missing_keys.count(state.context())},
    ),
    Step("contact_numbers", "Numbers of contacts", do=_refresh_numbers, count=_count_numbers),
    Step("birthdays", "Events of birthdays", do=_keep_birthdays, count=_count_birthdays),
    Step(
        "inactive_contacts",
        "Actions of contacts that are not active, or are again",
        do=_follow_activity,
        count=lambda due: withdrawal.count(state.context(), due.today),
        dated=True,
    ),
    Step(
        ZEROTH_YEARS,
        "Actions of version 0.1 on the day of an anniversary itself",
        do=_dismiss_zeroth_years,
        count=_count_zeroth_years,
    ),
    Step(
        "auto_actions",
        "Actions of life events",
        do=_make_actions,
        count=lambda due: asdict(generation.foresee(state.context(), due.today, at=_moment(due))),
        dated=True,
    ),
    Step(
        "in_touch_assignees",
        "Assignees of contacts to keep in touch with",
        do=_keep_assignees,
        count=lambda _: {"read": assignee_copies.count_unknown(state.context())},
    ),
    Step(
        "keeping_in_touch",
        "Actions to keep in touch",
        do=_remind,
        count=lambda due: {"made": reminders.count(state.context(), due.today)},
        dated=True,
    ),
    Step(
        "waiting_messages",
        "Messages that had waited",
        do=_send_waiting,
        count=lambda _: {"sent": waiting.count(state.context(), MOST_SENT)},
    ),
    Step(
        "missing_reports",
        "Messages without a final status",
        do=_ask_for_statuses,
        count=lambda _: {"asked_for": _count_asked_for()},
    ),
    Step(
        "abandoned_messages",
        "Messages whose sender has died",
        do=lambda _: {"unclear": recovery.lapse(state.context())},
        count=lambda _: {"unclear": _count(state.models.Message, recovery.is_dead(state.context()))},
    ),
    Step(
        "unclear_messages",
        "Unclear messages",
        do=_look_for_unclear,
        count=lambda _: {"looked_for": _count_looked_for()},
    ),
    Step(
        "action_centre",
        "Actions and the action centre",
        do=lambda _: {"brought_in_line": sweep(state.context())},
        count=lambda _: {
            "owed": _count(state.models.ActionCentreItem, state.models.ActionCentreItem.behind.is_not(None))
        },
    ),
    Step(
        "partner_links",
        "Partners of deleted contacts",
        do=lambda _: {"cleared": links.forget_deleted_contacts(state.context(), state.now())},
        count=lambda _: {"cleared": _count_left_over_partners()},
    ),
    Step(
        "message_counts",
        "Counts of limits that are over",
        do=lambda _: _forget(lambda now: limits.forget(state.context(), now)),
        count=lambda _: {"deleted": _count(state.models.MessageCount, limits.is_over(state.models, state.now()))},
    ),
    Step(
        "idempotency_keys",
        "Old idempotency keys",
        do=lambda _: _forget(lambda now: idempotency.forget_old(state.session, state.models, now)),
        count=lambda _: {"deleted": _count_old_keys()},
    ),
)
"""What a run does, in this order. What goes by the date stands before the messages, which wait for the provider."""
