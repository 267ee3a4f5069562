"""The command ``flask relationships worker``: run scheduled jobs again and again, without cron."""

from __future__ import annotations

import logging
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask

from ..errors import ConfigurationError, place_of
from . import registry as jobs

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.2
"""How often an idle worker checks whether to stop."""

JITTER = 0.1
"""By which part the time between two runs varies, so that workers that start together do not run together."""


class Stop:
    """Whether the process received a signal to stop. A second signal kills it, which every job allows."""

    def __init__(self) -> None:
        self._is_set = False

    def __call__(self) -> bool:
        """Return whether to stop."""
        return self._is_set

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Handle SIGTERM and SIGINT."""
        before = {number: signal.signal(number, self._handle) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _handle(self, number: int, frame: Any) -> None:
        self._is_set = True
        for handled in (signal.SIGTERM, signal.SIGINT):
            signal.signal(handled, signal.SIG_DFL)


def work(app: Flask, every: float) -> None:
    """Run the scheduled jobs until SIGTERM or SIGINT. A failure is logged, and the next run tries again.

    :param every: seconds from the start of a run to the start of the next.
    :raises ConfigurationError: because no later run would succeed.
    """
    stop = Stop()
    with stop.listening():
        logger.info("the worker runs the scheduled jobs every %g seconds", every)
        while not stop():
            next_at = time.monotonic() + every * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
            _run(app, stop)
            while not stop() and time.monotonic() < next_at:
                time.sleep(POLL_SECONDS)
        logger.info("the worker has stopped")


def _run(app: Flask, stop: Stop) -> None:
    """Run in an application context of its own, at the end of which the host closes its session."""
    try:
        with app.app_context():
            logger.info("%s", jobs.run_due(runner="worker", stopped=stop))
    except ConfigurationError:
        raise
    except Exception as error:  # for example from the host's teardown
        logger.error("a run failed, the next one tries again: %s", place_of(error))
