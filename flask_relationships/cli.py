"""``flask relationships ...``: check the set-up, make the tables, do what is due, describe the API."""

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
from .checks.findings import Reading
from .checks.subjects import Chapter, examine
from .documentation import reference
from .domain.feeds import digests
from .domain.feeds.delivery import hand_over, is_heard
from .jobs.commands import run_due, worker
from .jobs.registry import FURTHEST


@click.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option(
    "--sample/--no-sample",
    default=None,
    help="Show the values of one real row of each model. On a terminal they are shown, elsewhere not.",
)
@click.option(
    "--phones", type=click.IntRange(min=0), default=10_000, show_default=True, help="How many phones are read at most."
)
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@with_appcontext
def check(as_json: bool, sample: bool | None, phones: int, strict: bool) -> None:
    """Look at mapping, database, callbacks, phones, transport, addresses and time zone. Changes nothing.

    Exits with 1 where something is wrong.
    """
    chapters = examine(phones)
    findings = [finding for chapter in chapters for finding in chapter.findings]
    if as_json:
        click.echo(json.dumps([finding.as_json(sample=sample is True) for finding in findings], indent=2))
    else:
        _print(chapters, sample=sys.stdout.isatty() if sample is None else sample)
    levels = [finding.level for finding in findings if finding.counts]
    if "error" in levels or (strict and "warning" in levels):
        raise SystemExit(1)


COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}
MARGIN = " " * 10


def _print(chapters: list[Chapter], *, sample: bool) -> None:
    for chapter in chapters:
        click.secho(chapter.title, bold=True)
        for finding in chapter.findings:
            level = "ignored" if finding.acknowledged and finding.level != "ok" else finding.level
            click.echo("  " + click.style(level.ljust(8), fg=COLOURS.get(level)), nl=False)
            click.echo(_wrapped(finding.message, MARGIN))
            if finding.fields:
                _print_fields(finding.fields, sample=sample)
            if finding.fix and finding.counts:
                click.echo(f"{MARGIN}Fix:  {_wrapped(finding.fix, MARGIN + ' ' * 6)}")
            if finding.level != "ok":
                click.secho(f"{MARGIN}Page: {reference(finding.page)}  [{finding.code}]", dim=True)
        click.echo()
    levels = [finding.level for chapter in chapters for finding in chapter.findings if finding.counts]
    worst = "error" if "error" in levels else "warning" if "warning" in levels else "ok"
    told = ", ".join(_count(levels.count(level), level) for level in ("error", "warning"))
    click.secho(told, fg=COLOURS[worst], bold=True)


def _count(number: int, level: str) -> str:
    return f"{number} {level}{'' if number == 1 else 's'}"


def _wrapped(text: str, margin: str) -> str:
    """Broken into the lines of a terminal; elsewhere in one, where it is searched rather than read."""
    if not sys.stdout.isatty():
        return text
    width = max(min(get_terminal_size().columns, 110) - len(margin), 40)
    return f"\n{margin}".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False))


def _print_fields(fields: tuple[Reading, ...], *, sample: bool) -> None:
    """A table: the field, how it is read, and what was read of the first row."""
    lines = [("field", "read from", "first row" if sample else "")]
    lines += [(one.field, one.read, (one.value or "") if sample else "") for one in fields]
    name, read = (max(len(line[place]) for line in lines) for place in (0, 1))
    for place, line in enumerate(lines):
        click.secho(f"{MARGIN}{line[0]:<{name}}  {line[1]:<{read}}  {line[2]}".rstrip(), dim=place == 0 or None)


@click.command("init-db")
@with_appcontext
def init_db() -> None:
    """Make the plugin's tables that are not there yet, for a host without migrations."""
    bind = state.session.get_bind(mapper=state.models.mapper)
    tables = state.models.tables
    missing = _missing_host_tables()
    if missing:
        raise click.ClickException(
            f"The application has no table {', '.join(missing)} yet, and ours refer to it. "
            "Fix: create the application's own tables first (flask db upgrade, or db.create_all()), "
            f"then run flask {state.settings.cli_name} init-db again."
        )
    tables[0].metadata.create_all(bind, tables=tables, checkfirst=True)
    click.echo(f"{len(tables)} tables are there.")


def _missing_host_tables() -> list[str]:
    """Return the names of the mapped tables that their database does not have."""
    missing = []
    for host in state.hosts.all():
        table = host.key.property.columns[0].table
        if not sa.inspect(state.session.get_bind(mapper=host.mapper)).has_table(table.name, table.schema):
            missing.append(table.fullname)
    return sorted(missing)


@click.command("digest")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day it is for; else each user's own today.")
@click.option("--send", is_flag=True, help="Hand each to the receivers of digest_due, once a day, instead of printing.")
@click.option("--again", is_flag=True, help="With --send: those too that were handed over already.")
@with_appcontext
def digest(on: datetime | None, send: bool, again: bool) -> None:
    """What each assignee has to do: printed, or with --send handed to your application, which mails it."""
    state.make_ready()
    day = None if on is None else on.date()
    if day is not None and abs((day - state.today()).days) > FURTHEST:
        raise click.UsageError(f"{day} is not a date within {FURTHEST} days of today, {state.today()}.")
    if not send:
        for found in digests.each(state.context(), day):
            click.echo(found.digest.text)
        return
    if not is_heard():
        raise click.ClickException("Nobody listens to digest_due: connect a function that mails what it is given.")
    done = hand_over(day, again=again)
    click.echo(f"Digests handed over: {done.sent}.")
    if done.failed:
        raise click.ClickException(f"A receiver failed for {done.failed} of them, which the next run hands over again.")


@click.command("routes")
@with_appcontext
def list_routes() -> None:
    """List the routes with the permission each needs."""
    found = sorted(routes(current_app), key=lambda route: (route[0].rule, route[1]))
    for rule, _, described in found:
        (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        click.echo(f"{method:7}{described.permission:8}{rule.rule:72} {described.summary}")


@click.command("openapi")
@with_appcontext
def openapi() -> None:
    """Print the OpenAPI 3.1 document."""
    click.echo(json.dumps(document(current_app), indent=2))


COMMANDS = (check, init_db, run_due, worker, digest, list_routes, openapi)
