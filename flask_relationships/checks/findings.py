"""What `check` can find: each kind once, with its code, its level, its fix and its page, and a finding of a kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ..documentation import reference

Level = Literal["ok", "warning", "error"]

MISTAKES = "errors.md#configuration-errors"
"""The page of every start-up mistake: those have codes of their own."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One field of a mapping: how it is read, in words, and what was read of the sample row."""

    field: str
    read: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is well, what to do where it is not, and the section that tells more."""

    code: str
    level: Level
    message: str
    fix: str = ""
    page: str = ""
    fields: tuple[Reading, ...] = ()
    acknowledged: bool = False
    """Whether RELATIONSHIPS_CHECK_IGNORE names its code."""

    @property
    def counts(self) -> bool:
        """Whether the result is an error or a warning that nobody has acknowledged."""
        return self.level != "ok" and not self.acknowledged

    def as_json(self, *, sample: bool) -> dict[str, Any]:
        """The finding for JSON. ``sample``: with the values of the sample row, which are somebody's."""
        told: dict[str, Any] = {
            name: getattr(self, name) for name in ("code", "level", "message", "fix", "page", "acknowledged")
        }
        told["page"] = reference(self.page)
        if self.fields:
            told["fields"] = [
                {"field": one.field, "read": one.read} | ({"value": one.value} if sample else {}) for one in self.fields
            ]
        return told


MEMBERS = ("code", "level", "message", "fix", "page", "acknowledged")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of finding. The documentation's table is made from these."""

    code: str
    level: Level
    meaning: str
    page: str
    fix: str = ""

    def found(self, message: str, fix: str = "", fields: tuple[Reading, ...] = ()) -> Finding:
        """A finding of this kind. ``fix`` where this case has a better one than the kind."""
        return Finding(self.code, self.level, message, fix or self.fix, self.page, fields)
