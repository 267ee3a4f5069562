"""The results of `flask relationships check`: every kind with its code, level, fix and page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ..documentation import reference

Level = Literal["ok", "warning", "error"]

CONFIGURATION_ERRORS_PAGE = "errors.md#configuration-errors"
"""The page of every configuration error. Each has a code of its own."""

JSON_MEMBERS = ("code", "level", "message", "fix", "page", "acknowledged")


@dataclass(frozen=True, slots=True)
class FieldReading:
    """One field of a mapping: how it is read, and its value in the sample row."""

    field: str
    read: str
    value: str | None = None

    def as_json(self, *, sample: bool) -> dict[str, Any]:
        """Return the field for JSON, with the sample row's value only if `sample` is true."""
        described = {"field": self.field, "read": self.read}
        return {**described, "value": self.value} if sample else described


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One result: its level, what was found, how to fix it, and the page that explains it."""

    code: str
    level: Level
    message: str
    fix: str = ""
    page: str = ""
    fields: tuple[FieldReading, ...] = ()
    acknowledged: bool = False
    """Whether RELATIONSHIPS_CHECK_IGNORE names its code."""

    @property
    def counts(self) -> bool:
        """Whether this is an error or a warning that is not acknowledged."""
        return self.level != "ok" and not self.acknowledged

    def as_json(self, *, sample: bool) -> dict[str, Any]:
        """Return the result for JSON.

        :param sample: include the values of the sample row, which are personal data.
        """
        members = {name: getattr(self, name) for name in JSON_MEMBERS}
        members["page"] = reference(self.page)
        if self.fields:
            members["fields"] = [reading.as_json(sample=sample) for reading in self.fields]
        return members


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of result. The table in the documentation is generated from these."""

    code: str
    level: Level
    meaning: str
    page: str
    fix: str = ""

    def result(self, message: str, fix: str = "", fields: tuple[FieldReading, ...] = ()) -> CheckResult:
        """Return a result of this kind.

        :param fix: replaces the kind's own fix, if the case allows a better one.
        """
        return CheckResult(self.code, self.level, message, fix or self.fix, self.page, fields)
