"""What a server and the way to it may do wrong, while it runs."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request


@dataclass
class Faults:
    """Faults by method and a pattern of the path; every request is kept in ``seen``."""

    rules: list[tuple[str, re.Pattern[str], Any]] = field(default_factory=list)
    lost: list[tuple[str, re.Pattern[str]]] = field(default_factory=list)
    seen: list[tuple[str, str, Any]] = field(default_factory=list)

    def answer(self, method: str, path: str, response: Any) -> None:
        """Answer without the application: with a response, or what a function returns."""
        self.rules.append((method, re.compile(path), response))

    def delay(self, method: str, path: str, seconds: float) -> None:
        self.answer(method, path, lambda: time.sleep(seconds))

    def lose_answer(self, method: str, path: str) -> None:
        """Do the work, and then answer as a gateway does that lost sight of it."""
        self.lost.append((method, re.compile(path)))

    def clear(self) -> None:
        self.rules.clear()
        self.lost.clear()

    def requests(self, method: str, path: str) -> list[Any]:
        """The bodies of those that were made."""
        return [body for made, at, body in self.seen if made == method and re.search(path, at)]

    def before(self) -> Any:
        body = request.get_json(silent=True) if request.mimetype == "application/json" else None
        self.seen.append((request.method, request.path, body))
        for method, pattern, response in list(self.rules):
            if request.method == method and pattern.search(request.path):
                found = response() if callable(response) else response
                if found is not None:
                    return found
        return None

    def after(self, response: Response) -> Response:
        for method, pattern in list(self.lost):
            if request.method == method and pattern.search(request.path):
                return Response("<h1>502 Bad Gateway</h1>", 502, content_type="text/html")
        return response


def problem(status: int, code: str, detail: str = "", headers: dict[str, str] | None = None) -> Any:
    """A response as the API words its problems."""

    def make() -> Response:
        import json

        body = json.dumps({"title": detail, "status": status, "detail": detail, "code": code})
        return Response(body, status, headers or {}, content_type="application/problem+json")

    return make
