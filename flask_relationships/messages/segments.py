"""How many segments a text takes, as it is counted and paid for at Twilio with smart encoding off.

The rule is that of 3GPP TS 23.038 and TS 23.040. A short message carries 140 octets: 160 septets of the GSM
7-bit alphabet or, as soon as one character is outside it, 70 code units of UCS-2. A longer text is cut up, and
each part gives six octets to the header that joins them again: 153 septets or 67 code units are left. An
extension character is an escape and a septet, a character above U+FFFF is two surrogates, and neither pair is
ever cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

# The columns of the standard's table, without its escape.
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "\f^{}\\[~]|€"

_GSM = frozenset(_BASIC + _EXTENSION)


@dataclass(frozen=True, slots=True)
class Segments:
    """``count`` segments hold ``units`` septets or code units, headers not counted.

    ``left`` is what the last of them still takes: for an empty text, which has no segment, all of the first.
    """

    encoding: Encoding
    count: int
    units: int
    left: int


def segments(body: str) -> Segments:
    """What a text takes."""
    if not _GSM.issuperset(body):
        twos = [index for index, character in enumerate(body) if character > "\uffff"]
        return _counted("UCS-2", body, twos, alone=70, joined=67)
    twos = [index for index, character in enumerate(body) if character in _EXTENSION]
    return _counted("GSM-7", body, twos, alone=160, joined=153)


def _counted(encoding: Encoding, body: str, twos: Sequence[int], *, alone: int, joined: int) -> Segments:
    """``twos`` are the places of the characters that take two units."""
    units = len(body) + len(twos)
    if units <= alone:
        return Segments(encoding, 1 if body else 0, units, alone - units)
    places = units
    for number, index in enumerate(twos):
        # Where it would begin, had nothing been left free before it but what was counted already.
        begin = index + number + (places - units)
        if begin % joined == joined - 1:  # only its first half would fit, so that place stays free
            places += 1
    return Segments(encoding, -(-places // joined), units, -places % joined)
