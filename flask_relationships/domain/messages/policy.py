"""Decide whether a message may be sent. Sending, the preview, the check before the call and the profile ask here."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from ...context import Context
from ...errors import (
    ContactGone,
    CountryNotAllowed,
    InvalidMember,
    NoPhoneNumber,
    NotOptedIn,
    OptedOutByRecipient,
    OutsideWhatsappWindow,
    Problem,
    ValidationFailed,
)
from ...hosts.bound import HostRow
from ...providers.base import Channel, TransportError
from ...providers.senders import Sender
from ..contacts.addresses import region_of
from ..profiles import service as profiles
from ..texts import written_time
from . import senders
from .models import MAX_BODY_LENGTH
from .segments import segments
from .transport_problems import problem_of


class Destination(NamedTuple):
    """The number of the recipient, and the sender; None is the transport's own sender."""

    number: str
    sender: Sender | None


class Usage(NamedTuple):
    """The size of a message. ``encoding`` is None for WhatsApp and media, which are not cut into segments."""

    segments: int
    encoding: str | None
    characters_left: int


def destination_of(
    ctx: Context, contact: HostRow, found: profiles.Found, values: dict[str, Any], *, outside_window: bool | None
) -> Destination:
    """Return the destination of a message to a contact, if the message may be sent.

    :raises Problem: in this order: 403 not opted in or suppressed, 400 no usable number, 500 not configured, 503
        disabled, 422 for members that do not fit the channel, 403 for the country, 409 outside WhatsApp's window.
    """
    channel = cast(Channel, values["channel"])
    refusal = NotOptedIn() if not found.profile.twilio_opt_in else _refusal_of(ctx, found, channel)
    if refusal is not None:
        raise refusal
    try:
        sender = senders.sender_for(ctx, contact)
        senders.require_ready(ctx.transport, channel, sender)
    except TransportError as error:
        raise problem_of(error) from None
    _check_members(channel, values)
    number, countries = cast(str, profiles.number_for(found, channel)[0]), ctx.settings.countries
    if countries is not None and region_of(number) not in countries:
        raise CountryNotAllowed
    if outside_window and values["content_sid"] is None and ctx.settings.whatsapp_window == "enforce":
        raise OutsideWhatsappWindow
    return Destination(number, sender)


def _refusal_of(ctx: Context, found: profiles.Found, channel: str) -> Problem | None:
    """Return why no message may go to the number of an opted-in contact for this channel, or None."""
    number, suppressed = profiles.number_for(found, channel)
    if suppressed is not None:
        return OptedOutByRecipient()
    return _missing_number(ctx, found, channel) if number is None else None


def refusal_before_call(suppressed: datetime | None, *, opted_in: bool, is_present: bool) -> Problem | None:
    """Return why the provider is not called for a message that was allowed when it was created, or None."""
    if suppressed is not None:
        return OptedOutByRecipient()
    if not opted_in:
        return NotOptedIn()
    return None if is_present else ContactGone()


def _missing_number(ctx: Context, found: profiles.Found, channel: str) -> NoPhoneNumber:
    """Return the problem of a profile without a usable number. It has a reason if the text is not a phone number."""
    profile = found.profile
    has_own_number = channel == "whatsapp" and profile.whatsapp_number
    reading = ctx.numbers.read(profile.whatsapp_number if has_own_number else profile.phone_number)
    problem = NoPhoneNumber(reading.words)
    if reading.reason is not None:
        problem.extra["reason"] = reading.reason
    return problem


def number_problem(ctx: Context, text: str | None, number: str | None) -> dict[str, Any] | None:
    """Return why a text of a profile has no number in E.164: a code and a sentence. None if it has one, or is empty."""
    if number is not None:
        return None
    reading = ctx.numbers.read(text)
    return None if reading.reason is None else {"code": reading.reason, "detail": reading.words}


def blocked(ctx: Context, found: profiles.Found) -> dict[str, Any] | None:
    """Return why no message may be sent: on all channels, or on the first that is blocked. None if none is.

    A number that cannot receive messages does not block them. It is only reported if nothing else blocks.
    """
    profile = found.profile
    if not profile.twilio_opt_in:
        return _block("all", NotOptedIn.code, profile.consent_changed_at)
    unreachable = {"sms": profile.phone_unreachable_since, "whatsapp": profile.whatsapp_unreachable_since}
    blocks = _refused_channels(ctx, found) or [
        _block(channel, "number_unreachable", since) for channel, since in unreachable.items() if since
    ]
    if len(blocks) == 2 and blocks[0]["reason"] == blocks[1]["reason"]:
        return blocks[0] | {"channel": "all"}
    return blocks[0] if blocks else None


def _refused_channels(ctx: Context, found: profiles.Found) -> list[dict[str, Any]]:
    refusals = {channel: _refusal_of(ctx, found, channel) for channel in ("sms", "whatsapp")}
    return [
        _block(channel, refusal.code, profiles.number_for(found, channel)[1])
        for channel, refusal in refusals.items()
        if refusal is not None
    ]


def _block(channel: str, reason: str, since: datetime | None) -> dict[str, Any]:
    return {"channel": channel, "reason": reason, "since": written_time(since)}


def usage_of(values: dict[str, Any]) -> Usage:
    """Return the size of a message."""
    if values["channel"] == "whatsapp" or values["media_url"] is not None:
        return Usage(1, None, MAX_BODY_LENGTH - len(values["body"]))
    used = segments(values["body"])
    return Usage(used.count, used.encoding, used.left)


def _check_members(channel: str, values: dict[str, Any]) -> None:
    """Check that the members of a message fit its channel.

    :raises ValidationFailed: for the first rule that is broken.
    """
    template, variables, media = (values[name] for name in ("content_sid", "content_variables", "media_url"))
    no_template_here = InvalidMember("#/content_sid", "not_by_this_channel", "Only WhatsApp has templates.")
    no_template = InvalidMember("#/content_variables", "without_template", "Variables need a template.")
    no_media_here = InvalidMember("#/media_url", "invalid_url", "Only an MMS can have media.")
    no_address = InvalidMember(
        "#/media_url", "invalid_url", "The media URL must be a public https:// address without a user name."
    )
    rules = (
        (template and channel != "whatsapp", no_template_here),
        (variables is not None and not template, no_template),
        (media is not None and channel != "mms", no_media_here),
        (media is not None and not _is_public_https(media), no_address),
    )
    for is_broken, error in rules:
        if is_broken:
            raise ValidationFailed(errors=[error])


def _is_public_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
        is_complete = parts.scheme == "https" and parts.hostname and parts.username is None and parts.port != 0
    except ValueError:
        return False
    return bool(is_complete) and not re.search(r"[\s\\\x00-\x1f]", url)
