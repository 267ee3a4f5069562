"""Personal values stay where they belong: in no problem, in no log, in no address, in no cache."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships.providers.base import TransportRefused, TransportUnclear
from flask_relationships.testing.contract.specification import MEMBERS, ROUTES, WRITING_ROUTES, Route
from tests.hosts.host import Caller, Host
from tests.marks import input_only
from tests.security.rows import fill

pytestmark = pytest.mark.on_databases("sqlite", "postgresql")

CANARY = "canary-7f3a"
PHONE = "+44 20 7946 0991"

PERSONAL = {
    "communication_notes": CANARY,
    "personal_notes": CANARY,
    "home_address": CANARY,
    "interests": [CANARY],
    "dietary_requirements": CANARY,
    "preferred_name": CANARY,
    "assistant_name": CANARY,
    "assistant_email": f"{CANARY}@example.com",
    "phone_number": PHONE,
    "whatsapp_number": PHONE,
    "twilio_opt_in": True,
}

CANARIES = (CANARY, PHONE, PHONE.replace(" ", ""))


def told(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


@contextmanager
def everything_logged(host: Host, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Log all that the package and the application say. The database's own logging is the host's choice."""
    with (
        caplog.at_level(logging.DEBUG, logger="flask_relationships"),
        caplog.at_level(logging.DEBUG, logger=host.app.logger.name),
    ):
        yield


@input_only
@pytest.mark.parametrize("route", WRITING_ROUTES, ids=str)
def test_problems_do_not_repeat_what_was_sent(host: Host, api: Caller, route: Route) -> None:
    path = route.path.format(**fill(host, api))
    leaks = []
    for name in MEMBERS[str(route)]:
        for value in (f"{CANARY}\t" * 20_000, [CANARY, [1]], {CANARY: CANARY}, f"{CANARY}@"):
            response = api.ask(route.method, path, {**route.body, name: value})
            if response.status_code >= 400 and told(response.get_data(as_text=True) + str(response.headers)):
                leaks.append((name, type(value).__name__))
    for raw in (b'{"title": "' + CANARY.encode(), b'{"a": "' + CANARY.encode() + b'\\u0000"}'):
        response = api.ask(route.method, path, data=raw, content_type="application/json")
        if told(response.get_data(as_text=True)):
            leaks.append(("raw", "bytes"))
    assert leaks == []


def test_nothing_personal_is_logged(host: Host, api: Caller, caplog: pytest.LogCaptureFixture) -> None:
    """Every route with personal values, well and badly asked, and a provider that fails with them in its words."""
    with everything_logged(host, caplog):
        ids = fill(host, api)
        api.patch(f"/contacts/{ids['contact']}/relationship", PERSONAL)
        for route in ROUTES:
            if route.method == "DELETE":
                continue
            personal = {name: CANARY for name in (route.body or {}) if name != "channel"}
            for caller in (api, host.person("none"), host.anonymous()):
                caller.ask(route.method, route.path.format(**ids), {**route.body, **personal} if route.body else None)
        failures: tuple[Exception, ...] = (
            TransportRefused(f"{PHONE} {CANARY}", provider_code=21211),
            TransportUnclear(f"{PHONE} {CANARY}"),
            RuntimeError(f"{PHONE} {CANARY}"),
        )
        for failure in failures:
            host.transport.failure = [failure]
            body = {"channel": "sms", "body": CANARY}
            assert api.ask("POST", f"/contacts/{ids['contact']}/messages", body).status_code in {202, 502}
    assert told(caplog.text) == []


DATABASE_ERRORS = {
    "gone": (sa.exc.OperationalError, 503, "database_unavailable"),
    "bad data": (sa.exc.DataError, 500, "internal_error"),
    "bad statement": (sa.exc.ProgrammingError, 500, "internal_error"),
}


@pytest.mark.parametrize("kind", list(DATABASE_ERRORS))
def test_an_error_of_the_database_is_told_without_its_parameters(
    host: Host, api: Caller, contact: str, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    error, status, code = DATABASE_ERRORS[kind]
    table = host.models.Profile.__table__.name

    def fail(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if table in statement:
            raise error(statement, [CANARY], Exception(f"value {CANARY} is wrong"))

    with host.app.app_context():
        engine = host.db.engine
    sa.event.listen(engine, "before_cursor_execute", fail)
    try:
        with everything_logged(host, caplog):
            response = api.ask("PATCH", f"/contacts/{contact}/relationship", PERSONAL)
    finally:
        sa.event.remove(engine, "before_cursor_execute", fail)
    assert (response.status_code, response.get_json()["code"]) == (status, code)
    assert told(response.get_data(as_text=True)) == []
    assert caplog.records, "an error that nobody is told of"
    assert told(caplog.text) == []
    assert api.patch(f"/contacts/{contact}/relationship", PERSONAL), "the next request is well again"


def test_answers_are_not_cached_and_not_guessed_at(host: Host, api: Caller, contact: str) -> None:
    for caller in (api, host.anonymous()):
        for path in (f"/contacts/{contact}/relationship", "/relationship-actions", "/nothing"):
            headers = caller.ask("GET", path).headers
            assert headers["Cache-Control"] == "no-store"
            assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_settings_do_not_show_their_secrets(make_host: Any) -> None:
    host = make_host(
        RELATIONSHIPS_TWILIO_ACCOUNT_SID="AC" + "0" * 32,
        RELATIONSHIPS_TWILIO_AUTH_TOKEN=f"{CANARY}-token",
        RELATIONSHIPS_TWILIO_API_KEY_SECRET=f"{CANARY}-secret",
    )
    state = host.app.extensions["relationships"]
    assert told(repr(state) + repr(state.settings) + str(host.relationships) + repr(vars(host.relationships))) == []
