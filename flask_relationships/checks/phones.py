"""Check how many phones of contacts are valid numbers. No number is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..api.application import state
from ..errors import place_of
from .check_run import CheckRun
from .host_fields import is_sampled, read_field, sample_size, text_shape, with_counts
from .mapping import FIELD_FAILS
from .results import CheckResult, Kind

PAGE = "messages.md#phone-numbers"

PHONES = Kind("phones", "ok", "How many contacts have a valid number, and how many have none.", PAGE)
PHONES_NO_NUMBERS = Kind(
    "phones_no_numbers",
    "warning",
    "Some phones of contacts are not valid numbers. These contacts cannot receive messages.",
    PAGE,
    "Correct the phones, or pass phone_normaliser= to Relationships to parse your own format.",
)
NORMALISER_RAISES = Kind(
    "phone_normaliser_raises",
    "error",
    "The `phone_normaliser` raises, so requests that save a phone fail.",
    PAGE,
    "Return None for a text that is not a number.",
)


class _NormaliserRaises(Exception):
    """The normaliser raised an exception, which is the cause, for a text of this shape."""


def check(run: CheckRun) -> Iterator[CheckResult]:
    """Count valid, empty and invalid phones of the contacts."""
    contact = state.hosts.contact
    if not is_sampled(contact, "phone", run):
        return
    counts, invalid = Counter[str](), Counter[str]()
    try:
        for phone in read_field(contact, "phone", run):
            _count(phone, counts, invalid)
    except _NormaliserRaises as error:
        yield NORMALISER_RAISES.result(f"phone_normaliser raises {error}.")
        return
    except Exception as error:
        run.undo()
        yield FIELD_FAILS.result(f"{contact.model.__name__}: reading phone of a row raises {place_of(error)}.")
        return
    yield from _results(counts, invalid, run)


def _count(phone: object, counts: Counter[str], invalid: Counter[str]) -> None:
    """Count a phone as empty, valid, or invalid by its shape.

    :raises _NormaliserRaises: if the host's function raises.
    """
    text = "" if phone is None else str(phone)
    if not text:
        counts["empty"] += 1
        return
    try:
        number = state.numbers.number(text)
    except Exception as error:
        raise _NormaliserRaises(f"{place_of(error)} for a phone like {text_shape(text)}") from error
    if number is not None:
        counts["valid"] += 1
    else:
        invalid[text_shape(text)] += 1


def _results(counts: Counter[str], invalid: Counter[str], run: CheckRun) -> Iterator[CheckResult]:
    valid, empty, bad = counts["valid"], counts["empty"], invalid.total()
    if valid + empty + bad:
        size = sample_size(valid + empty + bad, run)
        yield PHONES.result(f"Of {size}, {valid} have a valid number, {empty} have none.")
    if bad:
        needs_region = bad > valid and state.settings.default_region is None
        region = "Set RELATIONSHIPS_DEFAULT_REGION to the country of numbers without a country code."
        yield PHONES_NO_NUMBERS.result(
            f"{bad} of {valid + bad} phones are not valid numbers, such as {with_counts(invalid)}; N is a digit.",
            region if needs_region else "",
        )
