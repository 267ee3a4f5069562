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


def written_number(number: Any) -> str:
    """A number that is an object of ``phonenumbers``, or of a column type built on it, in E.164."""
    import phonenumbers

    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
