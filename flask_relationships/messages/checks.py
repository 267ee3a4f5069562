"""Whether a message may be sent: the same for one that is sent and for its preview."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from ..binding.hosts import HostRow
from ..contacts.addresses import region_of
from ..errors import (
    CountryNotAllowed,
    InvalidMember,
    NoPhoneNumber,
    NotOptedIn,
    OptedOutByRecipient,
    OutsideWhatsappWindow,
    ValidationFailed,
)
from ..profiles import service as profiles
from ..state import state
from ..transports.base import Channel, TransportError
from ..transports.senders import Sender
from . import delivery, senders
from .segments import Segments, segments


class Destination(NamedTuple):
    """The number that a message goes to, and the sender it leaves from: None is that of the transport."""

    number: str
    sender: Sender | None


def destination_of(
    contact: HostRow, found: profiles.Found, values: dict[str, Any], *, outside_window: bool | None
) -> Destination:
    """Return where a message to a contact goes to, and from which sender, if it may be sent.

    Raises, in this order: 403 not opted in or suppressed, 400 no usable number, 500 not configured, 503 disabled, 422
    by the rules of the channel, 403 for the country, 409 outside the window of WhatsApp.
    """
    channel = cast(Channel, values["channel"])
    number, suppressed = profiles.number_for(found, channel)
    if not found.profile.twilio_opt_in:
        raise NotOptedIn
    if suppressed is not None:
        raise OptedOutByRecipient
    if number is None:
        raise NoPhoneNumber
    try:
        sender = senders.sender_for(contact)
        senders.require_ready(channel, sender)
    except TransportError as error:
        raise delivery.problem_of(error) from None
    _check_template(channel, values)
    _check_media(channel, values["media_url"])
    countries = state.settings.countries
    if countries is not None and region_of(number) not in countries:
        raise CountryNotAllowed
    if outside_window and values["content_sid"] is None and state.settings.whatsapp_window == "enforce":
        raise OutsideWhatsappWindow
    return Destination(number, sender)


def segments_of(values: dict[str, Any]) -> Segments | None:
    """What a message takes that is cut into segments; None for WhatsApp and media, which are not."""
    if values["channel"] == "whatsapp" or values["media_url"] is not None:
        return None
    return segments(values["body"])


def _check_template(channel: str, values: dict[str, Any]) -> None:
    if values["content_sid"] is not None and channel != "whatsapp":
        words = "Only a WhatsApp message is made from a template."
        raise ValidationFailed(errors=[InvalidMember("#/content_sid", "not_by_this_channel", words)])
    if values["content_variables"] is not None and values["content_sid"] is None:
        words = "Variables belong to a template, and there is no content_sid beside them."
        raise ValidationFailed(errors=[InvalidMember("#/content_variables", "without_template", words)])


def _check_media(channel: str, media_url: str | None) -> None:
    if media_url is None:
        return
    if channel != "mms":
        words = "Only an MMS carries media."
    elif not _is_public_https(media_url):
        words = "A media address is an https:// address that anybody may fetch, without a user in it."
    else:
        return
    raise ValidationFailed(errors=[InvalidMember("#/media_url", "invalid_url", words)])


def _is_public_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
        named = parts.scheme == "https" and parts.hostname and parts.username is None and parts.port != 0
    except ValueError:
        return False
    return bool(named) and not re.search(r"[\s\\\x00-\x1f]", url)
