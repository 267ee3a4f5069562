"""Search Twilio's list of messages for one whose answer was lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ...domain.contacts.addresses import address_spellings
from ..base import OutboundMessage, Report, TransportError, TransportUnavailable
from .errors import number, report_of
from .texts import is_same_text

PAGE_ROWS, MAX_LISTED_ROWS = 100, 5000
"""Messages to a number in one request, and in all. The newest come first: a whole page of older ones is the end."""

MAX_QUEUE_TIME = timedelta(minutes=15)
"""How far Twilio's time of a message may be from ours, beyond the measured difference of the clocks."""

MAX_CLOCK_CHANGE = timedelta(hours=3)
"""How far apart the two times may be if a clock was wrong and was set since: time zones, summer time."""


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which a message may have been created. Outside ``near`` it is only ours if a clock was set since."""

    tried: datetime
    near: timedelta
    far: timedelta

    def is_older(self, created: datetime) -> bool:
        return created < self.tried - self.far

    def holds(self, created: datetime) -> bool:
        return abs(created - self.tried) <= self.far

    def is_near(self, created: datetime) -> bool:
        return abs(created - self.tried) <= self.near


def window_around(tried: datetime, skew: timedelta) -> Window:
    """Return the time in which Twilio may have created a message that we tried to send at this time.

    :param tried: by our clock, aware.
    :param skew: the largest measured difference between Twilio's clock and ours. Our clock may have been set since.
    """
    near = MAX_QUEUE_TIME + abs(skew)
    return Window(tried.astimezone(UTC), near, near + MAX_CLOCK_CHANGE)


def addresses_of(message: OutboundMessage) -> list[str]:
    """Return all ways in which Twilio's list may name the recipient. A Messaging Service may choose RCS for a text."""
    schemes = ("whatsapp:",) if message.channel == "whatsapp" else ("", "rcs:")
    return [scheme + number for number in address_spellings(message.to) for scheme in schemes]


def search(client: Any, message: OutboundMessage, make_window: Callable[[], Window]) -> list[Report]:
    """Return every outbound message to this recipient in the window, from any sender.

    :param make_window: called after an answer, whose ``Date`` header shows the difference of the clocks.
    :raises TransportUnavailable: the list could not be read to its end. An empty result means that there is none.
    """
    found: dict[str, Report] = {}
    try:
        for address in addresses_of(message):
            page = client.messages.page(to=address, page_size=PAGE_ROWS)
            window = make_window()
            for listed in _listed(page, window):
                found[listed.sid] = _reported(listed, message, window)
    except TransportError:
        raise
    except Exception as error:  # of the client's own families, of requests and of json
        raise TransportUnavailable(f"Twilio's list could not be read ({type(error).__name__}).") from None
    return list(found.values())


def _listed(page: Any, window: Window) -> Iterator[Any]:
    older = 0
    for place, listed in enumerate(_rows(page)):
        if place == MAX_LISTED_ROWS:
            raise TransportUnavailable("Too many messages went to this number since.")
        if not isinstance(listed.date_created, datetime):
            raise TransportUnavailable("Twilio's list has a message without a date that can be read.")
        created = _aware(listed.date_created)
        older = older + 1 if window.is_older(created) else 0
        if older == PAGE_ROWS:
            return
        if str(listed.direction).startswith("outbound") and window.holds(created):
            yield listed


def _rows(page: Any) -> Iterator[Any]:
    """Yield the rows of this page and all that follow. An empty page is the last one, with or without a next page."""
    while page is not None:
        rows = list(page)
        if not rows:
            return
        yield from rows
        page = page.next_page()


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _reported(listed: Any, message: OutboundMessage, window: Window) -> Report:
    created = _aware(listed.date_created)
    alike = message.content_sid is not None or is_same_text(message.body, listed.body)
    return replace(
        report_of_listed(listed),
        text=listed.body or "",
        created_at=created.astimezone(UTC).replace(tzinfo=None),
        is_alike=alike and window.is_near(created),
    )


def report_of_listed(listed: Any) -> Report:
    """Return the report about a message of Twilio's list, or one that was fetched."""
    code = None if listed.error_code is None else str(listed.error_code)
    sender = str(listed.from_) if listed.from_ else None
    report = report_of(status(listed.status), listed.sid, code, sender=sender)
    return replace(report, num_segments=number(listed.num_segments))


def status(value: object) -> str:
    """Return Twilio's status under our name. Our ``sending`` means that the answer is not known yet.

    An outbound message is never ``received``. Twilio's schema allows that status, without a meaning.
    """
    known = {"sending": "queued", "received": "accepted", "receiving": "accepted"}
    return known.get(str(value), str(value or "accepted"))
