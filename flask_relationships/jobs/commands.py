"""``flask relationships run-due`` and ``worker``."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from ..errors import ConfigurationError
from . import registry as jobs
from .runner import Done, Step
from .worker import logger as worker_logger
from .worker import work

BACK = "\r\033[K"
"""To the beginning of the line, which is emptied."""


@click.command("run-due")
@click.option("--dry-run", is_flag=True, help="Say what would be done. Nothing is written, sent or asked.")
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The date that reminders take for today. Messages, counts and keys go by the clock all the same.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@with_appcontext
def run_due(dry_run: bool, on: datetime | None, as_json: bool) -> None:
    """Do what time brings: reminders, messages that have waited or are unclear. For cron, every few minutes.

    Exits with 1 where a step failed: the others are done, and the next run tries it again.
    """
    progress = _on_terminal if sys.stderr.isatty() else None
    try:
        done = jobs.run_due(None if on is None else on.date(), dry_run, progress, runner="command")
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--on") from None
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None
    finally:
        if progress is not None:
            click.echo(BACK, nl=False, err=True)
    if as_json:
        click.echo(json.dumps(done.as_json()))
    else:
        _print(done, on is not None)
    if done.failed:
        raise SystemExit(1)


def _print(done: Done, dated: bool) -> None:
    if done.dry_run:
        click.echo(f"A dry run for {done.today}. Nothing was changed; this would be done:")
    for step in done.steps:
        if line := str(step):
            click.secho(line, err=step.failure is not None, fg="red" if step.failure else None)
    if not any(map(str, done.steps)):
        click.echo("Nothing is due." if done.dry_run else "Nothing was due.")
    if dated:
        clock = [step.step.words for step in done.steps if not step.step.dated]
        click.echo(f"By the clock, whatever --on says: {'; '.join(clock)}.")


def _on_terminal(step: Step, number: int, total: int | None) -> None:
    """One line that is written over."""
    amount = f" {number:,}" if number else ""
    amount += f" of {total:,}" if total is not None else ""
    click.echo(f"{BACK}{step.words}{amount} ...", nl=False, err=True)


@click.command("worker")
@click.option(
    "--every",
    type=click.FloatRange(min=1, max=86_400),
    default=60,
    show_default=True,
    help="Seconds from the beginning of a run to that of the next.",
)
@with_appcontext
def worker(every: float) -> None:
    """Do what time brings again and again, where there is no cron. Ends with SIGTERM or Ctrl-C, between two steps."""
    _speak(worker_logger)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        work(app, every)
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None


def _speak(logger: logging.Logger) -> None:
    """Write what is logged where the application has not said where to: else nobody would see it."""
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
    if not logger.hasHandlers():
        logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
