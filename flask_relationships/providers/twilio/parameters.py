"""Read the parameters of a signed webhook of Twilio.

Twilio signs names and values one after the other, sorted by name and without a mark between them. One signature
therefore fits every way to cut that text. Whoever has a signed request could send it again with other cuts, so
`read_parameters` gives all cuts that Twilio may have made the same reading and refuses all others:

* A text of the sender (`TEXTS`) may contain anything. What stands there is never read as an address or an id.
* Every other value contains no name of a parameter.
* The last place where an address or id could be read is the real one.
* Twilio adds parameters without notice, so unknown names are accepted. One that directly follows a text could be the
  end of that text: it is read as such.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

SID = r"(?:SM|MM)[0-9a-f]{32}"

ADDRESS = r"[^\x00-\x1f\x7f]{1,320}"
"""Anything printable: Twilio's senders may be numbers, short codes, names with punctuation, agents and ids."""

MAX_SENDER_NAME_CHARACTERS = 11
"""Twilio's limit for alphanumeric sender ids."""

_NUMBER = re.compile(r"(?:[a-z]{2,20}:)?\+?[0-9][0-9 ().-]{0,40}")
_NUMBER_OR_SCHEME = re.compile(r"[a-z]{2,20}:|\+[0-9]")

PATTERNS = {
    name: re.compile(pattern)
    for name, pattern in {
        "AccountSid": r"AC[0-9a-fA-F]{32}",
        "MessageSid": SID,
        "MessageStatus": r"[a-z_]{2,30}",
        "From": ADDRESS,
        "To": ADDRESS,
        "ErrorCode": r"[0-9]{1,6}|",
        "NumMedia": r"[0-9]{1,3}",
        "OptOutType": r"[A-Z]{2,10}",
    }.items()
}
"""The forms of values that must not be anything else."""

TEXTS = frozenset(
    {
        *("AddOns", "Address", "Body", "ButtonPayload", "ButtonText", "ChannelMetadata", "ChannelStatusMessage"),
        *("ErrorMessage", "InteractiveData", "Label", "ListId", "ListTitle", "ProfileName"),
        *("ReferralBody", "ReferralHeadline", "ReferralSourceUrl", "ReferralMediaUrl"),
    }
)
"""Parameters whose values people write, or that repeat what people write."""

_PLACES = ("City", "Country", "State", "Zip")

