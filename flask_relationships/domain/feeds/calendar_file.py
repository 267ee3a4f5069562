"""Write a calendar in the format of RFC 5545."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, timedelta

from icalendar import Calendar, Event

from ..texts import one_line
from .dates import Dated

REFRESH_INTERVAL = timedelta(hours=6)


def build(title: str, entries: Iterable[Dated], note: str | None = None) -> bytes:
    """Return the calendar: each entry lasts one day, leaves the user free, and has a title but no notes or messages."""
    calendar = Calendar()
    calendar.add("prodid", "-//flask-relationships//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", one_line(title))
    calendar.add("x-wr-calname", one_line(title))
    if note is not None:
        calendar.add("description", note)
        calendar.add("x-wr-caldesc", note)
    calendar.add("refresh-interval", REFRESH_INTERVAL, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    for entry in entries:
        event = Event()
        event.add("uid", str(entry.id))
        event.add("dtstamp", entry.changed_at.replace(tzinfo=UTC))
        event.add("summary", one_line(entry.title))
        event.add("dtstart", entry.day)
        if entry.day < date.max:
            event.add("dtend", entry.day + timedelta(days=1))  # the day after: RFC 5545, section 3.6.1
        if entry.rule is not None:
            event.add("rrule", entry.rule)
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
