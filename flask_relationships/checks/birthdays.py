"""The contacts' birthdays: how many can be read. No birthday is ever shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from ..api.application import state
from ..domain.profiles.birthday_texts import Order, read_host_birthday
from ..errors import place_of
from ..hosts.texts import is_empty
from .examination import Examination
from .findings import Finding, Kind
from .host_fields import read_field
from .host_tables import is_migrated
from .mapping import FIELD_FAILS
from .phones import shape

PAGE = "life-events.md#birthdays-from-your-contacts"

BIRTHDAYS = Kind("birthdays", "ok", "How many contacts have a birthday.", PAGE)
BIRTHDAYS_UNREADABLE = Kind(
    "birthdays_unreadable",
    "warning",
    "Some contacts' birthdays cannot be read, so they are in no profile.",
    PAGE,
    "Correct them, or map `birthday` to a callable that returns a date.",
)


def look(examination: Examination) -> Iterator[Finding]:
    contact = state.hosts.contact
    if examination.phones == 0 or "birthday" not in contact.fields or not is_migrated(contact, examination):
        return
    try:
        found = list(read_field(contact, "birthday", examination, examination.phones))
    except Exception as error:
        examination.undo()
        yield FIELD_FAILS.found(f"{contact.model.__name__}: reading birthday of a row raises {place_of(error)}.")
        return
    given = [value for value in found if value is not None and not is_empty(value)]
    unread = [value for value in given if read_host_birthday(value, state.settings.birthday_order) is None]
    if found:
        limited = f" (the first {len(found)}; --phones reads more)" if len(found) == examination.phones else ""
        yield BIRTHDAYS.found(f"Of {len(found)} contacts{limited} {len(given) - len(unread)} have a birthday.")
    if unread:
        shapes = Counter(shape(str(value)) for value in unread)
        examples = ", ".join(f"{one} ({times})" for one, times in shapes.most_common(3))
        yield BIRTHDAYS_UNREADABLE.found(
            f"{len(unread)} of {len(given)} birthdays cannot be read, such as {examples}; N is a digit.", _fix(unread)
        )


def _fix(unread: Sequence[Any]) -> str:
    """Return the setting that lets most of the birthdays be read, where there is one."""
    orders: tuple[Order, ...] = get_args(Order)
    read = {order: sum(read_host_birthday(value, order) is not None for value in unread) for order in orders}
    best = [order for order in orders if read[order] == max(read.values()) > 0]
    if state.settings.birthday_order is not None or not best:
        return ""
    wanted = " or ".join(f"{order} ({'day' if order == 'dmy' else 'month'} first)" for order in best)
    return f"Set RELATIONSHIPS_BIRTHDAY_ORDER to {wanted}."
