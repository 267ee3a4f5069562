"""What the provider calls: reports of what became of a message, and messages that came in.

The blueprint stands beside the API's own: nobody logs in here, the signature lets in. Whatever is signed and makes no
sense is answered as if it did, because the provider would only send it again, and is logged without what is in it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

from blinker import NamedSignal
from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict

from .. import signals
from ..binding.keys import is_uuid
from ..errors import BodyTooLarge, Forbidden, UnsupportedContentType
from ..state import state
from ..transports.twilio_errors import report_of
from ..transports.twilio_signature import HEADER, KEY_HEADER, is_signed, reads_one_way
from . import inbound, reports
from .callbacks import INBOUND, STATUS

logger = logging.getLogger(__name__)

LARGEST_FORM = 64 * 1024
"""In bytes; ten media links and a body of 1600 characters take a fraction of it."""

_ADDRESS = r"(whatsapp:)?(\+?[0-9]{3,15}|[A-Za-z]{2}\.[A-Za-z0-9]{1,60}|[A-Za-z0-9 ]{1,11})"
"""A number, a short code, a sender with a name, or somebody on WhatsApp who shows no number."""

READ = {
    name: re.compile(pattern)
    for name, pattern in {
        "MessageSid": r"(SM|MM)[0-9a-f]{32}",
        "MessageStatus": r"[a-z_]{2,30}",
        "From": _ADDRESS,
        "To": _ADDRESS,
        "ErrorCode": r"[0-9]{1,6}|",
        "NumMedia": r"[0-9]{1,3}",
        "OptOutType": r"[A-Z]{2,10}",
    }.items()
}
"""The parameters that are read, and what they look like."""

NEEDED = {"status": ("MessageSid", "MessageStatus"), "inbound": ("MessageSid", "From", "To")}


def make_blueprint(name: str, url_prefix: str, make_ready: Callable[[], None]) -> Blueprint:
    """The webhooks of one application."""
    blueprint = Blueprint(name, __name__, url_prefix=url_prefix)

    def exempt(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
        """No form of the provider's holds a token. This runs ahead of every ``before_request``, CSRFProtect's too."""
        csrf = current_app.extensions.get("csrf")
        if csrf is not None and hasattr(csrf, "exempt"):
            csrf.exempt(blueprint)

    blueprint.url_value_preprocessor(exempt)
    blueprint.before_request(make_ready)
    blueprint.before_request(_let_in)
    blueprint.add_url_rule(f"{STATUS}<message_id>", "status", _status, methods=["POST"])
    blueprint.add_url_rule(INBOUND, "inbound", _inbound, methods=["POST"])
    return blueprint


def _let_in() -> None:
    """Raises 403 for whatever was not signed by the provider for this address and this account."""
    if request.mimetype != "application/x-www-form-urlencoded":
        raise UnsupportedContentType("The provider posts application/x-www-form-urlencoded.")
    if request.content_length is None or request.content_length > LARGEST_FORM:
        raise BodyTooLarge
    settings = state.settings
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
    url = f"{settings.public_url}{request.path}" + (f"?{query}" if query else "")
    if KEY_HEADER in request.headers or not is_signed(
        url, request.form, request.headers.get(HEADER), settings.twilio_auth_token
    ):
        logger.warning("a webhook was called without a signature that fits its address, and refused")
        raise Forbidden
    if not _is_strict(request.form, settings.twilio_account_sid):
        logger.warning("a webhook was called with parameters that are none of the provider's, and refused")
        raise Forbidden


def _is_strict(form: MultiDict[str, str], account_sid: str) -> bool:
    """Whether the parameters are cut where the provider cuts them: the signature alone does not tell."""
    needed = NEEDED[(request.endpoint or "").rsplit(".", 1)[-1]]
    if form.getlist("AccountSid") != [account_sid] or len(form.getlist("Body")) > 1 or not reads_one_way(form):
        return False
    for name, looks in READ.items():
        given = form.getlist(name)
        if name in needed and not given:
            return False
        if len(given) > 1 or any(looks.fullmatch(value) is None for value in given if value or name in needed):
            return False
    return True


def _status(message_id: str) -> Response:
    own_id = is_uuid(message_id)
    if own_id is None:
        logger.warning("a report came for something that is no id of a message")
        return Response(status=204)
    form, session, models = request.form, state.session, state.models
    report = report_of(form.get("MessageStatus", ""), form["MessageSid"], form.get("ErrorCode"))
    try:
        taken = reports.take(session, models, own_id, report, now=state.now())
        session.commit()
    except IntegrityError:  # the id at the provider is that of another message of ours
        session.rollback()
        logger.error("a report of message %s names the provider's id of another one", own_id)
        return Response(status=204)
    if taken.changed:
        _announce(signals.message_status_changed, session.get(models.Message, own_id))
    if taken.action is not None:
        _announce(signals.action_closed, taken.action)
    if taken.entry is not None:
        _announce(signals.consent_changed, taken.entry)
    return Response(status=204)


def _inbound() -> Response:
    session = state.session
    received = inbound.receive(session, state.models, state.hosts, inbound.read(request.form), now=state.now())
    session.commit()
    if received.message is not None:
        _announce(signals.message_received, received.message)
    for entry in received.entries:
        _announce(signals.consent_changed, entry)
    return Response("<Response/>", content_type="text/xml")


def _announce(signal: NamedSignal, row: Any) -> None:
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    signals.send(signal, app, row=row, user=None)
