"""The list of signals."""

from __future__ import annotations

from blinker import NamedSignal

from flask_relationships import signals as module


def signals() -> str:
    """Every signal by the name it is imported by."""
    return "\n".join(f"- `{name}`" for name, found in vars(module).items() if isinstance(found, NamedSignal))
