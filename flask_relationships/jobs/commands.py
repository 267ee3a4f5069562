"""The commands ``flask relationships run-due`` and ``worker``."""

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
from .runner import Job, RunReport
from .worker import logger as worker_logger
from .worker import work

CLEAR_LINE = "\r\033[K"


@click.command("run-due", short_help="Run the scheduled jobs that are due.")
@click.option("--dry-run", is_flag=True, help="Report what would be done, without writing, sending or HTTP requests.")
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Today's date for reminders. Messages, counts and keys use the clock.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@with_appcontext
def run_due(dry_run: bool, on: datetime | None, as_json: bool) -> None:
    """Run scheduled jobs: create due reminders, send queued messages, reconcile unconfirmed ones.

    Call it every few minutes with cron. Exits with 1 if a job fails: the others run, and the next run tries it again.
    """
    progress = _show_progress if sys.stderr.isatty() else None
    try:
        report = jobs.run_due(None if on is None else on.date(), dry_run, progress, runner="command")
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--on") from None
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None
    finally:
        if progress is not None:
            click.echo(CLEAR_LINE, nl=False, err=True)
    if as_json:
        click.echo(json.dumps(report.as_json()))
    else:
        _print(report, on is not None)
    if report.failed:
        raise SystemExit(1)


def _print(report: RunReport, is_dated: bool) -> None:
    if report.dry_run:
        click.echo(f"Dry run for {report.today}. Nothing was changed. This would be done:")
    lines = [(str(result), result.failure is not None) for result in report.results if str(result)]
    for line, is_failure in lines:
        click.secho(line, err=is_failure, fg="red" if is_failure else None)
    if not lines:
        click.echo("Nothing is due." if report.dry_run else "Nothing was due.")
    if is_dated:
        titles = "; ".join(result.job.title for result in report.results if not result.job.dated)
        click.echo(f"These jobs use the clock instead of --on: {titles}.")


def _show_progress(job: Job, number: int, total: int | None) -> None:
    """Write the progress over the line before."""
    done = f" {number:,}" if number else ""
    of = f" of {total:,}" if total is not None else ""
    click.echo(f"{CLEAR_LINE}{job.title}{done}{of} ...", nl=False, err=True)


@click.command("worker", short_help="Run the scheduled jobs again and again, without cron.")
@click.option(
    "--every",
    type=click.FloatRange(min=1, max=86_400),
    default=60,
    show_default=True,
    help="Seconds from the start of a run to the start of the next.",
)
@with_appcontext
def worker(every: float) -> None:
    """Run the scheduled jobs again and again, without cron. SIGTERM and Ctrl-C end it between two jobs."""
    _enable_logging(worker_logger)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        work(app, every)
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None


def _enable_logging(logger: logging.Logger) -> None:
    """Log to the terminal if the application has not configured logging."""
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
    if not logger.hasHandlers():
        logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
