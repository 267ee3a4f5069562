"""Transport, CSRF, the public address and time zones."""

from __future__ import annotations

import re
import sys
import time
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery import Celery, _state
from flask import Flask, abort, redirect, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_relationships import ConsoleTransport, TransportDisabled
from flask_relationships.checks.address import is_local
from flask_relationships.testing import MemoryTransport
from tests.check.conftest import MakeSmall


class TestMessaging:
    def test_no_credentials(self, make: MakeSmall) -> None:
        small = make(config={"RELATIONSHIPS_TWILIO_AUTH_TOKEN": None}).create_tables()
        assert small.wrong() == {"transport_not_connected"}
        assert "credentials are missing" in small.found("transport_not_connected")["message"]

    def test_no_sender(self, make: MakeSmall) -> None:
        without = {"RELATIONSHIPS_TWILIO_SMS_FROM": None, "RELATIONSHIPS_TWILIO_WHATSAPP_FROM": None}
        small = make(config=without).create_tables()
        assert small.wrong() == {"transport_not_connected"}
        assert "sender" in small.found("transport_not_connected")["message"]

    def test_no_sender_of_one_channel(self, make: MakeSmall) -> None:
        small = make(config={"RELATIONSHIPS_TWILIO_WHATSAPP_FROM": None}).create_tables()
        assert small.found("transport")["message"].endswith("TwilioTransport by sms, mms, not by whatsapp.")
        assert small.wrong() == set()

    def test_messages_that_nobody_sends_or_finds(self, make: MakeSmall) -> None:
        small = make().create_tables()
        with small.app.app_context():
            table = small.relationships.models.Message
            now = small.app.extensions["relationships"].now()
            fixed = {"direction": "outbound", "channel": "sms", "body": "Hello", "to_number": "+442079460018"}
            for status, rank, hours in (
                ("queued", -10, 1),
                ("queued", -10, 0),
                ("unconfirmed", 5, 3),
                ("failed", 5, 3),
            ):
                written = now - timedelta(hours=hours)
                small.db.session.add(table(**fixed, status=status, status_rank=rank, created_at=written))
            small.db.session.add(
                table(**fixed, status="queued", status_rank=20, provider_sid="SM1", created_at=written)
            )
            small.db.session.commit()
        assert small.wrong() == {"messages_wait", "messages_unclear", "run_due_never"}
        assert small.found("messages_wait")["message"].startswith("1 messages wait")
        assert small.found("messages_unclear")["message"].startswith("1 messages are unconfirmed")

    def test_celery_that_nobody_made(self, make: MakeSmall, monkeypatch: pytest.MonkeyPatch) -> None:
        small = make(config={"RELATIONSHIPS_DISPATCH": "celery"}).create_tables()
        assert small.wrong() == {"celery_without_application"}
        monkeypatch.setattr(_state._tls, "current_app", Celery("crm", set_as_current=False))
        assert small.wrong() == set()

    def test_switched_off(self, make: MakeSmall) -> None:
        small = make(config={"RELATIONSHIPS_TWILIO_ENABLED": False}).create_tables()
        assert small.wrong() == {"transport_disabled"}

    @pytest.mark.parametrize("transport", [ConsoleTransport(), MemoryTransport()], ids=["console", "memory"])
    def test_a_transport_that_sends_nothing(
        self, make: MakeSmall, transport: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        small = make(transport=transport).create_tables()
        assert small.wrong() == {"transport_sends_nothing"}
        monkeypatch.setenv("FLASK_DEBUG", "1")
        assert small.wrong() == set()

    def test_a_transport_of_the_host_s_own(self, make: MakeSmall) -> None:
        class Own(MemoryTransport):
            def require_ready(self, channel: str) -> None:
                raise refusal

        refusal: Exception = TransportDisabled("the secret is 123")
        small = make(transport=Own()).create_tables()
        assert small.found("transport_disabled")["message"] == "Own cannot send messages."
        refusal = LookupError("the secret is 123")
        assert small.wrong() == {"transport_fails"}
        assert "LookupError at" in small.found("transport_fails")["message"]
        assert "secret" not in small.run().output


PUBLIC = {"RELATIONSHIPS_PUBLIC_URL": "https://crm.example.com"}


class TestWebhooks:
    def test_they_come_in(self, make: MakeSmall, caplog: pytest.LogCaptureFixture) -> None:
        small = make(config=PUBLIC).create_tables()
        assert "refused" in small.found("webhooks")["message"]
        assert small.wrong() == set()
        assert "webhook" not in caplog.text

    def test_an_api_key_sends_and_cannot_check(self, make: MakeSmall) -> None:
        key = {"RELATIONSHIPS_TWILIO_API_KEY_SID": "SK" + "0" * 32, "RELATIONSHIPS_TWILIO_API_KEY_SECRET": "secret"}
        assert make(config={**key, "RELATIONSHIPS_TWILIO_AUTH_TOKEN": None}).create_tables().wrong() == {
            "webhooks_token_missing"
        }
        assert make(config=key).create_tables().wrong() == set()

    def test_a_public_address_without_a_token(self, make: MakeSmall) -> None:
        small = make(config={**PUBLIC, "RELATIONSHIPS_TWILIO_AUTH_TOKEN": None}).create_tables()
        assert small.wrong() == {"transport_not_connected", "webhooks_token_missing"}

    def test_a_transport_that_is_none_of_twilio_s_needs_none(self, make: MakeSmall) -> None:
        class Own(MemoryTransport):
            """Of the host's."""

        assert not {"webhooks", "webhooks_token_missing"} & {
            finding["code"] for finding in make(config=PUBLIC, transport=Own()).create_tables().check()
        }

    @pytest.mark.parametrize(
        ("hook", "told"),
        [
            (lambda: redirect("/login"), "the response is 302"),
            (lambda: abort(403), "the response 403 comes from another view or hook"),
            (lambda: abort(429), "the response is 429"),
            (lambda: 1 / 0, "ZeroDivisionError at"),
        ],
        ids=["redirect", "403", "429", "raises"],
    )
    def test_a_hook_that_answers_first(self, make: MakeSmall, hook: Callable[[], Any], told: str) -> None:
        small = make(config={**PUBLIC, "PROPAGATE_EXCEPTIONS": "raises" if "Zero" in told else None}).create_tables()
        small.app.before_request(hook)
        assert small.wrong() - {"api_redirected"} == {"webhooks_not_reached"}
        assert told in small.found("webhooks_not_reached")["message"]
        assert "relationships_webhooks" in small.found("webhooks_not_reached")["message"]

    def test_a_hook_that_leaves_them_alone(self, make: MakeSmall) -> None:
        def log_in() -> Any:
            return None if request.blueprint == "relationships_webhooks" else redirect("/login")

        small = make(config=PUBLIC).create_tables()
        small.app.before_request(log_in)
        assert "webhooks_not_reached" not in small.wrong()

    def test_a_hook_that_redirects_the_api(self, make: MakeSmall) -> None:
        small = make().create_tables()
        assert "401" in small.found("api_anonymous")["message"]
        other = make().create_tables()
        other.app.before_request(lambda: redirect("/login"))
        assert other.wrong() == {"api_redirected"}
        assert "302" in other.found("api_redirected")["message"]

    def test_a_hook_that_writes_keeps_nothing(self, make: MakeSmall) -> None:
        small = make(config=PUBLIC).create_tables()

        def count() -> None:
            small.db.session.add(small.Company(id=small.id(9), name="Seen"))
            small.db.session.commit()

        small.app.before_request(count)
        assert "webhooks_not_tried" in {finding["code"] for finding in small.check()}
        assert "webhooks_not_reached" not in small.wrong()
        with small.app.app_context():
            assert small.db.session.query(small.Company).count() == 0


NOT_SAME_SITE = {"SESSION_COOKIE_SAMESITE": None}


class TestCsrf:
    def test_a_cookie_and_nothing_that_keeps_others_out(self, make: MakeSmall) -> None:
        assert make(config=NOT_SAME_SITE).create_tables().wrong() == {"csrf_missing"}
        assert make(config={"SESSION_COOKIE_SAMESITE": "None"}).create_tables().wrong() == {"csrf_missing"}

    def test_a_token_in_a_header_needs_no_protection(self, make: MakeSmall) -> None:
        assert make(config=NOT_SAME_SITE, log_in=False, current_user=lambda: None).create_tables().wrong() == set()

    def test_flask_wtf_protects_and_a_client_is_told_what_to_send(self, make: MakeSmall) -> None:
        small = make(config=NOT_SAME_SITE).create_tables()
        CSRFProtect(small.app)
        assert small.wrong() == set()
        assert "A client sends its token as X-CSRFToken" in small.found("csrf")["message"]

    @pytest.mark.parametrize("switch", ["WTF_CSRF_ENABLED", "WTF_CSRF_CHECK_DEFAULT"])
    def test_flask_wtf_switched_off(self, make: MakeSmall, switch: str) -> None:
        small = make(config={**NOT_SAME_SITE, switch: False}).create_tables()
        CSRFProtect(small.app)
        assert switch in small.found("csrf_missing")["message"]

    @pytest.mark.parametrize(
        ("config", "wrong"),
        [
            ({"JWT_TOKEN_LOCATION": ["headers", "cookies"], "JWT_COOKIE_CSRF_PROTECT": False}, True),
            ({"JWT_TOKEN_LOCATION": "cookies", "JWT_COOKIE_CSRF_PROTECT": False}, True),
            ({"JWT_TOKEN_LOCATION": ["cookies"]}, False),
            ({"JWT_TOKEN_LOCATION": "cookies", "JWT_COOKIE_CSRF_PROTECT": False, "JWT_COOKIE_SAMESITE": "Lax"}, False),
            ({"JWT_TOKEN_LOCATION": ["headers"], "JWT_COOKIE_CSRF_PROTECT": False}, False),
        ],
    )
    def test_a_jwt_in_a_cookie_needs_a_token(self, make: MakeSmall, config: dict[str, Any], wrong: bool) -> None:
        from flask_jwt_extended import JWTManager

        small = make(log_in=False, current_user=lambda: None, config={"JWT_SECRET_KEY": "x" * 40, **config})
        JWTManager(small.app)
        assert small.create_tables().with_rows().wrong() == ({"csrf_missing_for_jwt_cookie"} if wrong else set())

    @pytest.mark.parametrize("whole", [True, False])
    def test_views_that_are_exempt(self, make: MakeSmall, whole: bool) -> None:
        small = make(config=NOT_SAME_SITE).create_tables()
        csrf = CSRFProtect(small.app)
        assert small.wrong() == set()
        messages = sum(name.startswith("relationships.messages.") for name in small.app.view_functions)
        if whole:
            csrf.exempt(small.app.blueprints["relationships.messages"])
        else:
            csrf.exempt(small.app.view_functions["relationships.profiles.change"])
        told = small.found("csrf_missing")["message"]
        assert messages > 2
        exempt = messages if whole else 1
        assert re.match(rf"{exempt} of \d\d views are exempt from CSRFProtect\.", told)


class TestAddress:
    def test_none(self, make: MakeSmall) -> None:
        assert make().create_tables().found("public_url_missing")["level"] == "ok"

    @pytest.mark.parametrize(
        ("address", "code"),
        [
            ("http://crm.example.com", "public_url_insecure"),
            ("http://localhost:5000", "public_url_local"),
            ("https://127.0.0.1", "public_url_local"),
            ("https://192.168.1.4", "public_url_local"),
        ],
    )
    def test_an_address_that_nobody_can_use(self, make: MakeSmall, address: str, code: str) -> None:
        assert make(config={"RELATIONSHIPS_PUBLIC_URL": address}).create_tables().wrong() == {code}

    @pytest.mark.parametrize(
        ("host", "local"),
        [
            *((host, True) for host in ("localhost", "crm", "crm.local", "10.0.0.1", "0.0.0.0", "::1", "")),  # noqa: S104
            *((host, False) for host in ("crm.example.com", "8.8.8.8", "2606:4700::1")),
        ],
    )
    def test_local_hosts(self, host: str, local: bool) -> None:
        assert is_local(host) is local

    def test_behind_a_proxy(self, make: MakeSmall) -> None:
        small = make(config={"RELATIONSHIPS_PUBLIC_URL": "https://crm.example.com"}).create_tables()
        codes = {finding["code"] for finding in small.check()}
        assert {"public_url", "proxy_fix_missing", "url_scheme_differs"} <= codes
        assert small.wrong() == set()
        small.app.config["PREFERRED_URL_SCHEME"] = "https"
        small.app.wsgi_app = Wrapping(ProxyFix(small.app.wsgi_app))  # type: ignore[method-assign]
        codes = {finding["code"] for finding in small.check()}
        assert codes & {"public_url", "proxy_fix_missing", "url_scheme_differs"} == {"public_url"}


class Wrapping:
    """Middleware of the host's own around the proxy's."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def __call__(self, *given: Any) -> Any:
        return self.app(*given)


class TestTimeZone:
    def test_what_today_is(self, make: MakeSmall) -> None:
        small = make(config={"RELATIONSHIPS_TIMEZONE": "Pacific/Auckland"}).create_tables()
        at(small.app, datetime(2026, 3, 1, 12, 30, tzinfo=UTC))
        assert small.found("time_zone")["message"] == "Today is 2026-03-02, in Pacific/Auckland."

    def test_left_out(self, make: MakeSmall) -> None:
        small = make(config={"RELATIONSHIPS_TIMEZONE": None}).create_tables()
        at(small.app, datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
        found = small.found("time_zone_default")
        assert (found["level"], found["fix"] != "") == ("ok", True)
        assert "Today is 2026-03-01, in UTC" in found["message"]

    def test_the_server_s_own(self, make: MakeSmall, monkeypatch: pytest.MonkeyPatch) -> None:
        small = make(config={"RELATIONSHIPS_TIMEZONE": "UTC"}).create_tables()
        with server_in("Asia/Kathmandu", monkeypatch):
            message = small.found("server_time_zone_differs")["message"]
        assert message == "The server's clock is at UTC+05:45, the time zone at UTC+00:00."
        with server_in("UTC", monkeypatch):
            assert "server_time_zone_differs" not in [finding["code"] for finding in small.check()]

    def test_flask_babel_s(self, make: MakeSmall) -> None:
        small = make(config={"BABEL_DEFAULT_TIMEZONE": "Europe/Berlin"}).create_tables()
        assert small.wrong() == {"babel_time_zone_differs"}
        small.app.config["BABEL_DEFAULT_TIMEZONE"] = "Europe/London"
        assert small.wrong() == set()

    def test_a_machine_without_time_zone_data(self, make: MakeSmall, monkeypatch: pytest.MonkeyPatch) -> None:
        small = make().create_tables()
        loaded = {name for name in sys.modules if name.startswith("tzdata.")}  # whoever asked for an unknown zone
        for name in {"tzdata", "tzdata.zoneinfo", *loaded}:
            monkeypatch.setitem(sys.modules, name, None)
        zoneinfo.reset_tzpath(to=[])
        zoneinfo.ZoneInfo.clear_cache()
        try:
            assert small.wrong() == {"time_zone_data_missing"}
        finally:
            zoneinfo.reset_tzpath()


@contextmanager
def server_in(zone: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The process as a server in another time zone starts it."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        yield
    time.tzset()


def at(app: Flask, moment: datetime) -> None:
    app.extensions["relationships"].clock = lambda: moment
