"""As much of a web browser as the tour needs: cookies, forms with their hidden fields, and JSON requests."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """What the server said; ``json`` is None where it was no JSON."""

    status: int
    reason: str
    text: str
    json: Any


class Page(HTMLParser):
    """The meta tags of a page and the hidden fields of its first form."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.hidden: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta" and "name" in given:
            self.meta[given["name"]] = given.get("content", "")
        if tag == "input" and given.get("type") == "hidden":
            self.hidden.setdefault(given["name"], given.get("value", ""))


class Browser:
    """One person's browser. Once logged in, JSON requests carry the CSRF token of the page last opened."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.token = ""
        # No proxy: whatever the environment says, the demo is on this machine.
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))

    def open(self, path: str) -> Page:
        page = Page(self._send("GET", path).text)
        self.token = page.meta.get("csrf-token", "")
        return page

    def log_in(self, email: str, password: str) -> bool:
        """Fill in the form and submit it; True if it let us in."""
        form = {**self.open("/login").hidden, "email": email, "password": password}
        answer = self._send("POST", "/login", urlencode(form).encode())
        self.open("/")
        return answer.status == 200

    def call(self, method: str, path: str, body: Any = None, *, with_token: bool = True) -> Answer:
        """A request as a page's ``fetch`` would make it."""
        headers = {"Accept": "application/json"}
        if method != "GET" and with_token:
            headers["X-CSRFToken"] = self.token
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = None if body is None else json.dumps(body).encode()
        return self._send(method, path, data, headers)

    def _send(self, method: str, path: str, data: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        request = Request(self.address + path, data, headers or {}, method=method)  # noqa: S310  (http, always)
        try:
            with self._opener.open(request, timeout=SECONDS) as response:
                return _answer(response)
        except HTTPError as response:
            with response:
                return _answer(response)


def _answer(response: Any) -> Answer:
    text = response.read().decode()
    is_json = "json" in response.headers.get("Content-Type", "")
    return Answer(response.status, response.reason, text, json.loads(text) if is_json else None)
