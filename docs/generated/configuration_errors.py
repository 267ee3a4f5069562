"""The page of configuration errors: every error of the tests' catalogue, made while the page is built."""

from __future__ import annotations

import re
from functools import cache
from itertools import groupby

from tests.binding.mistakes import TRAPS, Told, Trap, commit


@cache
def configuration_errors() -> str:
    """Return the errors that have a code, by code: the code that causes each, its message and its fix."""
    coded = sorted((trap for trap in TRAPS if trap.code is not None), key=lambda trap: str(trap.code))
    parts: list[str] = []
    for code, same in groupby(coded, key=lambda trap: trap.code):
        parts += [f"### `{code}`", *(_told(trap) for trap in same)]
    return "\n\n".join(parts)


@cache
def logged_errors() -> str:
    """Return the errors that only a warning or the application's log reports."""
    return "\n\n".join(f"### {_sentence(trap)}\n\n{_told(trap)}" for trap in TRAPS if trap.code is None)


def _sentence(trap: Trap) -> str:
    return trap.name[0].upper() + trap.name[1:]


def _told(trap: Trap) -> str:
    told: Told = commit(trap)
    said = "\n".join(f"> {line}" for line in _plain(told.message).splitlines())
    fix = f"\n\nFix: {_plain(told.fix)}" if told.fix else ""
    heading = f"{_sentence(trap)}:\n\n" if trap.code is not None else ""
    return f"{heading}```python\n{trap.source}\n```\n\n{said}{fix}"


def _plain(text: str) -> str:
    """Escape Markdown, and remove paths of the machine that builds the page."""
    text = re.sub(r"(?<= at )\S*/(\w+\.py:)\d+", r"\1...", text)
    return re.sub(r"([\\`*_<>\[\]])", r"\\\1", text)
