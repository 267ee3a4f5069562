"""The list of wrong members in an answer, which is never longer than the request that caused it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from flask import request

from .errors import InvalidMember, ValidationFailed

LONGEST_NAME = 64
"""How many characters of a name that a client made up are repeated."""

UNKNOWN = ("unknown_field", "unknown_parameter")


def limit_to_request(errors: Sequence[InvalidMember]) -> list[InvalidMember]:
    """Return the errors without those of unknown members that would make the answer longer than the request.

    Errors of known members are kept: the schema limits their number. At least one error is kept.
    """
    kept = [error for error in errors if error.code not in UNKNOWN]
    if len(kept) == len(errors):
        return kept
    room = _size_of_request() - len(json.dumps(ValidationFailed().as_json())) - sum(map(_size, kept))
    for error in errors:
        if error.code in UNKNOWN:
            room -= _size(error)
            if kept and room < 0:
                break
            kept.append(error)
    return kept


def _size(error: InvalidMember) -> int:
    return len(json.dumps(error._asdict(), ensure_ascii=False).encode("utf-8", "surrogatepass")) + 1


def _size_of_request() -> int:
    headers = sum(len(name) + len(value) + 4 for name, value in request.headers)
    return len(request.full_path) + headers + (request.content_length or len(request.get_data(cache=True)))
