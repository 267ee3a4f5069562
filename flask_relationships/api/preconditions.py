"""``If-Match`` and ``ETag``: a client changes an object only if it is still what the client has read.

The entity tag of an object is its revision in quotes. Comparison is strong, and lists of tags are allowed, as RFC 9110
(sections 8.8.3 and 13.1.1) says: a weak tag never matches.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from ..db.revisions import REVISION
from .fields import Schema

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'

_TAGS = re.compile(rf"[ \t]*(?:,[ \t]*)*{_TAG}(?:[ \t]*,(?:[ \t]*{_TAG})?)*[ \t]*")
"""A list of entity tags. Empty items are allowed, as RFC 9110 (section 5.6.1.2) asks of a recipient."""

_REVISION = re.compile(r'(?<!W/)"([1-9][0-9]{0,9})"')


class Precondition(NamedTuple):
    """The revisions in ``If-Match``. None: any revision of an existing object."""

    revisions: Collection[int] | None


def read_precondition(header: str | None) -> Precondition | None:
    """Return the precondition of a header, or None without a header. An invalid header matches no object."""
    if header is None:
        return None
    if header.strip(" \t") == "*":
        return Precondition(None)
    found = _REVISION.findall(header) if _TAGS.fullmatch(header) else []
    return Precondition(frozenset(int(tag) for tag in found if int(tag) < 2**31))


def tag_of(answers: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, str]:
    """Return the ``ETag`` of an answer about one object, as headers."""
    for name, schema in answers.items():
        if isinstance(schema, type) and issubclass(schema, Schema):
            revision = (body.get(name) or {}).get(REVISION)
            if revision is not None:
                return written_tag(revision)
    return {}


def written_tag(revision: int) -> dict[str, str]:
    """Return the ``ETag`` header of a revision."""
    return {"ETag": f'"{revision}"'}
