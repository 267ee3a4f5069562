"""Reading a problem in a test: its code, and which members of the body it names."""

from __future__ import annotations

from typing import Any

Problem = dict[str, Any]


def members(problem: Problem) -> dict[str, str]:
    """The wrong members of a body by pointer, each with its code. Fails where it is no such problem."""
    assert problem["code"] == "validation_failed", problem
    return {error["pointer"]: error["code"] for error in problem["errors"]}
