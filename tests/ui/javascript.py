"""The string and template literals of JavaScript."""

from __future__ import annotations

import re

_skipped = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_string = re.compile(r'"(?:[^"\\\n]|\\.)*"' + r"|'(?:[^'\\\n]|\\.)*'")
_regular_expression = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_operand_ends_with = re.compile(r"[\w)\]}$]\s*\Z")
"""After an operand a slash divides; elsewhere it starts a regular expression."""


def literals(source: str) -> list[str]:
    """Return all string literals, and the texts of all template literals, in order."""
    found: list[str] = []
    end = _scan(source, 0, found)
    assert end == len(source), f"unbalanced at {source[end : end + 40]!r}"
    return found


def _scan(source: str, at: int, found: list[str]) -> int:
    """Scan code up to the end, or up to the brace that closes a template's expression."""
    depth = 0
    while at < len(source):
        sign = source[at]
        if skipped := _skipped.match(source, at):
            at = skipped.end()
        elif string := _string.match(source, at):
            found.append(string[0])
            at = string.end()
        elif sign == "`":
            at = _scan_template(source, at + 1, found)
        elif sign == "/" and not _operand_ends_with.search(source[max(0, at - 80) : at]):
            expression = _regular_expression.match(source, at)
            assert expression is not None, source[at : at + 40]
            at = expression.end()
        elif sign == "}" and not depth:
            return at
        else:
            depth += (sign == "{") - (sign == "}")
            at += 1
    return at


def _scan_template(source: str, at: int, found: list[str]) -> int:
    """Scan a template literal after its first backtick; return the place after its last."""
    start = at
    while source[at] != "`":
        if source.startswith("${", at):
            found.append(source[start:at])
            at = start = _scan(source, at + 2, found) + 1
        else:
            at += 2 if source[at] == "\\" else 1
    found.append(source[start:at])
    return at + 1
