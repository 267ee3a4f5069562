"""PATCH with the object that GET gave: members that cannot be written, and members that say what is there already."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from ..errors import InvalidMember, ValidationFailed
from ..hosts.keys import is_uuid
from .dumping import members_of
from .fields import Schema
from .loading import load

FIXED = ("id", "created_at", "contact_id")
"""Read-only members that must have their present value. Others are ignored: they may change meanwhile."""

POINTER = "#/"


class SentBack(NamedTuple):
    """What a body holds beside the values that its schema loads."""

    body: Mapping[str, Any]
    read_only: Collection[str]
    errors: Collection[InvalidMember] = ()
    """Of members that the schema refuses, unless they say what is there already."""

    @property
    def is_object(self) -> bool:
        """Whether the body is the whole object, and not only what is to change."""
        return "id" in self.body

    def require_present_values(self, row: Any) -> None:
        """Compare the body with the row that it changes.

        :raises ValidationFailed: with `read_only`, or with what the schema found.
        """
        words = "This member cannot be changed. Leave it out, or send its present value."
        errors = [
            InvalidMember(POINTER + name, "read_only", words)
            for name in self.body
            if name in FIXED and name in self.read_only and not _says(self.body[name], getattr(row, name))
        ]
        errors += [error for error in self.errors if not self._is_unchanged(error.pointer[len(POINTER) :], row)]
        if errors:
            raise ValidationFailed(errors=errors)

    def _is_unchanged(self, name: str, row: Any) -> bool:
        return name in self.body and hasattr(row, name) and self.body[name] == getattr(row, name)


def read_change(
    schema: type[Schema], shown: Collection[str], written: Collection[str], body: Mapping[str, Any]
) -> tuple[dict[str, Any], SentBack]:
    """Return the values of the body of a PATCH, and what must be compared with the row.

    :param shown: the members of the object in answers. Those that the schema lacks are read-only here.
    :param written: the members that any route writes. One that another route writes is only read-only here in a body
        that is the whole object: alone it would be a change that is lost.
    :raises ValidationFailed: for members that are wrong, whatever the row says.
    """
    is_object = "id" in body
    read_only = (body.keys() & shown) - set(members_of(schema)) - set(() if is_object else written)
    writable = {name: value for name, value in body.items() if name not in read_only}
    try:
        return load(schema, writable), SentBack(body, read_only)
    except ValidationFailed as problem:
        wrong = {error.pointer[len(POINTER) :] for error in problem.errors}
        if not is_object or not wrong <= set(shown):
            raise
        rest = {name: value for name, value in writable.items() if name not in wrong}
        return load(schema, rest, optional=wrong), SentBack(body, read_only, problem.errors)


def _says(given: Any, present: Any) -> bool:
    """Return whether a text of a body is a value of a row, however programs write ids and times."""
    if not isinstance(given, str):
        return given is None and present is None
    if isinstance(present, datetime):
        return _moment(given) == present.replace(microsecond=0)
    return is_uuid(given) == present if isinstance(present, UUID) else given == str(present)


def _moment(text: str) -> datetime | None:
    """Return a time in naive UTC, to the second; None where the text is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo is None else moment.astimezone(UTC)).replace(tzinfo=None, microsecond=0)
