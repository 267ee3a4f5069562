"""Phone numbers as people write them, and the key that is equal for two spellings of one number.

A number is stored as it was received. Everything that compares addresses compares `address_key`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Reason = Literal[
    "no_digits",
    "several_numbers",
    "no_country_code",
    "unknown_country_code",
    "too_short",
    "too_long",
    "unassigned",
    "refused_by_normaliser",
]

REASON_TEXTS: dict[Reason, str] = {
    "no_digits": "The phone number has no digits.",
    "several_numbers": "The text has several phone numbers. Enter one.",
    "no_country_code": "The phone number has no country code. Begin it with + and the country code.",
    "unknown_country_code": "The phone number begins with a country code that does not exist.",
    "too_short": "The phone number has too few digits.",
    "too_long": "The phone number has too many digits.",
    "unassigned": "No such phone number is known in its country. If it is right, begin it with + and the country code.",
    "refused_by_normaliser": "The application does not accept this phone number.",
}

MAX_TEXT_CHARACTERS = 250
"""The limit of phonenumbers."""

MAX_NUMBER_CHARACTERS = 20
"""The length of the columns of numbers. E.164 has at most 16 characters."""

MAX_KEY_CHARACTERS = 64
"""The length of the columns of keys."""


class NumberReading(NamedTuple):
    """A number in E.164, or the reason why there is none."""

    number: str | None
    reason: Reason | None = None

    @property
    def words(self) -> str | None:
        """The reason as a sentence, or None."""
        return None if self.reason is None else REASON_TEXTS[self.reason]


class _Spellings(NamedTuple):
    """The two spellings of a mobile number in one country: ``long`` has the inserted digit."""

    long: re.Pattern[str]
    short: re.Pattern[str]
    inserted: str
    key_is_long: bool

    def key(self, number: str) -> str | None:
        """Return the key of a number that has the other spelling; None for any other number."""
        written = (self.short if self.key_is_long else self.long).fullmatch(number)
        return None if written is None else self.other(number)

    def other(self, number: str) -> str | None:
        """Return the other spelling of a number; None for a number of another country."""
        if written := self.long.fullmatch(number):
            return f"{written[1]}{written[2]}"
        written = self.short.fullmatch(number)
        return None if written is None else f"{written[1]}{self.inserted}{written[2]}"


_SPELLINGS = (
    # Mexico: callers from abroad dialled 1 before a mobile number until 3 August 2019, when the IFT's numbering plan
    # (Plan Técnico Fundamental de Numeración, DOF 11 May 2018) made all numbers ten digits. WhatsApp's ids keep the 1.
    _Spellings(re.compile(r"(\+52)1([2-9]\d{9})"), re.compile(r"(\+52)([2-9]\d{9})"), "1", key_is_long=False),
    # Argentina: callers from abroad dial 9 before area code and number of a mobile, ten digits together (ENACOM, Plan
    # Fundamental de Numeración Nacional; ITU-T E.164 national plan of +54). Area codes begin with 1, 2 or 3.
    # People leave the 9 out, and then the number looks like a landline. WhatsApp's ids have it.
    _Spellings(re.compile(r"(\+54)9([1-3]\d{9})"), re.compile(r"(\+54)([1-3]\d{9})"), "9", key_is_long=False),
    # Brazil: from 2012 to 2016 Anatel put a 9 before mobile numbers of eight digits that began with 6 to 9
    # (Resolução 553/2010). Landlines begin with 2 to 5 and keep eight digits. WhatsApp's ids of accounts that are
    # older than that have no 9.
    _Spellings(
        re.compile(r"(\+55[1-9][1-9])9([6-9]\d{7})"),
        re.compile(r"(\+55[1-9][1-9])([6-9]\d{7})"),
        "9",
        key_is_long=True,
    ),
)

_CODES_WITH_SPELLINGS = ("+52", "+54", "+55")
"""The country codes of `_SPELLINGS`."""

_CHANNEL_PREFIX = re.compile(r"(?:whatsapp|rcs|sms|mms|tel):(?=\+)", re.IGNORECASE)
"""Twilio writes the channel before the number: ``whatsapp:+44...``, ``rcs:+44...``."""

_INTERNATIONAL = re.compile(r"\+\d{3,18}", re.ASCII)

_NUMBER_SEPARATORS = " ().-\u00a0\u2010\u2011\u2012\u2013/"

_BUSINESS_SCOPED_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,128}", re.ASCII)
"""WhatsApp's id of a user who shows no number (Meta, "Business-scoped user IDs"): upper and lower case differ."""


