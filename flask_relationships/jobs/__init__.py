"""Scheduled jobs: reminders, messages that wait, recovery. `run_due` runs all that are due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .registry import run_due

__all__ = ["run_due"]


def __getattr__(name: str) -> Any:
    """Import the jobs when they are first needed: a web process dispatches messages and runs no jobs."""
    if name == "run_due":
        from .registry import run_due

        return run_due
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
