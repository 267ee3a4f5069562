"""Call the API as an anonymous client, without committing anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import Context
from typing import Any

from flask import Flask, current_app
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import Client

from ..api.application import state, state_of
from ..db.session_factories import session_classes
from ..errors import place_of
from .check_run import WRITE_REFUSED, CheckRun, WriteRefused
from .results import CheckResult, Kind

PAGE = "permissions.md#current-user"

API = Kind("api_anonymous", "ok", "The status of an anonymous request to the API.", PAGE)
API_REDIRECTED = Kind(
    "api_redirected",
    "warning",
    "A hook of the application redirects anonymous requests to the API. Clients expect a 401 with JSON.",
    PAGE,
    "Skip the endpoints of the tool's blueprint in your before_request. The tool answers 401 itself.",
)


def check(run: CheckRun) -> Iterator[CheckResult]:
    """Read the OpenAPI document as an anonymous client."""
    del run
    refused: list[Session] = []
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    commits_refused = refuse_commits(app, session_classes(state.session_holders(app)), refused)
    status = Context().run(_status, app, f"{state.settings.url_prefix}/openapi.json", commits_refused)
    if status is None:
        return
    if 300 <= status < 400 and not refused:
        yield API_REDIRECTED.result(f"An anonymous GET of the API is answered with {status}, a redirect.")
    else:
        yield API.result(f"An anonymous GET of the API is answered with {status}.")


def _status(app: Flask, path: str, commits_refused: AbstractContextManager[None]) -> int | None:
    """Return the status that an anonymous client gets; None if the application raises."""
    try:
        with commits_refused:
            return int(Client(app).get(path).status_code)
    except Exception as error:  # hooks of the host can raise any exception, and do in debug mode
        app.logger.warning("an anonymous request to the API raises %s", place_of(error))
        return None


@contextmanager
def refuse_commits(app: Flask, classes: tuple[type[Session], ...], refused: list[Session]) -> Iterator[None]:
    """Refuse every commit of a request, which has a session that `CheckRun` does not know.

    Sessions of unknown factories are refused from the moment that one of our views uses them.

    :param classes: the classes of the host's sessions.
    :param refused: receives the sessions whose commit was refused.
    """
    registered = state_of(app)

    def refuse(session: Session) -> None:
        refused.append(session)
        raise WriteRefused(WRITE_REFUSED)

    targets: list[Any] = list(classes)
    find_session = registered.find_session

    def find_and_refuse() -> Session:
        session = find_session()
        if not isinstance(session, classes) and session not in targets:
            event.listen(session, "before_commit", refuse)
            targets.append(session)
        return session

    for session_class in classes:
        event.listen(session_class, "before_commit", refuse)
    registered.find_session = find_and_refuse
    try:
        yield
    finally:
        registered.find_session = find_session
        for target in targets:
            event.remove(target, "before_commit", refuse)
