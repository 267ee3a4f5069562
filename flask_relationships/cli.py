"""The command group ``flask relationships``: check the set-up, create tables, run scheduled jobs, describe the API."""

from __future__ import annotations

import json
import sys
import textwrap
from datetime import datetime
from shutil import get_terminal_size

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from .api.application import state
from .api.openapi import document, routes
from .checks.results import CheckResult, FieldReading
from .checks.runner import Section, run_checks
from .documentation import reference
from .domain.feeds import digests
from .domain.feeds.delivery import hand_over, is_heard
from .jobs.commands import run_due, worker
from .jobs.registry import MAX_DAYS_FROM_TODAY

COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}
MARGIN = " " * 10
MAX_LINE_WIDTH, MIN_TEXT_WIDTH = 110, 40


@click.command("check", short_help="Check the set-up. Changes nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.option(
    "--sample/--no-sample",
    default=None,
    help="Show the values of one real row of each model. The default is to show them on a terminal only.",
)
@click.option(
    "--phones",
    type=click.IntRange(min=0),
    default=10_000,
    show_default=True,
    help="Maximum number of phones and birthdays to read.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@with_appcontext
def check(as_json: bool, sample: bool | None, phones: int, strict: bool) -> None:
    """Check the mapping, database, callbacks, phones, transport, addresses and time zone. Changes nothing.

    Exits with 1 if there is an error.
    """
    sections = run_checks(phones)
    results = [result for section in sections for result in section.results]
    if as_json:
        click.echo(json.dumps([result.as_json(sample=sample is True) for result in results], indent=2))
    else:
        _print(sections, sample=sys.stdout.isatty() if sample is None else sample)
    failing = ("error", "warning") if strict else ("error",)
    if any(result.counts and result.level in failing for result in results):
        raise SystemExit(1)


def _print(sections: list[Section], *, sample: bool) -> None:
    """Print the results of each section, then the numbers of errors and warnings."""
    counts = {"error": 0, "warning": 0}
    for section in sections:
        click.secho(section.title, bold=True)
        for result in section.results:
            _print_result(result, sample=sample)
            if result.counts:
                counts[result.level] += 1
        click.echo()
    worst = next((level for level, number in counts.items() if number), "ok")
    words = [f"{number} {level}{'' if number == 1 else 's'}" for level, number in counts.items()]
    click.secho(", ".join(words), fg=COLOURS[worst], bold=True)


def _print_result(result: CheckResult, *, sample: bool) -> None:
    """Print the level and the message, then what belongs to them: fields, fix, page and code."""
    is_ok = result.level == "ok"
    level = "ignored" if result.acknowledged and not is_ok else result.level
    click.echo("  " + click.style(level.ljust(8), fg=COLOURS.get(level)), nl=False)
    click.echo(_wrapped(result.message, MARGIN))
    if result.fields:
        _print_fields(result.fields, sample=sample)
    if result.fix and result.counts:
        click.echo(f"{MARGIN}Fix:  {_wrapped(result.fix, MARGIN + ' ' * 6)}")
    if not is_ok:
        click.secho(f"{MARGIN}Page: {reference(result.page)}  [{result.code}]", dim=True)


def _wrapped(text: str, margin: str) -> str:
    """Break a text into the lines of a terminal. Elsewhere it stays one line, which can be searched."""
    if not sys.stdout.isatty():
        return text
    width = max(min(get_terminal_size().columns, MAX_LINE_WIDTH) - len(margin), MIN_TEXT_WIDTH)
    return f"\n{margin}".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False))


def _print_fields(fields: tuple[FieldReading, ...], *, sample: bool) -> None:
    """Print a table: the field, how it is read, and its value in the first row if `sample` is true."""
    rows = [("field", "read from", "first row"), *((field.field, field.read, field.value or "") for field in fields)]
    name_width, read_width = (max(map(len, column)) for column in list(zip(*rows, strict=True))[:2])
    for number, (name, read, value) in enumerate(rows):
        line = f"{MARGIN}{name:<{name_width}}  {read:<{read_width}}  {value if sample else ''}"
        click.secho(line.rstrip(), dim=number == 0 or None)


@click.command("init-db", short_help="Create the plugin's missing tables.")
@with_appcontext
def init_db() -> None:
    """Create the plugin's tables that are missing, for an application without migrations."""
    bind = state.session.get_bind(mapper=state.models.mapper)
    tables = state.models.tables
    missing = _missing_host_tables()
    if missing:
        raise click.ClickException(
            f"The database lacks the application's table {', '.join(missing)}, and our tables refer to it. "
            "Fix: create the application's tables first (flask db upgrade, or db.create_all()), "
            f"then run flask {state.settings.cli_name} init-db again."
        )
    tables[0].metadata.create_all(bind, tables=tables, checkfirst=True)
    click.echo(f"{len(tables)} tables exist.")


def _missing_host_tables() -> list[str]:
    """Return the names of the mapped tables that their database lacks."""
    tables = {host.key.property.columns[0].table: host.mapper for host in state.hosts.all()}
    return sorted(
        table.fullname
        for table, mapper in tables.items()
        if not sa.inspect(state.session.get_bind(mapper=mapper)).has_table(table.name, table.schema)
    )


@click.command("digest", short_help="Print or send what each assignee has to do.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day. The default is each user's own today.")
@click.option("--send", is_flag=True, help="Send each to the receivers of digest_due, once a day, instead of printing.")
@click.option("--again", is_flag=True, help="With --send: include those that were sent already.")
@with_appcontext
def digest(on: datetime | None, send: bool, again: bool) -> None:
    """Print what each assignee has to do, or pass it to your application with --send, which mails it."""
    state.complete_setup()
    day = None if on is None else on.date()
    if day is not None and abs((day - state.today()).days) > MAX_DAYS_FROM_TODAY:
        raise click.UsageError(f"{day} is not within {MAX_DAYS_FROM_TODAY} days of today, {state.today()}.")
    if not send:
        for found in digests.each(state.context(), day):
            click.echo(found.digest.text)
        return
    if not is_heard():
        raise click.ClickException("digest_due has no receiver. Connect a function that mails the digest.")
    done = hand_over(day, again=again)
    click.echo(f"Digests sent: {done.sent}.")
    if done.failed:
        raise click.ClickException(f"Digests whose receiver failed: {done.failed}. The next run sends them again.")


@click.command("routes")
@with_appcontext
def list_routes() -> None:
    """List the routes with the permission that each needs."""
    for rule, _, described in sorted(routes(current_app), key=lambda route: (route[0].rule, route[1])):
        (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        click.echo(f"{method:7}{described.permission:8}{rule.rule:72} {described.summary}")


@click.command("openapi")
@with_appcontext
def openapi() -> None:
    """Print the OpenAPI 3.1 document."""
    click.echo(json.dumps(document(current_app), indent=2))


COMMANDS = (check, init_db, run_due, worker, digest, list_routes, openapi)
