"""Check that Twilio's webhooks are accepted: that their signature can be checked, and that no hook stops them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import Context
from urllib.parse import urlsplit

from flask import Flask, current_app
from sqlalchemy.orm import Session
from werkzeug.test import Client

from ..api.application import state
from ..db.session_factories import session_classes
from ..domain.messages import webhook_views as webhooks
from ..domain.messages.callbacks import INBOUND_PATH
from ..errors import Forbidden, place_of
from ..providers.twilio.transport import TwilioTransport
from .check_run import CheckRun
from .outside import refuse_commits
from .results import CheckResult, Kind

PAGE = "webhooks.md#set-up"

WEBHOOKS = Kind("webhooks", "ok", "Delivery reports and inbound messages can be received.", PAGE)
TOKEN_MISSING = Kind(
    "webhooks_token_missing",
    "warning",
    "Delivery reports and inbound messages are refused, because their signature cannot be checked.",
    PAGE,
    "Set RELATIONSHIPS_TWILIO_AUTH_TOKEN and _ACCOUNT_SID, even if messages are sent with an API key.",
)
STOPPED = Kind(
    "webhooks_not_reached",
    "error",
    "The application answers Twilio's request before the signature is checked.",
    "webhooks.md#log-in-hooks",
    "Skip the endpoints of the webhooks' blueprint in your before_request: no log-in, redirect or limit.",
)
NOT_TRIED = Kind(
    "webhooks_not_tried",
    "ok",
    "A hook of the application commits before every request, which `check` does not allow.",
    PAGE,
    "Send a text message to your number, and check that it is received.",
)


def check(run: CheckRun) -> Iterator[CheckResult]:
    """Send an unsigned webhook, which must be refused by the check of its signature."""
    del run
    settings = state.settings
    if not isinstance(state.transport, TwilioTransport):
        return
    if not settings.twilio_auth_token or not settings.twilio_account_sid:
        if settings.public_url is not None or settings.twilio_api_key_sid is not None:
            words = "RELATIONSHIPS_TWILIO_AUTH_TOKEN or _ACCOUNT_SID is not set. No webhook is accepted."
            yield TOKEN_MISSING.result(words)
    elif settings.public_url is not None:
        yield _tried(settings.public_url)


def _tried(public_url: str) -> CheckResult:
    """Send an unsigned webhook as from outside, in a context of its own."""
    refused: list[Session] = []
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    commits_refused = refuse_commits(app, session_classes(state.session_holders(app)), refused)
    path = f"{state.settings.url_prefix}{INBOUND_PATH}"
    fault = Context().run(_fault, app, path, public_url, commits_refused)
    if refused:
        return NOT_TRIED.result("Webhooks were not tried, because a hook of the application commits before them.")
    if not fault:
        return WEBHOOKS.result("Webhooks are accepted by Twilio's signature. A webhook without one was refused.")
    blueprint = f"{state.settings.blueprint_name}_webhooks"
    return STOPPED.result(f"A webhook without a signature must be refused with 403, but {fault} ({blueprint}).")


def _fault(app: Flask, path: str, public_url: str, commits_refused: AbstractContextManager[None]) -> str:
    """Return what is wrong with the response to an unsigned webhook; "" if it is the expected refusal."""
    public = urlsplit(public_url)
    try:
        with commits_refused, _refusal_not_logged():
            response = Client(app).post(path, f"{public.scheme}://{public.netloc}", data={"MessageSid": "none"})
    except Exception as error:  # hooks of the host can raise any exception, and do in debug mode
        return f"the application raises {place_of(error)}"
    if response.status_code != Forbidden.status:
        return f"the response is {response.status_code}"
    body = response.get_json(silent=True) if response.is_json else None
    is_ours = isinstance(body, dict) and body.get("code") == Forbidden.code
    return "" if is_ours else f"the response {response.status_code} comes from another view or hook"


@contextmanager
def _refusal_not_logged() -> Iterator[None]:
    """Do not log that this webhook was refused."""

    def mute(_record: object) -> bool:
        return False

    webhooks.logger.addFilter(mute)
    try:
        yield
    finally:
        webhooks.logger.removeFilter(mute)
