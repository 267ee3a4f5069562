"""The default reading of phone numbers: text as people write it to E.164, or nothing."""

from __future__ import annotations

from typing import Any


def e164(text: str, region: str | None) -> str | None:
    """The number in E.164, such as ``+442079460000``; None where the text is no valid number of any type.

    ``region`` is the two upper-case letters of the country that a number without a country code is taken
    for; without it such a number is None. Never raises.
    """
    import phonenumbers  # 50 ms: not in every start-up, not in every `flask` command

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def region_of(number: str) -> str | None:
    """The two letters of the country that a number in E.164 is of; None for those of no country."""
    import phonenumbers

    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return None


def time_zone_of(number: str) -> str | None:
    """The IANA name of the time zone that a number in E.164 is in; None where it may be in any of several."""
    import phonenumbers
    from phonenumbers import timezone

    try:
        zones = timezone.time_zones_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return None
    return zones[0] if len(zones) == 1 and zones[0] != timezone.UNKNOWN_TIMEZONE else None


def written_number(number: Any) -> str:
    """A number that is an object of ``phonenumbers``, or of a column type built on it, in E.164."""
    import phonenumbers

    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
