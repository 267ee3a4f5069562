"""Whether Twilio's webhooks could come in: what their signature needs, and whether they get as far as its check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import Context
from typing import Any
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
from .examination import Examination
from .findings import Finding, Kind
from .outside import nothing_is_committed

PAGE = "webhooks.md#set-up"

WEBHOOKS = Kind("webhooks", "ok", "Whether delivery reports and messages can come in.", PAGE)
TOKEN_MISSING = Kind(
    "webhooks_token_missing",
    "warning",
    "Delivery reports and messages are refused: there is nothing to check their signature with.",
    PAGE,
    "Set RELATIONSHIPS_TWILIO_AUTH_TOKEN (and _ACCOUNT_SID), even where messages are sent with an API key.",
)
STOPPED = Kind(
    "webhooks_not_reached",
    "error",
    "The application answers for the address that Twilio calls before the signature is looked at.",
    "webhooks.md#a-log-in-of-your-own-for-every-address",
    "Let the endpoints of the webhooks' blueprint through your before_request: no log-in, no redirect, no limit.",
)
NOT_TRIED = Kind(
    "webhooks_not_tried",
    "ok",
    "A hook of the application commits before every request, which `check` does not let it do.",
    PAGE,
    "Send a text to your number, and see that it comes in.",
)


def look(examination: Examination) -> Iterator[Finding]:
    del examination
    settings = state.settings
    if not isinstance(state.transport, TwilioTransport):
        return
    if not settings.twilio_auth_token or not settings.twilio_account_sid:
        if settings.public_url is not None or settings.twilio_api_key_sid is not None:
            yield TOKEN_MISSING.found(
                "RELATIONSHIPS_TWILIO_AUTH_TOKEN or _ACCOUNT_SID is not set: no webhook comes in."
            )
        return
    if settings.public_url is None:
        return  # the address says so
    refused: list[Session] = []
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    commits = nothing_is_committed(app, session_classes(state.session_holders(app)), refused)
    answered = Context().run(_answer, app, settings, commits)
    blueprint = f"{settings.blueprint_name}_webhooks"
    if refused:
        yield NOT_TRIED.found("Whether webhooks come in was not tried: a hook of the application commits before them.")
    elif answered is None:
        yield WEBHOOKS.found("Webhooks are let in by Twilio's signature; one without it was refused.")
    else:
        yield STOPPED.found(f"A webhook without a signature should be refused with 403, and {answered} ({blueprint}).")


def _answer(app: Flask, settings: Any, commits: AbstractContextManager[None]) -> str | None:
    """What is amiss with the answer to an unsigned webhook, asked in a context of its own as from outside; or None."""
    public = urlsplit(settings.public_url)
    try:
        with commits, _nothing_is_logged():
            answer = Client(app).post(
                f"{settings.url_prefix}{INBOUND_PATH}",
                f"{public.scheme}://{public.netloc}",
                data={"MessageSid": "none"},
            )
    except Exception as error:  # the host's hooks may raise anything, and do so in debug mode
        return f"the application raises {place_of(error)}"
    told = answer.get_json(silent=True) if answer.is_json else None
    if answer.status_code == Forbidden.status and isinstance(told, dict) and told.get("code") == Forbidden.code:
        return None
    whose = " by something else" if answer.status_code == Forbidden.status else ""
    return f"the answer is {answer.status_code}{whose}"


@contextmanager
def _nothing_is_logged() -> Iterator[None]:
    """That this webhook was refused is what was wanted, and no news."""

    def mute(_record: object) -> bool:
        return False

    webhooks.logger.addFilter(mute)
    try:
        yield
    finally:
        webhooks.logger.removeFilter(mute)
