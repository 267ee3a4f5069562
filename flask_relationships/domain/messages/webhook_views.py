"""Answer the provider's webhooks: delivery reports and inbound messages.

The blueprint is registered beside that of the API: it requires the provider's signature, and no user is logged in. A
signed request about no message of ours is answered with 204, because a retry would not change it, and is logged without
its content. A request that could not be stored is answered with 503, and the provider retries it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, current_app, g, request
from werkzeug.datastructures import MultiDict

from ... import signals
from ...api.application import announce, state
from ...errors import BodyTooLarge, Forbidden, UnsupportedContentType
from ...hosts.keys import is_uuid
from ...providers.twilio.errors import report_of
from ...providers.twilio.parameters import read_parameters
from ...providers.twilio.signature import HEADER, KEY_HEADER, is_signed, url_spellings
from . import inbound, reports
from .callbacks import INBOUND_PATH, STATUS_PATH
from .units import run_unit

logger = logging.getLogger(__name__)

MAX_FORM_BYTES = 64 * 1024
"""Larger than ten media links and a body of 1600 characters."""

REQUIRED_PARAMETERS = {"status": ("MessageSid", "MessageStatus"), "inbound": ("MessageSid", "From", "To")}


def make_blueprint(name: str, url_prefix: str, complete_setup: Callable[[], None]) -> Blueprint:
    """Return the blueprint of the webhooks of one application."""
    blueprint = Blueprint(name, __name__, url_prefix=url_prefix)

    def exempt(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
        """Exempt the webhooks from CSRFProtect. This runs before every ``before_request``."""
        csrf = current_app.extensions.get("csrf")
        if csrf is not None and hasattr(csrf, "exempt"):
            csrf.exempt(blueprint)

    blueprint.url_value_preprocessor(exempt)
    blueprint.before_request(complete_setup)
    blueprint.before_request(_require_signature)
    blueprint.add_url_rule(f"{STATUS_PATH}<message_id>", "status", _status, methods=["POST"])
    blueprint.add_url_rule(INBOUND_PATH, "inbound", _inbound, methods=["POST"], strict_slashes=False)
    return blueprint


def _require_signature() -> None:
    """Read the parameters of a request that Twilio signed for this address and this account.

    :raises Forbidden: for every other request.
    """
    if request.mimetype != "application/x-www-form-urlencoded":
        raise UnsupportedContentType("The provider posts application/x-www-form-urlencoded.")
    settings = state.settings
    form = _read_form()
    if settings.public_url is None or not settings.twilio_auth_token or not settings.twilio_account_sid:
        if not state.webhooks_refused:  # once: anyone may call, and the configuration does not change
            state.webhooks_refused = True
            logger.error(
                "webhooks are refused: set RELATIONSHIPS_PUBLIC_URL, _TWILIO_ACCOUNT_SID and _TWILIO_AUTH_TOKEN to "
                "check their signature"
            )
        raise Forbidden
    # Not request.url: a proxy changes scheme and host, and werkzeug decodes the query. Our paths need no decoding.
    query = request.environ.get("QUERY_STRING", "")
    called = request.path + (f"?{query}" if query else "")
    urls = url_spellings(settings.public_url, request.environ.get("HTTP_HOST", ""), called)
    signature = request.headers.get(HEADER)
    if KEY_HEADER in request.headers or not is_signed(urls, form, signature, settings.twilio_auth_token):
        logger.warning("a webhook was refused: its signature does not match its address and parameters")
        raise Forbidden
    needed = REQUIRED_PARAMETERS[(request.endpoint or "").rsplit(".", 1)[-1]]
    parameters = read_parameters(form, settings.twilio_account_sid, needed)
    if parameters is None:
        logger.warning("a webhook was refused: its parameters are not the provider's")
        raise Forbidden
    g.relationships_webhook = parameters


def _read_form() -> MultiDict[str, str]:
    """Read the form, with or without a content length.

    :raises BodyTooLarge: above `MAX_FORM_BYTES`.
    """
    if request.content_length is not None:
        if request.content_length > MAX_FORM_BYTES:
            raise BodyTooLarge
        return request.form
    if "form" in vars(request):  # the application has read it
        return request.form
    content = b""
    while len(content) <= MAX_FORM_BYTES and (part := request.stream.read(MAX_FORM_BYTES + 1 - len(content))):
        content += part
    if len(content) > MAX_FORM_BYTES:
        raise BodyTooLarge
    return MultiDict(parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True))


def _status(message_id: str) -> Response:
    own_id = is_uuid(message_id)
    if own_id is None:
        logger.warning("a report was ignored: its address has no message id")
        return Response(status=204)
    form = g.relationships_webhook.values
    report = report_of(
        form["MessageStatus"],
        form["MessageSid"],
        form.get("ErrorCode"),
        sender=form.get("From"),
        channel=form.get("ChannelPrefix"),
    )

    taken = reports.store(state.context(), own_id, report)
    if taken is None:
        logger.error("a report of message %s has the provider id of another message", own_id)
        return Response(status=204)
    if taken.changed:
        announce(signals.message_status_changed, state.session.get(state.models.Message, own_id))
    if taken.action is not None:
        announce(signals.action_closed, taken.action)
    if taken.entry is not None:
        announce(signals.consent_changed, taken.entry)
    return Response(status=204)


def _inbound() -> Response:
    parameters = g.relationships_webhook
    message = inbound.read(parameters.values, parameters.as_cut.get("Body"))

    received = run_unit(state.context(), inbound.receive, message, now=state.now())
    if received.message is not None:
        announce(signals.message_received, received.message)
    for entry in received.entries:
        announce(signals.consent_changed, entry)
    return Response("<Response/>", content_type="text/xml")
