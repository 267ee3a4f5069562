"""What time brings: done by ``flask relationships run-due`` or by Celery, as often as you like, in any number of
processes. Each step stands alone: it is committed by itself, and what goes wrong in it does not keep the others."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from blinker import NamedSignal
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from . import idempotency, signals
from .errors import Problem, place_of
from .keeping_in_touch import reminders
from .messages import delivery, limits, recovery, waiting
from .messages.delivery import ATTEMPTS
from .state import state
from .tables.execute import retried

logger = logging.getLogger(__name__)

_T = TypeVar("_T")

MOST_SENT = 500
"""How many waiting messages one run sends."""

MOST_LOOKED_FOR = 500
"""How many unclear messages one run looks for: each is a request to the provider."""

MOST_UNREADABLE = 3
"""After so many lists in a row that cannot be read, the provider is left in peace until the next run."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a run did: how many messages a dead process had left, what was learnt of those that were unclear, and how
    many were sent that had waited; and how many actions remind of keeping in touch since."""

    lapsed: int
    found: int
    not_sent: int
    unclear: int
    sent: int = 0
    reminded: int = 0


class Sent(NamedTuple):
    """Whether a message was ours to send, and why the provider has not taken it: it has failed then, or waits again."""

    begun: bool
    problem: Problem | None = None


def run_due() -> Done:
    """Do what is due. Needs an application context; commits in small steps, and may be killed at any of them."""
    state.make_ready()
    session, models = state.session, state.models
    for forget in (limits.forget, idempotency.forget_old):
        retried(session, lambda: _forget(forget), ATTEMPTS, unless=lambda: False)  # noqa: B023 (called at once)
    sent, reminded = _send_waiting(), _remind()
    lapsed = recovery.lapse(session, models)
    fates = _look_for_unclear()
    return Done(lapsed, fates["found"], fates["not_sent"], fates["unclear"] + fates["unreadable"], sent, reminded)


def send(message_id: UUID) -> Sent:
    """Send a message that waits and is due, unless another process has begun to, and tell the application's receivers.

    Raises what the database raises: then it still waits, or is looked for by `run_due`.
    """
    session, models = state.session, state.models
    attempt = retried(session, lambda: delivery.claim(session, models, message_id), ATTEMPTS, unless=lambda: False)
    if attempt is None:
        return Sent(False)
    problem, action = delivery.deliver(session, models, message_id, attempt, awaited=False)
    message = _read(message_id)
    if message is not None and message.status == "failed":
        _announce(signals.message_failed, message)
    elif message is not None and message.provider_sid is not None:
        _announce(signals.message_sent, message)
    if action is not None:
        _announce(signals.action_closed, action)
    session.commit()
    return Sent(True, problem)


def _forget(forget: Callable[..., int]) -> None:
    forget(state.session, state.models, state.now())
    state.session.commit()


def _send_waiting() -> int:
    """Until the provider cannot be reached: then every other message would meet the same."""
    sent = 0
    for tried in _each(waiting.due(state.session, state.models, MOST_SENT), send):
        if tried.problem is not None and tried.problem.code in delivery.NOT_ABOUT_IT_CODES:
            break
        sent += tried.begun and tried.problem is None
    return sent


def _remind() -> int:
    """Actions to keep in touch, and the end of those that are not needed any more."""
    session, models = state.session, state.models
    done = reminders.remind(session, models, state.hosts, state.today())
    for signal, ids in ((signals.action_closed, done.dismissed), (signals.action_created, done.made)):
        for action_id in ids:
            action = session.get(models.Action, action_id)
            if action is not None:
                _announce(signal, action)
    session.commit()
    return len(done.made)


def _look_for_unclear() -> Counter[str]:
    fates: Counter[str] = Counter()
    unreadable = 0
    for fate in _each(recovery.unclear(state.session, state.models, MOST_LOOKED_FOR), _look_for):
        fates[fate] += 1
        unreadable = unreadable + 1 if fate == "unreadable" else 0
        if unreadable == MOST_UNREADABLE:
            break
    return fates


def _look_for(message_id: UUID) -> str:
    looked = recovery.look_for(state.session, state.models, message_id)
    if looked.fate in ("found", "not_sent"):
        message = _read(message_id)
        if message is not None:
            _announce(signals.message_status_changed, message)
        if looked.action is not None:
            _announce(signals.action_closed, looked.action)
        state.session.commit()
    return looked.fate


def _each(ids: list[UUID], step: Callable[[UUID], _T]) -> Iterator[_T]:
    """The results of one step after the other; one the database fails is logged, and comes again later."""
    for message_id in ids:
        try:
            result = step(message_id)
        except SQLAlchemyError as error:
            state.session.rollback()
            logger.error("what is due for message %s was not done: %s", message_id, place_of(error))
        else:
            yield result


def _read(message_id: UUID) -> Any:
    return state.session.get(state.models.Message, message_id, populate_existing=True)


def _announce(signal: NamedSignal, row: Any) -> None:
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    signals.send(signal, app, row=row, user=None)
