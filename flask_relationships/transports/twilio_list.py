"""Twilio's list of messages, searched for one whose answer was lost."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from .base import OutboundMessage, Report, TransportError, TransportUnavailable
from .twilio_errors import report_of

PAGE, MOST_LISTED = 100, 5000
"""How many messages to a number are asked for at once, and looked at. The newest come first, so that a whole page of
older ones is the end."""

EARLIER, LATER = timedelta(minutes=5), timedelta(minutes=15)
"""How far Twilio's clock and its queues may be from ours: too little would have a message not sent that was."""

TRIAL = "Sent from your Twilio trial account - "
"""What stands before every text of an account on trial."""


def find(client: Any, message: OutboundMessage, tried: datetime, **query: Any) -> list[Report]:
    """What may be this message, which was tried at that time. Raises `TransportUnavailable` where it cannot be told.

    Nothing found means that it is not there: a list that could not be read to its end is an error.
    """
    found, older = [], 0
    try:
        for place, listed in enumerate(client.messages.stream(**query, page_size=PAGE)):
            older = older + 1 if listed.date_created is None or listed.date_created < tried - EARLIER else 0
            if older == PAGE:
                break
            if place == MOST_LISTED:
                raise TransportUnavailable("Too many messages went to this number since.")
            if not older and _may_be(listed, message, tried):
                found.append(_reported(listed))
    except TransportError:
        raise
    except Exception as error:  # of the client's own families, of requests and of json
        raise TransportUnavailable(f"Twilio's list could not be read ({type(error).__name__}).") from None
    return found


def _may_be(listed: Any, message: OutboundMessage, tried: datetime) -> bool:
    """Whether a message of the list may be this one.

    Twilio blanks the texts of accounts that redact them, and writes that of a template itself.
    """
    outbound = str(listed.direction).startswith("outbound")
    told = message.content_sid is not None or listed.body in (message.body, TRIAL + message.body, "", None)
    return outbound and listed.date_created <= tried + LATER and told


def _reported(listed: Any) -> Report:
    code = None if listed.error_code is None else str(listed.error_code)
    sender = str(listed.from_) if listed.from_ else None
    report = report_of(status(listed.status), listed.sid, code, sender=sender)
    return replace(report, num_segments=number(listed.num_segments))


def status(value: object) -> str:
    """Twilio's word for a status, or what we call it: here ``sending`` is a message whose answer is not known yet."""
    return "queued" if value == "sending" else str(value or "accepted")


def number(value: object) -> int | None:
    """A number of few digits, which may come as text; None for anything else, such as a Retry-After date."""
    text = str(value)
    return int(text) if re.fullmatch("[0-9]{1,6}", text) else None
