"""Scheduled jobs: reminders, queued messages, recovery. `run_due` runs all that are due."""

from .registry import run_due

__all__ = ["run_due"]
