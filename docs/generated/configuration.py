"""The table of configuration keys."""

from __future__ import annotations

from typing import Any

from docs.generated.markdown import table
from flask_relationships.config import KEYS, PREFIX


def configuration() -> str:
    """Every key with its type, default and meaning, in the order of the package."""
    rows = ((f"`{PREFIX}{key.name}`", key.kind, _default(key.default), key.meaning) for key in KEYS)
    return table(("Key", "Type", "Default", "Meaning"), rows)


def _default(value: Any) -> str:
    return "none" if value is None else f"`{value!r}`"
