"""Requests that `check` makes as an anonymous client would, while nothing is committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from typing import Any

from flask import Flask, current_app
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import Client

from ..api.application import state, state_of
from ..db.session_factories import session_classes
from ..errors import place_of
from .examination import Examination, NothingIsKept
from .findings import Finding, Kind

PAGE = "permissions.md#current-user"

API = Kind("api_anonymous", "ok", "What an anonymous request to the API is answered with.", PAGE)
API_REDIRECTED = Kind(
    "api_redirected",
    "warning",
    "A hook of the application redirects anonymous requests to the API: clients expect a 401 as JSON.",
    PAGE,
    "Let the endpoints of the tool's blueprint through your before_request: the tool answers 401 itself.",
)


def look(examination: Examination) -> Iterator[Finding]:
    del examination
    refused: list[Session] = []
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    commits = nothing_is_committed(app, session_classes(state.session_holders(app)), refused)
    status = Context().run(_status, app, f"{state.settings.url_prefix}/openapi.json", commits)
    if status is not None and 300 <= status < 400 and not refused:
        yield API_REDIRECTED.found(f"An anonymous GET of the API is answered with {status}, a redirect.")
    elif isinstance(status, int):
        yield API.found(f"An anonymous GET of the API is answered with {status}.")


def _status(app: Flask, path: str, commits: Any) -> int | None:
    """Return the status that an anonymous client gets; None where the application raises."""
    try:
        with commits:
            return int(Client(app).get(path).status_code)
    except Exception as error:  # the host's hooks may raise anything, and do so in debug mode
        app.logger.warning("an anonymous request to the API raises %s", place_of(error))
        return None


@contextmanager
def nothing_is_committed(app: Flask, classes: tuple[type[Session], ...], refused: list[Session]) -> Iterator[None]:
    """The request has a session of its own, which `Examination` does not know. Tells whose commit it refused.

    A session that comes from no factory we know is refused from the moment that one of our views asks for it.
    """

    registered = state_of(app)

    def refuse(session: Session) -> None:
        refused.append(session)
        raise NothingIsKept("flask relationships check keeps nothing that is written while it runs")

    targets: list[Any] = list(classes)
    find_session = registered.find_session

    def find_and_refuse() -> Session:
        session = find_session()
        if not isinstance(session, classes) and session not in targets:
            event.listen(session, "before_commit", refuse)
            targets.append(session)
        return session

    for one in classes:
        event.listen(one, "before_commit", refuse)
    registered.find_session = find_and_refuse
    try:
        yield
    finally:
        registered.find_session = find_session
        for target in targets:
            event.remove(target, "before_commit", refuse)
