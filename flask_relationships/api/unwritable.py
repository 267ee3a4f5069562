"""Accept a PATCH with the whole object of a GET: read-only members, and members with their present value."""

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
    """The members of a body that are compared with the row instead of written."""

    body: Mapping[str, Any]
    read_only: Collection[str]
    errors: Collection[InvalidMember] = ()
    """Errors of members that the schema refuses. They are ignored for members with their present value."""

    @property
    def is_object(self) -> bool:
        """Return whether the body is the whole object, and not only the changes."""
        return "id" in self.body

    def require_present_values(self, row: Any) -> None:
        """Compare the body with the row that it changes.

        :raises ValidationFailed: with `read_only`, or with the errors of the schema.
        """
        words = "This member cannot be changed. Leave it out, or send its present value."
        errors = [
            InvalidMember(POINTER + name, "read_only", words)
            for name in self.body
            if name in FIXED and name in self.read_only and not _is_equal(self.body[name], getattr(row, name))
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


def _is_equal(sent: Any, present: Any) -> bool:
    """Return whether a text of a body is a value of a row, however programs write ids and times."""
    if not isinstance(sent, str):
        return sent is None and present is None
    if isinstance(present, datetime):
        return _moment(sent) == present.replace(microsecond=0)
    return is_uuid(sent) == present if isinstance(present, UUID) else sent == str(present)


def _moment(text: str) -> datetime | None:
    """Return a time in naive UTC, to the second; None where the text is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo is None else moment.astimezone(UTC)).replace(tzinfo=None, microsecond=0)
