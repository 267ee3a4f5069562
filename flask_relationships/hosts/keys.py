"""The host's keys as text: read from addresses and bodies, written into JSON.

Only the canonical spelling of a key names a row. Text that cannot be a key names nothing, and is never an error.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")

SUPPORTED = "integers, UUIDs and text"


def is_uuid(text: str) -> UUID | None:
    """The UUID this text is the canonical spelling of, or None."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None


class KeyType(NamedTuple):
    """How one host column spells its keys."""

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
        """The key this text spells, as the column takes it; None where it spells none."""
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
        """A type of the host's own may refuse text when it is bound, in the middle of a statement: ask it first."""
        if not isinstance(self.column_type, sa.TypeDecorator):
            return True
        process = self.column_type.dialect_impl(dialect).bind_processor(dialect)
        try:
            if process is not None:
                process(text)
        except Exception:  # whatever the host's type raises, the text is no key of it
            return False
        return True
