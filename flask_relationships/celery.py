"""Sending, and what time brings, done by Celery workers. Needs the ``celery`` extra.

The tasks belong to whatever Celery application the host makes; none is made here. The table of messages is the queue:
a task is told an id and nothing personal, and one that gets lost with its broker is made up for by ``run_due``.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from typing import Any, ClassVar
from uuid import UUID

from celery import shared_task
from flask import has_app_context

from .api.application import state
from .context import Context
from .domain.feeds.delivery import hand_over, is_heard
from .domain.messages.sending import SendSignal, Sent, send
from .errors import place_of
from .jobs import registry as jobs

logger = logging.getLogger(__name__)

SECONDS = 1.0
"""How long the broker may take for each thing it is asked: a request waits for it."""

PAUSE = 30.0
"""Seconds for which a broker that has failed is not asked again: every request would wait for it."""

LIMITS: dict[str, dict[str, Any]] = {
    "redis": {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS, "retry_on_timeout": False},
    "rediss": {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS, "retry_on_timeout": False},
    "amqp": {"read_timeout": SECONDS, "write_timeout": SECONDS},
    "amqps": {"read_timeout": SECONDS, "write_timeout": SECONDS},
}
"""What bounds the waiting, by the kind of broker: none has a bound of its own. Others have only that of connecting."""


class NoApplicationContext(RuntimeError):
    """The host's tasks run outside its application."""


@shared_task(name="flask_relationships.deliver", ignore_result=True)  # type: ignore[untyped-decorator]
def deliver(message_id: str) -> None:
    """Send one message that waits."""
    _do(lambda: send(state.context(), UUID(message_id)))


@shared_task(name="flask_relationships.run_due", ignore_result=True)  # type: ignore[untyped-decorator]
def run_due() -> None:
    """Do all that is due. A step that fails is logged, and left to a later run."""
    _do(lambda: logger.info("%s", jobs.run_due(runner="celery")))


@shared_task(name="flask_relationships.hand_over_digests", ignore_result=True)  # type: ignore[untyped-decorator]
def hand_over_digests() -> None:
    """Hand the digests of today to the receivers of ``digest_due``, each once."""
    _do(_hand_over_digests)


def _hand_over_digests() -> None:
    if not is_heard():
        logger.error("digests are due, and nobody listens to digest_due: connect a function that mails them")
        return
    done = hand_over()
    told = logger.error if done.failed else logger.info
    told("digests: %d handed over, %d left to a later call", done.sent, done.failed)


def beat_schedule(seconds: float = 60.0, digests: Any = None) -> dict[str, dict[str, Any]]:
    """What to add to Celery's ``beat_schedule``, so that `run_due` is done every so many seconds.

    A run that no worker has begun by the time of the next is dropped. ``digests``: when digests are handed over, by one
    of Celery's schedules, such as ``crontab(hour=7, minute=30)``; not at all, unless given.
    """
    tasks: dict[str, dict[str, Any]] = {
        run_due.name: {"task": run_due.name, "schedule": seconds, "options": {"expires": seconds}}
    }
    if digests is not None:
        tasks[hand_over_digests.name] = {"task": hand_over_digests.name, "schedule": digests}
    return tasks


class CeleryDispatcher:
    """Tells a worker of each message. The request waits at most 2.5 seconds for a broker, and fails for none.

    ``failures`` counts what kept this process from telling, by the exception's class.
    """

    immediate: ClassVar[bool] = False

    def __init__(self) -> None:
        self.failures: Counter[str] = Counter()
        self._asked_again_at = 0.0

    def kick(self, ctx: Context, message_id: UUID, after_commit: SendSignal) -> Sent:
        if time.monotonic() >= self._asked_again_at:
            try:
                _tell(message_id)
            except Exception as error:  # whatever the broker's client raises, the message waits in its table
                self._asked_again_at = time.monotonic() + PAUSE
                kind = type(error.__cause__ or error).__name__  # Celery gives all of them one name
                self.failures[kind] += 1
                logger.error("no worker was told of message %s (%s); run_due will send it", message_id, kind)
        return Sent(False)


def _tell(message_id: UUID) -> None:
    """On a connection of its own: the host's may wait for ever, and must not cross a fork."""
    app = deliver.app
    options = {"max_retries": 0, **app.conf.broker_transport_options}
    with app.connection_for_write(connect_timeout=SECONDS) as connection:
        connection.transport_options = {**options, **LIMITS.get(connection.transport_cls, {})}
        deliver.apply_async((str(message_id),), connection=connection, retry=False)


def _do(work: Any) -> None:
    """What a database says may hold what rows hold, and Celery would log it: only the kind and the place are told."""
    if not has_app_context():
        raise NoApplicationContext(
            "flask-relationships: a Celery task runs outside the application. Give your Celery a task class that "
            "enters app.app_context(), as Flask's documentation does: Celery(app.name, task_cls=FlaskTask)."
        )
    try:
        work()
    except Exception as error:
        logger.error("a task was not done, and is left to a later run: %s", place_of(error))