def address_key(address: str) -> str:
    """Return the text by which an address is compared: equal for all spellings of one phone number.

    An address that is no international number (an agent, a name, a short code, a business-scoped id) is its own key;
    upper and lower case of names are equal.

    :param address: an address as Twilio or a person wrote it, with or without the prefix of a channel.
    :returns: at most 64 characters.
    """
    text = _CHANNEL_PREFIX.sub("", visible_text(address), count=1)
    number = text.translate({ord(mark): None for mark in _NUMBER_SEPARATORS})
    if not _INTERNATIONAL.fullmatch(number):
        scoped = _BUSINESS_SCOPED_ID.fullmatch(text)
        return (text if scoped else text.casefold())[:MAX_KEY_CHARACTERS]
    if not number.startswith(_CODES_WITH_SPELLINGS):
        return number
    keys = (spelling.key(number) for spelling in _SPELLINGS)
    return next(filter(None, keys), number)


def address_spellings(address: str) -> tuple[str, ...]:
    """Return the address as it is, its key, and every other spelling of the same number, each once."""
    key = address_key(address)
    if not key.startswith(_CODES_WITH_SPELLINGS):
        return (address,) if address == key else (address, key)
    others = (spelling.other(key) for spelling in _SPELLINGS)
    return tuple(dict.fromkeys((address, key, *filter(None, others))))


def optional_key(address: str | None) -> str | None:
    """Return `address_key` of an address, or None without one."""
    return None if address is None else address_key(address)


def read_number(text: str, region: str | None = None) -> NumberReading:
    """Read a phone number as people write or paste it. Never raises.

    Invisible marks, line breaks and labels such as ``(work)`` are ignored. A valid number of any type is read. One
    that phonenumbers does not know is read where it has its country code and as many digits as a mobile number
    there: numbering plans change more often than installations.

    :param text: one number in any usual form.
    :param region: ISO 3166 code, upper case, of the country that a number without country code belongs to.
    :returns: the number in E.164, or the reason why the text has none.
    """
    if len(text) > MAX_TEXT_CHARACTERS:
        return NumberReading(None, "too_long")
    readings: list[NumberReading] = []
    for candidate in _candidates(text):
        reading = _read(candidate, region)
        if reading.number is not None:
            return reading
        readings.append(reading)
    if not readings:
        return NumberReading(None, "no_digits")
    parts = [part for part in re.split(r"[/,;|\n\r]|\bor\b|(?<=\d)\s*(?=\+)", text) if _has_digit(part)]
    if len(parts) > 1 and sum(_read(visible_text(part), region).number is not None for part in parts) > 1:
        return NumberReading(None, "several_numbers")
    return readings[-1]


def e164(text: str, region: str | None) -> str | None:
    """Return the number in E.164, such as ``+442079460000``, or None where the text has no number. Never raises."""
    return read_number(text, region).number


@dataclass(frozen=True, slots=True)
class NumberReader:
    """Reads the phone numbers of one application: by its own ``phone_normaliser=``, or by `read_number`."""

    region: str | None
    normaliser: Callable[[str], str | None] | None = None

    def read(self, text: str | None) -> NumberReading:
        """Return the number of a text, or why there is none. A blank text has neither."""
        if text is None or not text.strip():
            return NumberReading(None)
        if self.normaliser is None:
            return read_number(text, self.region)
        number = self.normaliser(text)
        if not number:
            return NumberReading(None, "refused_by_normaliser")
        return NumberReading(number) if len(number) <= MAX_NUMBER_CHARACTERS else NumberReading(None, "too_long")

    def number(self, text: str | None) -> str | None:
        """Return the number of a text, or None."""
        return self.read(text).number

    def inbound_key(self, address: str) -> str:
        """Return the key of an address that the provider sent, after the application's ``phone_normaliser=``.

        :raises Exception: whatever the normaliser raises is logged by the caller; the address is then its own key.
        """
        if self.normaliser is None or not address.startswith("+"):
            return address_key(address)
        return address_key(self.normaliser(address) or address)


def region_of(number: str) -> str | None:
    """Return the ISO 3166 code of the country of a number in E.164, or None for a number of no country."""
    import phonenumbers  # 50 ms: not in every start-up, not in every `flask` command

    for spelling in (number, address_key(number)):
        try:
            parsed = phonenumbers.parse(spelling)
        except phonenumbers.NumberParseException:
            continue
        region = phonenumbers.region_code_for_number(parsed)
        if region is not None:
            return region
        regions = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
        if len(regions) == 1 and regions[0] != "001":
            return str(regions[0])  # a range that phonenumbers does not know yet
    return None


