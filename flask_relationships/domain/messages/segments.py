"""Count the segments of a text as Twilio counts and charges them with smart encoding off.

The rule is that of 3GPP TS 23.038 and TS 23.040. A short message carries 140 octets: 160 septets of the GSM
7-bit alphabet or, as soon as one character is outside it, 70 code units of UCS-2. A longer text is cut up, and
each part gives six octets to the header that joins them again: 153 septets or 67 code units are left. An
extension character is an escape and a septet, which are never parted.

In UCS-2 Twilio's calculator (npm ``sms-segments-calculator``) does not cut a grapheme cluster either: a character above
U+FFFF, an emoji of several that are joined, a flag, a letter with its accents (Unicode Standard Annex 29).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import regex

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

_CLUSTER = regex.compile(r"\X")

_GSM = frozenset(_BASIC + _EXTENSION)


@dataclass(frozen=True, slots=True)
class Segments:
    """The number of segments, and of their septets or code units without headers.

    ``left`` is the free space of the last segment; for an empty text, which has no segment, that of the first.
    """

    encoding: Encoding
    count: int
    units: int
    left: int


def segments(body: str) -> Segments:
    """Return the segments of a text."""
    if _GSM.issuperset(body):
        return _counted("GSM-7", [2 if character in _EXTENSION else 1 for character in body], alone=160, joined=153)
    return _counted("UCS-2", [len(joined.encode("utf-16-le")) // 2 for joined in _joined(body)], alone=70, joined=67)


def _joined(body: str) -> list[str]:
    """Return the grapheme clusters of a text. A line break of two characters is two, as Twilio's calculator has it."""
    return [part for cluster in _CLUSTER.findall(body) for part in (("\r", "\n") if cluster == "\r\n" else (cluster,))]


def _counted(encoding: Encoding, sizes: Sequence[int], *, alone: int, joined: int) -> Segments:
    """Fill segments with parts of these sizes, none of which is cut."""
    units = sum(sizes)
    if units <= alone:
        return Segments(encoding, 1 if sizes else 0, units, alone - units)
    count, left = 1, joined
    for size in sizes:
        if size > left:
            count, left = count + 1, joined
        left -= size
    return Segments(encoding, count, units, max(left, 0))