NAMES = TEXTS | {
    *("AccountSid", "ApiVersion", "ChannelInstallSid", "ChannelPrefix", "ChannelStatusCode", "ChannelToAddress"),
    *("ErrorCode", "EventType", "Forwarded", "FrequentlyForwarded", "From", "To", "Latitude", "Longitude"),
    *("MessageSid", "MessageStatus", "MessageType", "MessagingServiceSid", "NumMedia", "NumSegments", "OptOutType"),
    *("OriginalRepliedMessageSender", "OriginalRepliedMessageSid", "RawDlrDoneDate", "SmsMessageSid", "SmsSid"),
    *("SmsStatus", "WaId", "ReferralNumMedia", "ReferralMediaContentType", "ReferralSourceId", "ReferralSourceType"),
    *("ReferralCtwaClid", *(f"{end}{place}" for end in ("From", "To") for place in _PLACES)),
    *(f"Media{part}{number}" for part in ("Url", "ContentType") for number in range(10)),
}
"""Twilio's parameters of messages and reports, from its documentation of webhooks."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_ANYTHING = re.compile(r".*", re.DOTALL)

_LONG_NAMES = sorted((name for name in NAMES if re.search("[a-z][A-Z0-9]", name)), key=len, reverse=True)
_INSIDE = re.compile(f"(?<=.)(?:{'|'.join(_LONG_NAMES)})", re.DOTALL)
"""A name of several words inside a value. A name of one word may be part of an ordinary value, such as Tokyo."""

_ANY_NAME_INSIDE = re.compile(f"(?<=.)(?:{'|'.join(sorted(NAMES, key=len, reverse=True))})", re.DOTALL)

_NUMBER_AHEAD = r"(?=[a-z]{2,20}:[^\s]|\+?[0-9]{3,15}(?:[A-Z]|\Z))"


class _Identity(NamedTuple):
    """A parameter that must be read in one way: where it could be read, and the texts that sort behind it."""

    readings: re.Pattern[str]
    later_texts: re.Pattern[str]


def _identity(name: str, readings: str) -> _Identity:
    later = sorted(text for text in TEXTS if text > name)
    return _Identity(re.compile(readings), re.compile("|".join(later) or r"(?!)"))


_IDENTITIES = {
    "From": _identity("From", f"From{_NUMBER_AHEAD}"),
    "To": _identity("To", f"To{_NUMBER_AHEAD}"),
    # A reply on WhatsApp also names the message that it answers.
    "MessageSid": _identity("MessageSid", rf"(?<!OriginalReplied)MessageSid(?={SID})"),
}


class Parameters(NamedTuple):
    """The parameters of a webhook. ``values`` is what is kept; ``as_cut`` is what the request called them."""

    values: dict[str, str]
    as_cut: dict[str, str]


class _Segment(NamedTuple):
    name: str
    value: str
    start: int


def read_parameters(form: Any, account_sid: str, needed: Sequence[str]) -> Parameters | None:
    """Return the parameters of a signed form by name, or None if Twilio cannot have cut them so.

    :param form: the signed form, a mapping of lists as werkzeug's ``MultiDict``.
    :param account_sid: the account that the form must be from.
    :param needed: names that must be present and have a value.
    :returns: one value for each name. In ``values`` unknown parameters after a text are part of that text.
    """
    if form.getlist("AccountSid") != [account_sid] or not all(form.get(name) for name in needed):
        return None
    segments, text = _signed_text(form)
    if not all(_is_possible(segment, form) for segment in segments):
        return None
    if not all(_is_last(text, segment) for segment in segments if segment.name in _IDENTITIES):
        return None
    read = {name: form.get(name, "") for name in form}
    return Parameters(read | _joined_texts(segments), read)


def _signed_text(form: Any) -> tuple[list[_Segment], str]:
    """Return the parameters in the order in which Twilio signs them, and the text that it signs."""
    segments, text = list[_Segment](), ""
    for name in sorted(form):
        for value in sorted(set(form.getlist(name))):
            segments.append(_Segment(name, value, len(text)))
            text += name + value
    return segments, text


def _is_possible(segment: _Segment, form: Any) -> bool:
    """Return whether Twilio may have sent this name with this value."""
    name, value, _ = segment
    if name not in NAMES:
        return _is_possible_addition(name, value, form)
    if len(form.getlist(name)) > 1:
        return False
    if name == "Label":  # a place has coordinates; without them this may be another sender
        return "From" not in value or "Latitude" in form
    if name in TEXTS:
        return True
    if value and not PATTERNS.get(name, _ANYTHING).fullmatch(value):
        return False
    if name in ("From", "To"):
        return _is_address(value)
    has_sender_inside = name.startswith("From") and "From" in value[1:]
    return not has_sender_inside and _INSIDE.search(value) is None


def _is_possible_addition(name: str, value: str, form: Any) -> bool:
    """Return whether Twilio may have added a parameter of this unknown name."""
    # "Bodyh" without "Body" is a text whose beginning was made part of its name.
    has_text_in_name = name.startswith(tuple(TEXTS.difference(form)))
    has_sender_inside = "From" < name < "MessageSid" and "From" in value
    is_cut_wrong = has_text_in_name or has_sender_inside or _INSIDE.search(value) is not None
    return not is_cut_wrong and _NAME.fullmatch(name) is not None


def _is_address(value: str) -> bool:
    """Return whether an address is whole: no other parameter was made part of it."""
    if _NUMBER.fullmatch(value):
        return True
    is_name = len(value) <= MAX_SENDER_NAME_CHARACTERS and not _NUMBER_OR_SCHEME.match(value)
    return (_INSIDE if is_name else _ANY_NAME_INSIDE).search(value) is None


def _is_last(text: str, own: _Segment) -> bool:
    """Return whether no other cut of the text gives this parameter another value.

    An earlier reading is part of a text such as "call From+447400123456". It could only be the real one if a later
    text contained ours.
    """
    identity = _IDENTITIES[own.name]
    for reading in identity.readings.finditer(text):
        if reading.start() == own.start or text.startswith(own.value, reading.end()):
            continue
        if reading.start() > own.start or identity.later_texts.search(text, reading.end(), own.start):
            return False
    return True


def _joined_texts(segments: Sequence[_Segment]) -> dict[str, str]:
    """Return the texts that unknown parameters follow, with these as their end."""
    joined: dict[str, str] = {}
    text_name: str | None = None
    for name, value, _ in segments:
        if name in NAMES:
            text_name = name if name in TEXTS else None
            last = value
        elif text_name is not None:
            last += name + value
            joined[text_name] = last
    return joined
