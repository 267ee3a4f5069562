"""``flask relationships ...``: check the set-up, make the tables, list the routes, print the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from .access import PERMISSIONS
from .binding import bind_fields
from .openapi import document, routes
from .state import state
from .tables.execute import execute


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `check`: what was looked at, whether it is well, and what to do where it is not."""

    code: str
    level: Literal["ok", "warning", "error"]
    message: str
    fix: str = ""


def make_commands(name: str) -> click.Group:
    """The command group of one application."""
    group = click.Group(name, help="The relationships tool: check the set-up, make its tables, describe its API.")
    for command in (check, init_db, list_routes, openapi):
        group.add_command(command)
    return group


@click.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@with_appcontext
def check(as_json: bool) -> None:
    """Look at mapping, tables, callbacks, transport and foreign keys. Exits with 1 where something is wrong."""
    findings = [*_mapping(), *_tables(), *_callbacks(), *_transport()]
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            colour = {"ok": "green", "warning": "yellow", "error": "red"}[finding.level]
            click.echo(f"{click.style(finding.level.rjust(7), fg=colour)}  {finding.message}")
            if finding.fix:
                click.echo(f"         Fix: {finding.fix}")
    if any(finding.level == "error" for finding in findings):
        raise SystemExit(1)


def _mapping() -> Iterator[Finding]:
    mistakes, absent = bind_fields(state.hosts)
    for mistake in mistakes:
        yield Finding(mistake.code, "error", mistake.message, mistake.fix)
    for line in absent:
        yield Finding("field_absent", "warning", line)
    for host in state.hosts.all():
        named = ", ".join([*host.fields, *host.links])
        yield Finding("mapping", "ok", f"{host.mapping.kind}: {host.model.__name__} ({named})")
    if state.hosts.company is None:
        yield Finding("companies_not_mapped", "ok", "No companies are mapped: their routes answer 404.")


def _tables() -> Iterator[Finding]:
    session, mapper = state.session, state.models.mapper
    try:
        connection = session.connection(bind_arguments={"mapper": mapper})
        inspector = sa.inspect(connection)
        missing = [
            table.name for table in state.models.tables if not inspector.has_table(table.name, schema=table.schema)
        ]
    except sa.exc.SQLAlchemyError as error:
        yield Finding(
            "database_unreachable",
            "error",
            f"The database does not answer ({type(error).__name__}).",
            "Check the application's database address.",
        )
        return
    if missing:
        yield Finding(
            "tables_missing",
            "error",
            f"Tables are missing: {', '.join(missing)}.",
            "Make them with your migrations, or with `flask relationships init-db`.",
        )
    else:
        yield Finding("tables", "ok", f"All {len(state.models.tables)} tables are there.")
    if connection.dialect.name == "sqlite":
        enforced = execute(session, mapper, sa.text("PRAGMA foreign_keys")).scalar()
        yield _foreign_keys(bool(enforced))


def _foreign_keys(enforced: bool) -> Finding:
    if enforced:
        return Finding("foreign_keys", "ok", "SQLite enforces foreign keys.")
    return Finding(
        "foreign_keys_not_enforced",
        "warning",
        "SQLite does not enforce foreign keys: raw SQL that deletes a contact would leave their rows behind, and "
        "SQLite gives the id to the next one.",
        "Run PRAGMA foreign_keys=ON on every connection, in a listener of the engine's connect event.",
    )


def _callbacks() -> Iterator[Finding]:
    if state.callbacks.permission is None:
        yield Finding(
            "permission_callback_missing",
            "error",
            "There is no permission callback: every call is refused.",
            "Decorate a function with @relationships.permission_callback.",
        )
    else:
        yield Finding("permission_callback", "ok", "There is a permission callback.")
    if state.callbacks.current_user is None and not hasattr(current_app, "login_manager"):
        yield Finding(
            "current_user_missing",
            "error",
            "There is neither a Flask-Login manager nor a current user callback: everybody is nobody.",
            "Decorate a function with @relationships.current_user_callback.",
        )
    if state.callbacks.action_scope is None:
        yield Finding("action_scope", "ok", "There is no action scope callback: everybody's lists show their own.")


def _transport() -> Iterator[Finding]:
    name = type(state.transport).__name__
    if state.transport.connected:
        yield Finding("transport", "ok", f"Messages are sent through {name}.")
    else:
        yield Finding(
            "transport_not_connected",
            "warning",
            f"{name} cannot send messages.",
            "Set RELATIONSHIPS_TWILIO_ACCOUNT_SID, _AUTH_TOKEN and a sender, or pass transport=.",
        )


@click.command("init-db")
@with_appcontext
def init_db() -> None:
    """Make the plugin's tables that are not there yet, for a host without migrations."""
    bind = state.session.get_bind(mapper=state.models.mapper)
    tables = state.models.tables
    tables[0].metadata.create_all(bind, tables=tables, checkfirst=True)
    click.echo(f"{len(tables)} tables are there.")


@click.command("routes")
@with_appcontext
def list_routes() -> None:
    """List the routes with the permission each needs."""
    found = sorted(routes(current_app), key=lambda route: (route[0].rule, route[1]))
    for rule, endpoint, described in found:
        (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        click.echo(f"{method:7}{PERMISSIONS[endpoint]:8}{rule.rule:70}{described.summary}")


@click.command("openapi")
@with_appcontext
def openapi() -> None:
    """Print the OpenAPI 3.1 document."""
    click.echo(json.dumps(document(current_app), indent=2))
