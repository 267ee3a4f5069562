"""Send messages and run the scheduled jobs in Celery workers. Requires the ``celery`` extra.

The tasks belong to the Celery application of the host. Messages are queued in their table: a task receives only the
message id, and ``run_due`` sends the message of a task that the broker has lost.
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

BROKER_TIMEOUT_SECONDS = 1.0
"""Timeout of each operation of the broker. A request waits for it."""

BROKER_PAUSE_SECONDS = 30.0
"""How long a broker that failed is not used, because every request would wait for it."""

BROKER_OPTIONS: dict[str, dict[str, Any]] = {
    "redis": {
        "socket_timeout": BROKER_TIMEOUT_SECONDS,
        "socket_connect_timeout": BROKER_TIMEOUT_SECONDS,
        "retry_on_timeout": False,
    },
    "rediss": {
        "socket_timeout": BROKER_TIMEOUT_SECONDS,
        "socket_connect_timeout": BROKER_TIMEOUT_SECONDS,
        "retry_on_timeout": False,
    },
    "amqp": {"read_timeout": BROKER_TIMEOUT_SECONDS, "write_timeout": BROKER_TIMEOUT_SECONDS},
    "amqps": {"read_timeout": BROKER_TIMEOUT_SECONDS, "write_timeout": BROKER_TIMEOUT_SECONDS},
}
"""The timeouts by the kind of broker, which have none by default. Other brokers only have the one of connecting."""


class NoApplicationContext(RuntimeError):
    """A task runs outside of the host's application context."""


@shared_task(name="flask_relationships.deliver", ignore_result=True)  # type: ignore[untyped-decorator]
def deliver(message_id: str) -> None:
    """Send one queued message.

    :param message_id: id of the message.
    """
    _do(lambda: send(state.context(), UUID(message_id)))


@shared_task(name="flask_relationships.run_due", ignore_result=True)  # type: ignore[untyped-decorator]
def run_due() -> None:
    """Run the scheduled jobs that are due. A failed job is logged and left to a later run."""
    _do(lambda: logger.info("%s", jobs.run_due(runner="celery")))


@shared_task(name="flask_relationships.hand_over_digests", ignore_result=True)  # type: ignore[untyped-decorator]
def hand_over_digests() -> None:
    """Send today's digests to the receivers of ``digest_due``, each once."""
    _do(_hand_over_digests)


def _hand_over_digests() -> None:
    if not is_heard():
        logger.error("digests are due, but digest_due has no receiver: connect a function that mails them")
        return
    done = hand_over()
    level = logging.ERROR if done.failed else logging.INFO
    logger.log(level, "digests: %d sent, %d left to a later call", done.sent, done.failed)


def beat_schedule(seconds: float = 60.0, digests: Any = None) -> dict[str, dict[str, Any]]:
    """Return the entries for Celery's ``beat_schedule``.

    A run that no worker has started before the next one is dropped.

    :param seconds: how often the scheduled jobs run.
    :param digests: Celery schedule of the digests, such as ``crontab(hour=7, minute=30)``. None sends none.
    :returns: the entries by task name.
    """
    tasks: dict[str, dict[str, Any]] = {
        run_due.name: {"task": run_due.name, "schedule": seconds, "options": {"expires": seconds}}
    }
    if digests is not None:
        tasks[hand_over_digests.name] = {"task": hand_over_digests.name, "schedule": digests}
    return tasks


class CeleryDispatcher:
    """Starts a task for each message. A request waits at most 2.5 seconds for the broker, and does not fail with it.

    ``failures`` counts the exceptions of the broker in this process, by their class.
    """

    immediate: ClassVar[bool] = False

    def __init__(self) -> None:
        self.failures: Counter[str] = Counter()
        self._retry_at = 0.0

    def kick(self, ctx: Context, message_id: UUID, after_commit: SendSignal) -> Sent:
        """Start the task of a message. If the broker fails, `run_due` sends the message."""
        if time.monotonic() >= self._retry_at:
            try:
                _start_task(message_id)
            except Exception as error:  # the message is queued in its table, whatever the broker's client raises
                self._retry_at = time.monotonic() + BROKER_PAUSE_SECONDS
                kind = type(error.__cause__ or error).__name__  # Celery wraps all of them in one class
                self.failures[kind] += 1
                logger.error("no task was started for message %s (%s); run_due will send it", message_id, kind)
        return Sent(False)


def _start_task(message_id: UUID) -> None:
    """Use a connection of its own: the host's may wait without limit, and must not cross a fork."""
    app = deliver.app
    options = {"max_retries": 0, **app.conf.broker_transport_options}
    with app.connection_for_write(connect_timeout=BROKER_TIMEOUT_SECONDS) as connection:
        connection.transport_options = {**options, **BROKER_OPTIONS.get(connection.transport_cls, {})}
        deliver.apply_async((str(message_id),), connection=connection, retry=False)


def _do(work: Any) -> None:
    """Run a task. Log only the class and place of an exception, because its text may contain values of rows."""
    if not has_app_context():
        raise NoApplicationContext(
            "flask-relationships: a Celery task runs outside the application. Give your Celery a task class that "
            "enters app.app_context(), as Flask's documentation does: Celery(app.name, task_cls=FlaskTask)."
        )
    try:
        work()
    except Exception as error:
        logger.error("a task failed and is left to a later run: %s", place_of(error))
