"""The workers of the kill loop: forked from a process that has made everything but a connection."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable
from ctypes import c_bool
from multiprocessing.process import BaseProcess
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from flask_relationships.jobs import registry as jobs
from tests.hosts.ordinary import OrdinaryHost

BETWEEN_RUNS = 0.5
"""Seconds after which a worker that sends what waits runs what is due."""

FORK = multiprocessing.get_context("fork")


class Forked:
    """What a worker does. ``user`` is who posts, ``posted`` what."""

    def __init__(self, host: OrdinaryHost, user: str, posted: list[dict[str, Any]]) -> None:
        self.host, self.user, self.posted = host, user, posted
        self.answered: Any = FORK.RawArray(c_bool, len(posted))  # of one writer, so that no dead one holds a lock

    def post(self) -> None:
        """Post what has had no answer yet, each with its own key: a client does not know what its server had done."""
        client = self.host.app.test_client()
        client.post("/login", data={"user": self.user})
        for number, request in enumerate(self.posted):
            while not self.answered[number]:
                key = {"Idempotency-Key": f"posted-{number}"}
                try:
                    answer = client.post(f"/api/relationships{request['path']}", json=request["json"], headers=key)
                except SQLAlchemyError:
                    continue
                busy = answer.status_code == 503 and answer.json and answer.json["code"] == "database_unavailable"
                self.answered[number] = not busy

    def send_waiting(self) -> None:
        """Send what waits, in any order, and run what is due now and then. Ends when nothing waits."""
        drawn, run_at = random.Random(), time.monotonic() + BETWEEN_RUNS
        while (ids := self._careful(self._waiting)) != []:
            if ids is None:
                continue
            self._careful(lambda: jobs.send(drawn.choice(ids)))
            if time.monotonic() > run_at:
                self._careful(jobs.run_due)
                run_at = time.monotonic() + BETWEEN_RUNS

    def _waiting(self) -> list[UUID]:
        table = self.host.models.Message
        waiting = sa.select(table.id).where(table.status_rank == -10).limit(50)
        return list(self.host.session.scalars(waiting))

    def _careful(self, work: Callable[[], Any]) -> Any:
        """Each in a context of its own, as a task or a command is; None where SQLite was locked for too long."""
        with self.host.app.app_context():
            try:
                return work()
            except SQLAlchemyError:
                return None


class Workers:
    """So many of them, the first of which posts."""

    def __init__(self, forked: Forked, count: int) -> None:
        self._work = [forked.post, *[forked.send_waiting] * (count - 1)]
        self._running: list[BaseProcess] = []

    def start(self) -> None:
        self._running = [self._fork(place) for place in range(len(self._work))]

    def kill(self, place: int) -> None:
        """End one with SIGKILL; another takes its place."""
        self._running[place].kill()
        self._running[place].join()
        self._running[place] = self._fork(place)

    def finish(self, seconds: float = 300) -> None:
        for process in self._running:
            process.join(seconds)
            process.kill()

    def _fork(self, place: int) -> BaseProcess:
        process = FORK.Process(target=self._work[place], daemon=True)
        process.start()
        return process
