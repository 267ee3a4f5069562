"""Making each request of the tour, printing it with its answer, and keeping count of what was as documented."""

from __future__ import annotations

import json
from collections.abc import Callable, Set
from typing import Any

from .browser import Answer, Browser

PREFIX = "/api/relationships"

ROUTES = (
    ("GET", "/contacts/:id/relationship", {"profile", "twilio_connected"}),
    ("PATCH", "/contacts/:id/relationship", {"profile"}),
    ("GET", "/contacts/:id/life-events", {"events"}),
    ("POST", "/contacts/:id/life-events", {"event"}),
    ("PATCH", "/contacts/:id/life-events/:eventId", {"event"}),
    ("DELETE", "/contacts/:id/life-events/:eventId", {"ok"}),
    ("GET", "/relationship-actions", {"actions"}),
    ("GET", "/contacts/:id/relationship-actions", {"actions"}),
    ("POST", "/contacts/:id/relationship-actions", {"action"}),
    ("PATCH", "/relationship-actions/:id", {"action"}),
    ("GET", "/contacts/:id/messages", {"messages"}),
    ("POST", "/contacts/:id/messages", {"message"}),
    ("GET", "/companies/:id/partners", {"partners"}),
    ("POST", "/companies/:id/partners", {"partner"}),
    ("PATCH", "/companies/:id/partners/:partnerId", {"partner"}),
    ("DELETE", "/companies/:id/partners/:partnerId", {"ok"}),
    (
        "GET",
        "/clients/:companyId/relationship-summary",
        {"contacts", "events", "actions", "partners", "messages"},
    ),
)
"""The documented routes: method, path, and the members of the answer. POST answers 201, the others 200."""

MOST_LINES = 30
MOST_ENTRIES = 2


class Guide:
    """Prints the tour through ``say``; a line for each thing that is not as documented."""

    def __init__(self, address: str, say: Callable[[str], None], *, full: bool) -> None:
        self._address, self._say, self._full = address, say, full
        self._answered: set[tuple[str, str]] = set()
        self._wrong = 0

    def chapter(self, title: str) -> None:
        self._say(f"\n{title}\n{'=' * len(title)}")

    def welcome(self, email: str, password: str) -> Browser:
        """Log somebody in, in a browser of their own."""
        browser = Browser(self._address)
        self.check(browser.log_in(email, password), f"{email} logs in with the form, its cookie and its CSRF token")
        return browser

    def stranger(self) -> Browser:
        return Browser(self._address)

    def visit(self, browser: Browser, method: str, route: str, body: Any = None, *ids: str) -> Any:
        """Call a documented route, its ``:names`` filled with ``ids``, and give its JSON."""
        members = next(members for of, path, members in ROUTES if (of, path) == (method, route))
        answer = self._call(browser, method, filled(route, ids), body)
        expected = 201 if method == "POST" else 200
        right = self._judge(answer, expected, set(members))
        if right:
            self._answered.add((method, route))
        return answer.json if right else {}

    def refused(
        self,
        browser: Browser,
        method: str,
        route: str,
        body: Any,
        *ids: str,
        status: int,
        code: str,
        with_token: bool = True,
    ) -> None:
        """Call a route and be refused, with this status and problem code."""
        answer = self._call(browser, method, filled(route, ids), body, with_token=with_token)
        self._judge(answer, status)
        self.check((answer.json or {}).get("code") == code, f"the problem's code is {code}")

    def _call(self, browser: Browser, method: str, path: str, body: Any, *, with_token: bool = True) -> Answer:
        self._say(f"\n{method} {PREFIX}{path}")
        if body is not None:
            self._say(indented(json.dumps(body, indent=2, ensure_ascii=False)))
        answer = browser.call(method, PREFIX + path, body, with_token=with_token)
        shown = (
            answer.text
            if answer.json is None
            else json.dumps(answer.json if self._full else shortened(answer.json), indent=2, ensure_ascii=False)
        )
        lines = shown.splitlines()
        if not self._full and len(lines) > MOST_LINES:
            lines = [*lines[:MOST_LINES], f"… {len(lines) - MOST_LINES} more lines"]
        self._say(f"-> {answer.status} {answer.reason}\n{indented(chr(10).join(lines))}")
        return answer

    def _judge(self, answer: Answer, expected: int, members: Set[str] | None = None) -> bool:
        problem = ""
        if answer.status != expected:
            problem = f"expected {expected}"
        elif members is not None and (not isinstance(answer.json, dict) or set(answer.json) != members):
            problem = f"expected the members {', '.join(sorted(members))}"
        self.check(not problem, problem or f"{expected} as expected")
        return not problem

    def check(self, right: bool, statement: str) -> None:
        self._wrong += not right
        self._say(f"   [{'ok' if right else 'NOT AS DOCUMENTED'}] {statement}")

    def sum_up(self) -> bool:
        """Print the result; True if every route answered as documented and every check held."""
        missing = [f"{method} {path}" for method, path, _ in ROUTES if (method, path) not in self._answered]
        self._say("")
        for route in missing:
            self._say(f"Not as documented: {route}")
        if self._wrong:
            self._say(f"{self._wrong} checks failed; they are marked above.")
        self._say(f"{len(self._answered)} of {len(ROUTES)} routes answered as documented")
        return not missing and not self._wrong


def filled(route: str, ids: tuple[str, ...]) -> str:
    remaining = iter(ids)
    return "/".join(next(remaining) if part.startswith(":") else part for part in route.split("/"))


def indented(text: str) -> str:
    return "\n".join(f"   {line}" for line in text.splitlines())


def shortened(value: Any) -> Any:
    """A JSON value with its long lists cut."""
    if isinstance(value, dict):
        return {name: shortened(member) for name, member in value.items()}
    if isinstance(value, list) and len(value) > MOST_ENTRIES and not isinstance(value[0], str):
        return [*map(shortened, value[:MOST_ENTRIES]), f"… and {len(value) - MOST_ENTRIES} more"]
    return value
