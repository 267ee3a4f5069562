"""The faults of a fake Twilio: their names, when one applies, and how it changes an answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Literal, get_args

Operation = Literal["create", "list", "fetch"]

Fault = Literal[
    "busy",
    "refuse",
    "problem",
    "drop_before",
    "drop_after",
    "reset",
    "cut",
    "hang_before",
    "hang_after",
    "error_before",
    "error_after",
    "html",
    "html_error",
    "empty",
]
FAULTS: tuple[Fault, ...] = get_args(Fault)

AFTER: frozenset[Fault] = frozenset({"drop_after", "reset", "cut", "hang_after", "error_after", "html", "empty"})
"""Faults after the request was executed: the message is accepted, although the sender gets no valid answer."""

STATUSES = {20003: 401, 20004: 405, 20404: 404, 20429: 429}
"""HTTP statuses of the codes that are not answered with 400."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response.

    :param ending: send all of it, half of its body, nothing, or reset the connection.
    :param wait: seconds before it is sent.
    """

    status: int
    body: str
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    ending: Literal["whole", "cut", "close", "reset"] = "whole"
    wait: float = 0


def as_answer(status: int, content: Any) -> Answer:
    """Return a response of JSON."""
    return Answer(status, json.dumps(content))


def refusal(code: int, message: str, status: int | None = None) -> Answer:
    """Return an error as Twilio's JSON."""
    status = status or STATUSES.get(code, 400)
    more = f"https://www.twilio.com/docs/errors/{code}"
    return as_answer(status, {"code": code, "message": message, "more_info": more, "status": status})


@dataclass(slots=True)
class Plan:
    """One call of `FakeTwilio.fail`."""

    faults: tuple[Fault, ...]
    on: Operation
    times: int | None
    share: float
    seconds: float
    retry_after: int | None
    code: int

    def __post_init__(self) -> None:
        unknown = [fault for fault in self.faults if fault not in FAULTS]
        if unknown or not self.faults:
            found = f"No fault is called {', '.join(map(repr, unknown))}" if unknown else "Name a fault"
            raise ValueError(f"{found}; there are {', '.join(FAULTS)}.")
        if self.on not in get_args(Operation):
            raise ValueError(f"No operation is called {self.on!r}; there are {', '.join(get_args(Operation))}.")

    def spoil(self, fault: Fault, work: Callable[[], Answer]) -> Answer:
        """Return the answer to a request with a fault.

        :param work: returns the answer without the fault.
        """
        if fault in AFTER:
            answer = work()
            return self._spoil_after(fault, answer) if answer.status < 300 else answer
        if fault == "busy":
            answer = refusal(20429, "Made up: too many requests.")
            headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
            return replace(answer, headers=headers)
        if fault == "refuse":
            return refusal(self.code, f"Made up: error {self.code}.")
        if fault == "problem":
            return self._problem()
        if fault == "error_before":
            return refusal(20500, "Made up: an internal error.", 500)
        if fault == "html_error":
            return Answer(502, "<html><h1>Bad gateway</h1></html>", "text/html")
        return Answer(0, "", ending="close", wait=self.seconds if fault == "hang_before" else 0)

    def _spoil_after(self, fault: Fault, answer: Answer) -> Answer:
        if fault == "hang_after":
            return replace(answer, wait=self.seconds)
        if fault == "error_after":
            return refusal(20500, "Made up: an internal error.", 500)
        if fault == "html":
            return replace(answer, body="<html><h1>Thank you</h1></html>", content_type="text/html")
        if fault == "empty":
            return replace(answer, body="{}")
        if fault == "cut":
            return replace(answer, ending="cut")
        return replace(answer, ending="reset" if fault == "reset" else "close")

    def _problem(self) -> Answer:
        status = STATUSES.get(self.code, 400)
        content = {
            "type": f"https://www.twilio.com/docs/errors/{self.code}",
            "title": "Made up",
            "status": status,
            "code": self.code,
            "detail": f"Made up: error {self.code}.",
        }
        return Answer(status, json.dumps(content), "application/problem+json")


class Faults:
    """The present plans, oldest first. Safe for threads. The same seed and order of requests gives the same faults."""

    def __init__(self, seed: int) -> None:
        self._random, self._lock = Random(seed), threading.Lock()  # noqa: S311 - nothing here is a secret
        self._plans: list[Plan] = []

    def add(self, plan: Plan) -> None:
        """Add a plan."""
        with self._lock:
            self._plans.append(plan)

    def clear(self) -> None:
        """Remove all plans."""
        with self._lock:
            self._plans.clear()

    def answer(self, operation: Operation, work: Callable[[], Answer]) -> Answer:
        """Return the answer to a request, with a fault if a plan applies."""
        struck = self._strike(operation)
        if struck is None:
            return work()
        plan, fault = struck
        return plan.spoil(fault, work)

    def _strike(self, operation: Operation) -> tuple[Plan, Fault] | None:
        with self._lock:
            for plan in self._plans:
                if plan.on != operation or plan.times == 0 or self._random.random() >= plan.share:
                    continue
                if plan.times is not None:
                    plan.times -= 1
                return plan, self._random.choice(plan.faults)
        return None
