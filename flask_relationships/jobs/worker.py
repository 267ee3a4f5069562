"""``flask relationships worker``: what is due, again and again, for a host that has no cron."""

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

GLANCE = 0.2
"""Seconds between two looks at whether to stop, while there is nothing to do."""

JITTER = 0.1
"""By which part of the time between two runs it varies: several workers that begin at once do not stay together."""


class Stop:
    """Whether the process was told to end. A second signal ends it at once, as every step allows."""

    def __init__(self) -> None:
        self.told = False

    def __call__(self) -> bool:
        return self.told

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear SIGTERM and SIGINT meanwhile."""
        before = {number: signal.signal(number, self._hear) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _hear(self, number: int, frame: Any) -> None:
        self.told = True
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, signal.SIG_DFL)


def work(app: Flask, every: float) -> None:
    """Run what is due every so many seconds, until SIGTERM or SIGINT. What goes wrong is logged, and tried again.

    Raises `ConfigurationError`, which no later run would put right.
    """
    stop = Stop()
    with stop.listening():
        logger.info("the worker runs what is due every %g seconds", every)
        while not stop():
            again_at = time.monotonic() + every * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
            _run(app, stop)
            while not stop() and time.monotonic() < again_at:
                time.sleep(GLANCE)
        logger.info("the worker has stopped")


def _run(app: Flask, stop: Stop) -> None:
    """In a context of its own, as a request has: the host closes its session at the end."""
    try:
        with app.app_context():
            logger.info("%s", jobs.run_due(runner="worker", stopped=stop))
    except ConfigurationError:
        raise
    except Exception as error:  # of the host's own teardown, say
        logger.error("a run has failed, the next one tries again: %s", place_of(error))
