"""Webhooks of the provider: delivery reports, and messages from people.

The blueprint is registered beside that of the API: the provider's signature is required, and no user is logged in. A
signed request that makes no sense is answered with 204, because a retry would not change it. It is logged without its
content. A request that could not be stored is answered with 503, and the provider retries it.
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
"""Ten media links and a body of 1600 characters take a fraction of it."""

NEEDED = {"status": ("MessageSid", "MessageStatus"), "inbound": ("MessageSid", "From", "To")}


def make_blueprint(name: str, url_prefix: str, complete_setup: Callable[[], None]) -> Blueprint:
    """The webhooks of one application."""
    blueprint = Blueprint(name, __name__, url_prefix=url_prefix)

    def exempt(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
        """No form of the provider's holds a token. This runs ahead of every ``before_request``, CSRFProtect's too."""
        csrf = current_app.extensions.get("csrf")
        if csrf is not None and hasattr(csrf, "exempt"):
            csrf.exempt(blueprint)

    blueprint.url_value_preprocessor(exempt)
    blueprint.before_request(complete_setup)
    blueprint.before_request(_let_in)
    blueprint.add_url_rule(f"{STATUS_PATH}<message_id>", "status", _status, methods=["POST"])
    blueprint.add_url_rule(INBOUND_PATH, "inbound", _inbound, methods=["POST"], strict_slashes=False)
    return blueprint


def _let_in() -> None:
    """Read the parameters of a request that Twilio signed for this address and this account.

    :raises Forbidden: for every other request.
    """
    if request.mimetype != "application/x-www-form-urlencoded":
        raise UnsupportedContentType("The provider posts application/x-www-form-urlencoded.")
    settings = state.settings
    form = _read_form()
    if settings.public_url is None or not settings.twilio_auth_token or not settings.twilio_account_sid:
        if not state.webhooks_refused:  # once: anybody may call, and what is wrong stays wrong
            state.webhooks_refused = True
            logger.error(
                "webhooks are refused: RELATIONSHIPS_PUBLIC_URL, _TWILIO_ACCOUNT_SID and _TWILIO_AUTH_TOKEN must be "
                "set for their signature to be checked"
            )
        raise Forbidden
    # Not request.url: a proxy changes scheme and host, and werkzeug decodes the query. Our paths need no decoding.
    query = request.environ.get("QUERY_STRING", "")
    called = request.path + (f"?{query}" if query else "")
    urls = url_spellings(settings.public_url, request.environ.get("HTTP_HOST", ""), called)
    signature = request.headers.get(HEADER)
    if KEY_HEADER in request.headers or not is_signed(urls, form, signature, settings.twilio_auth_token):
        logger.warning("a webhook was refused: its signature does not fit its address and its parameters")
        raise Forbidden
    needed = NEEDED[(request.endpoint or "").rsplit(".", 1)[-1]]
    parameters = read_parameters(form, settings.twilio_account_sid, needed)
    if parameters is None:
        logger.warning("a webhook was refused: its parameters are not the provider's")
        raise Forbidden
    g.relationships_webhook = parameters


def _read_form() -> MultiDict[str, str]:
    """Read the form, whether the server says how long it is or sends it in chunks.

    :raises BodyTooLarge: above `MAX_FORM_BYTES`.
    """
    if request.content_length is not None:
        if request.content_length > MAX_FORM_BYTES:
            raise BodyTooLarge
        return request.form
    if "form" in vars(request):  # the host's own code has read it
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
        logger.warning("a report came for something that is no id of a message")
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
