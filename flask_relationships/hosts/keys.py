"""Parse keys of the host from addresses and bodies.

Only the canonical spelling of a key names a row. Other text names no row, and raises no error.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")

SUPPORTED = "integers, UUIDs and text"


def is_uuid(text: str) -> UUID | None:
    """Return the UUID of a text in canonical spelling, or None."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None


class KeyType(NamedTuple):
    """The type of a host column that holds keys."""

    column_type: sa.types.TypeEngine[Any]

    @property
    def python_type(self) -> type[Any] | None:
        try:
            return self.column_type.python_type
        except NotImplementedError:
            return None

    @property
    def supported(self) -> bool:
        return self.python_type in (int, UUID, str)

    def parse(self, text: str, dialect: sa.Dialect) -> Any | None:
        """Return the key of a text as the column accepts it; None if the text is no key."""
        if self.python_type is int:
            return self._integer(text, dialect)
        if self.python_type is UUID:
            return is_uuid(text)
        if not text or "\x00" in text or not text.isprintable():
            return None
        if isinstance(self.column_type, sa.Uuid) and is_uuid(text) is None:
            return None
        return text if self._binds(text, dialect) else None

    def _integer(self, text: str, dialect: sa.Dialect) -> int | None:
        if not _INTEGER.fullmatch(text):
            return None
        number = int(text)
        as_kept = self.column_type.dialect_impl(dialect)
        wide = isinstance(getattr(as_kept, "impl_instance", as_kept), sa.BigInteger) or dialect.name == "sqlite"
        bits = 63 if wide else 31
        return number if -(2**bits) <= number < 2**bits else None

    def _binds(self, text: str, dialect: sa.Dialect) -> bool:
        """Return whether a custom column type accepts the text, before a statement fails with it."""
        if not isinstance(self.column_type, sa.TypeDecorator):
            return True
        process = self.column_type.dialect_impl(dialect).bind_processor(dialect)
        try:
            if process is not None:
                process(text)
        except Exception:  # whatever a custom type raises
            return False
        return True
