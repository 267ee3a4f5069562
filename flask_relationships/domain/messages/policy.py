"""Whether a message may be sent: the rules for sending, the preview, the check before the call, and the profile."""

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
from ..contacts.addresses import NumberReading, region_of
from ..profiles import service as profiles
from ..texts import written_time
from . import senders
from .segments import Segments, segments
from .transport_problems import problem_of


class Destination(NamedTuple):
    """The number that a message goes to, and the sender it leaves from: None is that of the transport."""

    number: str
    sender: Sender | None


def destination_of(
    ctx: Context, contact: HostRow, found: profiles.Found, values: dict[str, Any], *, outside_window: bool | None
) -> Destination:
    """Return where a message to a contact goes to, and from which sender, if it may be sent.

    Raises, in this order: 403 not opted in or suppressed, 400 no usable number, 500 not configured, 503 disabled, 422
    by the rules of the channel, 403 for the country, 409 outside the window of WhatsApp.
    """
    channel = cast(Channel, values["channel"])
    number, suppressed = profiles.number_for(found, channel)
    refusal = _refusal_of(ctx, found, channel, number, suppressed, opted_in=found.profile.twilio_opt_in)
    if refusal is not None:
        raise refusal
    try:
        sender = senders.sender_for(ctx, contact)
        senders.require_ready(ctx.transport, channel, sender)
    except TransportError as error:
        raise problem_of(error) from None
    _check_template(channel, values)
    _check_media(channel, values["media_url"])
    countries = ctx.settings.countries
    if countries is not None and region_of(cast(str, number)) not in countries:
        raise CountryNotAllowed
    if outside_window and values["content_sid"] is None and ctx.settings.whatsapp_window == "enforce":
        raise OutsideWhatsappWindow
    return Destination(cast(str, number), sender)


def _refusal_of(
    ctx: Context,
    found: profiles.Found,
    channel: str,
    number: str | None,
    suppressed: datetime | None,
    *,
    opted_in: bool,
) -> Problem | None:
    """The first rule about contact and number that forbids a message, or None."""
    if not opted_in:
        return NotOptedIn()
    if suppressed is not None:
        return OptedOutByRecipient()
    if number is None:
        return _no_number(ctx, found, channel)
    return None


def refusal_before_call(suppressed: datetime | None, *, opted_in: bool, is_present: bool) -> Problem | None:
    """Return why the provider is not called for a message that was allowed when it was written, or None."""
    if suppressed is not None:
        return OptedOutByRecipient()
    if not opted_in:
        return NotOptedIn()
    return None if is_present else ContactGone()


def _no_number(ctx: Context, found: profiles.Found, channel: str) -> NoPhoneNumber:
    """The problem of a profile without a usable number, with the reason where its text cannot be read."""
    profile = found.profile
    whatsapp = channel == "whatsapp" and profile.whatsapp_number
    reading = ctx.numbers.read(profile.whatsapp_number if whatsapp else profile.phone_number)
    problem = NoPhoneNumber(reading.words)
    if reading.reason is not None:
        problem.extra["reason"] = reading.reason
    return problem


def number_problem(ctx: Context, text: str | None, number: str | None) -> dict[str, Any] | None:
    """Return why a text of a profile has no number in E.164: a code and words; None where it has one or is empty."""
    if number is not None:
        return None
    reading: NumberReading = ctx.numbers.read(text)
    return None if reading.reason is None else {"code": reading.reason, "detail": reading.words}


def blocked(ctx: Context, found: profiles.Found) -> dict[str, Any] | None:
    """Return why no message may be sent: on all channels, or the first of them that is blocked; None where none is.

    A number that cannot receive anything blocks nothing, but is reported where nothing else is.
    """
    profile = found.profile
    if not profile.twilio_opt_in:
        return _because("all", NotOptedIn.code, profile.consent_changed_at)
    reasons: dict[str, tuple[str, datetime | None]] = {}
    for channel in ("sms", "whatsapp"):
        number, since = profiles.number_for(found, channel)
        refusal = _refusal_of(ctx, found, channel, number, since, opted_in=True)
        if refusal is not None:
            reasons[channel] = (refusal.code, since)
    if not reasons:
        unreachable = {"sms": profile.phone_unreachable_since, "whatsapp": profile.whatsapp_unreachable_since}
        reasons = {channel: ("number_unreachable", since) for channel, since in unreachable.items() if since}
    if not reasons:
        return None
    channel, (reason, since) = next(iter(reasons.items()))
    both = len(reasons) == 2 and len({reason for reason, _ in reasons.values()}) == 1
    return _because("all" if both else channel, reason, since)


def _because(channel: str, reason: str, since: datetime | None) -> dict[str, Any]:
    return {"channel": channel, "reason": reason, "since": written_time(since)}


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
