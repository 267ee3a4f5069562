"""Compare a text with the one in Twilio's list: Twilio changes texts in known ways before it sends them."""

from __future__ import annotations

import re
import unicodedata

import regex

TRIAL_PREFIX = "Sent from your Twilio trial account - "
"""Stands before every text of a trial account (Twilio's documentation of trial accounts)."""

_MARKS = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u2035\u00b4`\u02b9\u02bb\u02bc\u02c8", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb\u02ba\u02ee", '"'),
        **dict.fromkeys("\u2044\u2215", "/"),
        "\u2039": "<",
        "\u203a": ">",
        "\u2217": "*",
        "\u223c": "~",
        "\u2212": "-",
    }
)
"""Marks that smart encoding replaces by a mark of GSM-7, from Twilio's table of replaced characters."""

_DASH = regex.compile(r"\p{Pd}")
_INVISIBLE = regex.compile(r"\p{Cf}")
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_OPT_OUT_FOOTER = re.compile(r"\s+(?=.{0,200}\Z).*\b(?:stop|opt.?out|unsubscribe)\b.*", re.IGNORECASE | re.DOTALL)


def is_same_text(ours: str, theirs: str | None) -> bool:
    """Return whether a text in the provider's list may be ours, after all changes that Twilio is known to make.

    These are smart encoding, trimmed and joined white space, other line ends, Unicode normalisation, the prefix of a
    trial account, shortened links and an appended line that explains how to opt out. A redacted text is empty.

    :param ours: the text as we sent it.
    :param theirs: the text in the list.
    """
    if not theirs:
        return True
    sent, shown = _plain(ours), _plain(theirs)
    listed = shown.removeprefix(_plain(TRIAL_PREFIX)).strip()
    if sent in (shown, listed):
        return True
    links = r"\S+".join(re.escape(part) for part in _URL.split(sent))
    found = re.compile(links).match(listed) if sent else None
    if found is None:
        return False
    rest = listed[found.end() :]
    return not rest or _OPT_OUT_FOOTER.fullmatch(rest) is not None


def _plain(text: str) -> str:
    """Return a text after smart encoding and normalisation, with every run of white space as one space."""
    composed = unicodedata.normalize("NFKC", text.translate(_MARKS)).translate(_MARKS)
    return " ".join(_INVISIBLE.sub("", _DASH.sub("-", composed)).split())