def time_zone_of(number: str) -> str | None:
    """Return the IANA time zone of a number in E.164, or None where it may be in any of several."""
    import phonenumbers
    from phonenumbers import timezone

    try:
        zones = timezone.time_zones_for_number(phonenumbers.parse(address_key(number)))
    except phonenumbers.NumberParseException:
        return None
    return zones[0] if len(zones) == 1 and zones[0] != timezone.UNKNOWN_TIMEZONE else None


def written_number(number: Any) -> str:
    """Return a ``PhoneNumber`` of phonenumbers, or of a column type built on it, in E.164."""
    import phonenumbers

    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def visible_text(text: str) -> str:
    """Return the text without invisible marks, with every run of blanks and line breaks as one space."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(_visible(mark) for mark in text)
    return " ".join(text.split())


_BLANKS = frozenset({"Cc", "Zl", "Zp", "Zs"})
_INVISIBLE = frozenset({"Cf", "Me", "Cs", "Mn"})
"""Directional marks, joiners, keycaps, halves of a pair, variation selectors."""


def _visible(mark: str) -> str:
    category = unicodedata.category(mark)
    if category in _INVISIBLE:
        return ""
    return " " if category in _BLANKS else mark


def _has_digit(text: str) -> bool:
    return any(mark.isdigit() for mark in text)


_LABEL_IN_BRACKETS = re.compile(r"[(\[{][^\W\d_][^()\[\]{}\d+]*[)\]}]")
_LABEL_AT_THE_END = re.compile(r"(?<=\d)[\s,;:~–—-]+[^\d+]*[^\W\d_][^\d+]*$")


def _candidates(text: str) -> Iterator[str]:
    """Yield the texts that may be the number: the whole, then without the label at its end ("07400 123456 work")."""
    seen = " ".join(_LABEL_IN_BRACKETS.sub(" ", visible_text(text)).split())
    if not _has_digit(seen):
        return
    yield seen
    short = _LABEL_AT_THE_END.sub("", seen)
    if short != seen:
        yield short


def _read(text: str, region: str | None) -> NumberReading:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        return _read_another_way(text, region, _reason_of(error, text))
    written = written_number(number)
    if phonenumbers.is_valid_number(number):
        return NumberReading(written)
    key = address_key(written)
    if key != written and phonenumbers.is_valid_number(phonenumbers.parse(key)):
        return NumberReading(key)
    results = phonenumbers.ValidationResult
    lengths: dict[int, Reason] = {results.TOO_SHORT: "too_short", results.TOO_LONG: "too_long"}
    length = lengths.get(phonenumbers.is_possible_number_with_reason(number))
    mobile = phonenumbers.PhoneNumberType.MOBILE
    like_mobile = phonenumbers.is_possible_number_for_type_with_reason(number, mobile) == results.IS_POSSIBLE
    if length is None and like_mobile and _begins_with_plus(text):
        return NumberReading(written)
    return _read_another_way(text, region, length or "unassigned")


def _read_another_way(text: str, region: str | None, reason: Reason) -> NumberReading:
    """Try the international prefix 00 of ITU-T E.123, and the prefixes that Mexico gave up in 2019."""
    digits = re.sub(r"[^\d+]", "", text)
    if re.match(r"00[1-9]", digits):
        other = f"+{digits[2:]}"
    elif region == "MX" and (found := re.fullmatch(r"(?:01|044|045)([2-9]\d{9})", digits)):
        other = f"+52{found[1]}"
    else:
        return NumberReading(None, reason)

    import phonenumbers

    try:
        written = written_number(phonenumbers.parse(other))
    except phonenumbers.NumberParseException:
        return NumberReading(None, reason)
    for spelling in (written, address_key(written)):
        if phonenumbers.is_valid_number(phonenumbers.parse(spelling)):
            return NumberReading(spelling)
    return NumberReading(None, reason)


def _begins_with_plus(text: str) -> bool:
    return text.lstrip(" (tel:TEL").startswith(("+", "\uff0b"))


def _reason_of(error: Any, text: str) -> Reason:
    reasons: dict[int, Reason] = {
        error.INVALID_COUNTRY_CODE: "unknown_country_code" if _begins_with_plus(text) else "no_country_code",
        error.TOO_SHORT_NSN: "too_short",
        error.TOO_SHORT_AFTER_IDD: "too_short",
        error.TOO_LONG: "too_long",
    }
    return reasons.get(error.error_type, "unassigned" if _has_digit(text) else "no_digits")
