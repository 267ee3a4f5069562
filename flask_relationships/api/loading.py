"""Validate a body or query with a marshmallow schema. Errors never repeat a value."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping
from typing import Any, cast

import marshmallow as ma

from ..errors import InvalidMember, ValidationFailed
from .fields import Schema
from .invalid_members import MAX_NAME_LENGTH


@functools.cache
def _instance(schema: type[Schema]) -> Schema:
    return schema()


def load(
    schema: type[Schema], body: Mapping[str, Any], *, pointer: str = "#/", optional: Collection[str] = ()
) -> dict[str, Any]:
    """Return the values of a body or query.

    :param optional: required members that may be missing.
    :raises ValidationFailed: with every member that is wrong.
    """
    try:
        return cast("dict[str, Any]", _instance(schema).load(body, partial=tuple(optional)))
    except ma.ValidationError as error:
        raise ValidationFailed(errors=list(_members(error.messages_dict, pointer))) from None


def _members(messages: Mapping[str, Any], pointer: str) -> Iterator[InvalidMember]:
    for name, words in messages.items():
        escaped = str(name).replace("~", "~0").replace("/", "~1")
        # The client chose the name of an unknown member: only its first characters are repeated.
        where = "#" if name == "_schema" else pointer + escaped[:MAX_NAME_LENGTH]
        for word in words:
            yield InvalidMember(where, getattr(word, "code", "invalid"), str(word))
