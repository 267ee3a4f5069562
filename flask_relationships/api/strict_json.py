"""Read and write JSON strictly, so that no body of a client causes an internal error."""

from __future__ import annotations

import json
import math
import re
from datetime import date, datetime
from typing import Any, NoReturn

from ..domain.texts import written_time
from ..errors import UnreadableBody

MAX_DEPTH = 32

UNFIT = re.compile("[\x00\ud800-\udfff]")
"""Characters that no text may hold: NUL, and halves of surrogate pairs."""

__all__ = ["MAX_DEPTH", "UNFIT", "encode", "parse_object"]


def _written(value: Any) -> str | None:
    """Convert values for which JSON has no type."""
    if isinstance(value, datetime):
        return written_time(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON: {type(value).__name__}")


def _encode(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_written).encode()


try:
    import orjson
except ImportError:  # the standard library does the same, more slowly
    encode = _encode
else:
    OPTIONS = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS

    def encode(value: Any) -> bytes:
        """Return JSON in UTF-8. Instants in naive UTC and civil dates are converted."""
        return orjson.dumps(value, option=OPTIONS)


def parse_object(raw: bytes) -> dict[str, Any]:
    """Parse a JSON object.

    :raises UnreadableBody: if the bytes are no JSON object, or hold texts and numbers that cannot be stored.
    """
    try:
        body = json.loads(
            raw.decode("utf-8"),
            parse_constant=_refuse,
            parse_int=_integer,
            parse_float=_finite,
            object_pairs_hook=_without_twins,
        )
        _check_texts(body)
    except (ValueError, RecursionError) as error:
        words = error.args[0] if isinstance(error, _UnreadableError) else "It is not valid JSON in UTF-8."
        raise UnreadableBody(words) from None
    if not isinstance(body, dict):
        raise UnreadableBody("The body must be a JSON object.")
    return body


class _UnreadableError(ValueError):
    """Valid JSON that this API refuses. Its text is sent in the response."""


def _refuse(constant: str) -> NoReturn:
    del constant
    raise _UnreadableError("NaN and Infinity are not JSON numbers.")


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > 18:
        raise _UnreadableError("A number is too large.")
    return int(digits)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _UnreadableError("A number is too large.")
    return number


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _UnreadableError("A member is given twice.")
    return members


def _check_texts(body: Any) -> None:
    """Refuse NUL and halves of surrogate pairs in any text, and nesting below `MAX_DEPTH`."""
    waiting: list[tuple[Any, int]] = [(body, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise _UnreadableError("The body is nested too deeply.")
        if isinstance(value, str) and UNFIT.search(value):
            raise _UnreadableError("A text holds a NUL character or half of a surrogate pair.")
        if isinstance(value, dict):
            value = [*value.keys(), *value.values()]
        if isinstance(value, list):
            waiting += [(part, depth + 1) for part in value]
