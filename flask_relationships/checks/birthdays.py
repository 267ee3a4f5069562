"""Check how many birthdays of contacts can be read. No birthday is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from ..api.application import state
from ..domain.profiles.birthday_texts import Order, read_host_birthday
from ..errors import place_of
from ..hosts.texts import is_empty
from .check_run import CheckRun
from .host_fields import is_sampled, read_field, sample_size, text_shape, with_counts
from .mapping import FIELD_FAILS
from .results import CheckResult, Kind

PAGE = "life-events.md#birthdays-from-your-contacts"

BIRTHDAYS = Kind("birthdays", "ok", "How many contacts have a birthday.", PAGE)
BIRTHDAYS_UNREADABLE = Kind(
    "birthdays_unreadable",
    "warning",
    "Some birthdays of contacts cannot be read, so no profile has them.",
    PAGE,
    "Correct the values, or map `birthday` to a callable that returns a date.",
)

ORDERS: dict[Order, str] = {"dmy": "dmy (day first)", "mdy": "mdy (month first)"}


def check(run: CheckRun) -> Iterator[CheckResult]:
    """Count the birthdays that can be read, and describe the form of the others."""
    contact = state.hosts.contact
    if not is_sampled(contact, "birthday", run):
        return
    try:
        values = list(read_field(contact, "birthday", run))
    except Exception as error:
        run.undo()
        yield FIELD_FAILS.result(f"{contact.model.__name__}: reading birthday of a row raises {place_of(error)}.")
        return
    filled = [value for value in values if value is not None and not is_empty(value)]
    unreadable = [value for value in filled if read_host_birthday(value, state.settings.birthday_order) is None]
    yield from _results(len(values), len(filled), unreadable, run)


def _results(size: int, filled: int, unreadable: Sequence[Any], run: CheckRun) -> Iterator[CheckResult]:
    if size:
        yield BIRTHDAYS.result(f"Of {sample_size(size, run)}, {filled - len(unreadable)} have a birthday.")
    if unreadable:
        examples = with_counts(Counter(text_shape(str(value)) for value in unreadable))
        words = f"{len(unreadable)} of {filled} birthdays cannot be read, such as {examples}; N is a digit."
        yield BIRTHDAYS_UNREADABLE.result(words, _setting_for(unreadable))


def _setting_for(unreadable: Sequence[Any]) -> str:
    """Return the fix that names the order in which most of these birthdays can be read, if there is one."""
    if state.settings.birthday_order is not None:
        return ""
    readable = {order: sum(read_host_birthday(value, order) is not None for value in unreadable) for order in ORDERS}
    most = max(readable.values())
    best = [ORDERS[order] for order in ORDERS if readable[order] == most > 0]
    return f"Set RELATIONSHIPS_BIRTHDAY_ORDER to {' or '.join(best)}." if best else ""
