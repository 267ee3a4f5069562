"""Limit the list of invalid members in a response to the size of its request, but at least 1 KiB."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request

from ..errors import InvalidMember, Problem
from .strict_json import encode

MAX_NAME_LENGTH = 64
"""Characters of an unknown member's name that are repeated."""

SMALLEST_LIMIT_BYTES = 1024
"""The limit for smaller requests: about eight errors, which even ``{}`` may cause."""

UNKNOWN = ("unknown_field", "unknown_parameter")


def encode_problem(problem: Problem) -> bytes:
    """Return the JSON of a problem. It is not longer than the body and the query string of its request, or 1 KiB.

    Errors that do not fit are counted in ``detail``; those of unknown members are left out first. One is always kept.
    """
    whole = encode(problem.as_json())
    limit = max(_size_of_request(), SMALLEST_LIMIT_BYTES)
    if len(whole) <= limit or not problem.errors:
        return whole
    ordered = sorted(problem.errors, key=lambda error: error.code in UNKNOWN)
    content = problem.as_json() | {"detail": _count_left_out(problem, len(ordered)), "errors": []}
    kept = _fit(ordered, limit - len(encode(content)))
    content["detail"] = _count_left_out(problem, len(ordered) - len(kept))
    content["errors"] = [error._asdict() for error in kept]
    return encode(content)


def _count_left_out(problem: Problem, number: int) -> str:
    return f"{problem.detail} {number} more {'error is' if number == 1 else 'errors are'} not listed."


def _fit(errors: Sequence[InvalidMember], room: int) -> Sequence[InvalidMember]:
    """Return the first errors whose JSON fits into so many bytes, but at least one."""
    for number, error in enumerate(errors):
        room -= len(encode(error._asdict())) + 1
        if room < 0:
            return errors[: max(number, 1)]
    return errors


def _size_of_request() -> int:
    """Return the bytes of the query string and of the body by its Content-Length."""
    return len(request.query_string) + (request.content_length or 0)
