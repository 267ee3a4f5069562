"""A peer's application called without a server: WSGI or ASGI, in this process, with its log-in's cookie."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any, NamedTuple

import sqlalchemy as sa

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-262144",
)
"""SQLite as it is set up behind a site, for everybody alike."""


class Request(NamedTuple):
    """What is asked. ``path`` is that of the peers; ours stands below its prefix."""

    method: str
    path: str
    query: str = ""
    body: Any = None


class Answered(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def cookies(self) -> str:
        jar = SimpleCookie()
        for name, value in self.headers:
            if name.lower() == "set-cookie":
                jar.load(value)
        return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())


Ask = Callable[[], Answered]
"""Asks one request again and again."""


class WSGI:
    def __init__(self, app: Any) -> None:
        self.app = app

    def prepared(self, request: Request, cookie: str = "") -> Ask:
        raw = b"" if request.body is None else json.dumps(request.body).encode()
        fixed = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": request.path,
            "QUERY_STRING": request.query,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(raw)),
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": cookie,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        app = self.app

        def ask() -> Answered:
            begun: list[Any] = []
            parts = app({**fixed, "wsgi.input": io.BytesIO(raw)}, lambda *given: begun.append(given))
            body = b"".join(parts)
            if hasattr(parts, "close"):
                parts.close()
            status, headers = begun[0][:2]
            return Answered(int(status[:3]), headers, body)

        return ask


class ASGI:
    def __init__(self, app: Any) -> None:
        self.app, self.loop = app, asyncio.new_event_loop()

    def prepared(self, request: Request, cookie: str = "") -> Ask:
        raw = b"" if request.body is None else json.dumps(request.body).encode()
        headers = [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"cookie", cookie.encode())]
        fixed = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": request.path,
            "raw_path": request.path.encode(),
            "root_path": "",
            "query_string": request.query.encode(),
            "headers": [*headers, (b"content-length", str(len(raw)).encode())],
            "client": ("127.0.0.1", 4000),
            "server": ("localhost", 80),
        }
        app, loop = self.app, self.loop

        async def call() -> Answered:
            sent: list[Any] = []

            async def receive() -> Any:
                return {"type": "http.request", "body": raw, "more_body": False}

            async def send(message: Any) -> None:
                sent.append(message)

            await app({**fixed, "state": {}}, receive, send)
            told = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
            return Answered(sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:]))

        return lambda: loop.run_until_complete(call())


def set_up(connection: Any, _record: object = None) -> None:
    """What every new connection of every peer is told."""
    if isinstance(connection, sqlite3.Connection):
        for pragma in PRAGMAS:
            connection.execute(pragma)


def set_up_all() -> None:
    if not sa.event.contains(sa.Engine, "connect", set_up):
        sa.event.listen(sa.Engine, "connect", set_up)


def reset_all() -> None:
    """Undo `set_up_all`, for the engines of other tests in this process."""
    sa.event.remove(sa.Engine, "connect", set_up)
