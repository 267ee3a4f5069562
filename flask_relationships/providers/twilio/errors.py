"""Convert Twilio's error codes: a text for the user who sent the message, and the status and code of the problem.

A code may come in the answer to a message or later in its status callback, so both kinds are listed. Twilio adds
codes without notice; one that is not listed is an ordinary refusal. The meanings are those of Twilio's
published error catalogue; the words are ours, since Twilio's own texts may repeat a phone number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from ..base import (
    Effect,
    Report,
    TransportError,
    TransportNotConfigured,
    TransportRefused,
    TransportUnavailable,
)
from .addresses import bare, channel_named_in

TOO_MANY_REQUESTS = 20429


class TooManyRequests(TransportUnavailable):
    """Twilio has not processed the request: the only answer after which it may be repeated."""


class Meaning(NamedTuple):
    """The meaning of a code: a text for the end user, the HTTP status and code of the problem, and an effect."""

    detail: str
    status: int = 502
    code: str = "provider_refused"
    effect: Effect | None = None


NOT_DELIVERED = Meaning("The message was not delivered.")

UNKNOWN = Meaning("The message provider refused the message.")

_OPTED_OUT = Meaning(
    "The recipient has asked for no more messages from this sender.",
    403,
    "opted_out_by_recipient",
    "suppress",
)
_BLOCKED = Meaning("The recipient has blocked messages from this sender.", 403, "blocked_by_recipient")
_NO_NUMBER = Meaning("This is not a phone number that can receive messages.", 400, "invalid_phone_number")
_NUMBER = Meaning("This phone number cannot receive such messages.", 400, "invalid_phone_number", "flag")
_ACCOUNT = Meaning("The message provider does not accept this account.", 500, "twilio_not_configured")
_BUSY = Meaning("Too many messages are being sent; try again later.", 503, "provider_unavailable")
_ROUTE = Meaning("Messages to this country or network are not enabled.")
_TRIAL = Meaning("This is a trial account: it can only send to numbers that were verified first.")
_CONTENT = Meaning("The message provider does not accept this text.")
_TOO_LONG = Meaning("The text is too long: the message provider accepts at most 1600 characters.")
_MEDIA = Meaning("The message provider does not accept this media file, or cannot fetch it.")
_NO_MEDIA = Meaning("The recipient's network cannot receive media files.")
_SENDER = Meaning("The sender of these messages is not set up correctly; tell your administrator.")
_CALLBACK = Meaning("The address for delivery reports is not set up correctly; tell your administrator.")
_TEMPLATE = Meaning("This message template cannot be used, or its variables do not fit.")
_WINDOW = Meaning("The recipient has not written in the last 24 hours, so WhatsApp accepts only a message template.")
_NOT_ON_WHATSAPP = Meaning("The recipient cannot be reached on this channel.", effect="flag")
_NOT_THIS_ONE = Meaning("WhatsApp does not deliver this message to the recipient on this channel.")
_SUSPENDED = Meaning("Sending is suspended for this account or sender; tell your administrator.")
_UNREGISTERED = Meaning("The sender is not registered with the carriers; tell your administrator.")
_UNREACHABLE = Meaning("The recipient's phone could not be reached; try again later.")
_TRY_LATER = Meaning("The message could not be delivered; try again later.")
_FILTERED = Meaning("The message was blocked by a carrier or by the provider's filter.")
_EXPIRED = Meaning("The message expired before it could be sent.")
_LIMITED = Meaning("WhatsApp did not deliver the message, to limit how many one person receives; try again later.")

_GROUPS: tuple[tuple[Meaning, tuple[int, ...]], ...] = (
    (_OPTED_OUT, (21610, 30630)),
    # A WhatsApp user who unblocks a sender sends no START, so a suppression would never end.
    (_BLOCKED, (30004, 63014, 63033)),
    # No recipient, or our own sender: that says nothing of the number on record.
    (_NO_NUMBER, (21266, 21604)),
    (_NUMBER, (21211, 21217, 21265, 21614, 21635, 30005, 30006)),
    (_ACCOUNT, (20003, 20005, 20008, 20010, 20404)),
    (_BUSY, (14107, 20429, 21611, 30001, 30022, 30023, 63017, 63018, 63038)),
    (_ROUTE, (21408, 21612, 21703)),
    (_TRIAL, (21607, 21608, 63015)),
    (_CONTENT, (21602, 21618, 21619, 21658, 63005, 63006, 63021, 63030)),
    (_TOO_LONG, (21617,)),
    (_MEDIA, (12300, 21620, 21623, 30019, 63019, 63034)),
    (_NO_MEDIA, (30011,)),
    (
        _SENDER,
        (
            *(21212, 21603, 21606, 21616, 21621, 21622, 21657, 21659, 21660, 21661),
            *(21701, 21702, 21704, 21705, 21910, 63001, 63002, 63007, 63008, 63020),
        ),
    ),
    (_CALLBACK, (21609,)),
    (_TEMPLATE, (21654, 21655, 21656, 63027, 63028, 63040, 63041, 63042)),
    (_WINDOW, (63016,)),
    (_NOT_ON_WHATSAPP, (63003, 63024)),
    (_NOT_THIS_ONE, (63032,)),
    (_SUSPENDED, (30002, 30037, 63051)),
    (_UNREGISTERED, (30024, 30032, 30034, 30035)),
    (_UNREACHABLE, (30003, 30008)),
    (_TRY_LATER, (30017, 30410, 30500, 63009, 63010, 63012)),
    (_FILTERED, (30007, 30450, 63013, 63026)),
    (_EXPIRED, (30036,)),
    (_LIMITED, (63049,)),
)

MEANINGS: Mapping[int, Meaning] = MappingProxyType({code: meaning for meaning, codes in _GROUPS for code in codes})


def refusal(http_status: int, twilio_code: int | None, retry_after: int | None = None) -> TransportError:
    """Return the error for an answer of 400 to 499, which always means that nothing was sent.

    :param twilio_code: None if the answer has none.
    :param retry_after: in seconds.
    """
    if http_status == 429 and twilio_code in (None, TOO_MANY_REQUESTS):
        return TooManyRequests(_BUSY.detail, retry_after=retry_after)
    meaning = MEANINGS.get(twilio_code or 0, _BUSY if http_status == 429 else UNKNOWN)
    if http_status == 401 or meaning is _ACCOUNT:
        named = f"HTTP {http_status}" + (f", error {twilio_code}" if twilio_code else "")
        return TransportNotConfigured(f"Twilio does not accept the account or its credentials ({named}).")
    if meaning is _BUSY:
        return TransportUnavailable(meaning.detail, retry_after=retry_after)
    return TransportRefused(
        meaning.detail,
        status=meaning.status,
        code=meaning.code,
        provider_code=twilio_code,
        effect=meaning.effect,
    )


def number(value: object) -> int | None:
    """Return a number of at most six digits, which may come as text; None for anything else."""
    text = str(value)
    return int(text) if re.fullmatch("[0-9]{1,6}", text) else None


def report_of(
    status: str, sid: str, code: str | None, *, sender: str | None = None, channel: str | None = None
) -> Report:
    """Return the report of a status callback or of the list, with the error in words if there is one.

    :param sender: the sender as Twilio writes it. Only a report shows that RCS delivered a message.
    :param channel: the channel if the report names it.
    """
    report = Report(
        status,
        sid,
        bare(sender) if sender else None,
        delivered_via="rcs" if "rcs" in (channel, channel_named_in(sender)) else None,
    )
    error = number(code)
    if not error:
        return report
    meaning = MEANINGS.get(error, NOT_DELIVERED)
    return replace(report, error_code=str(error), detail=meaning.detail, effect=meaning.effect)
