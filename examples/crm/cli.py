"""``flask --app examples.crm tour`` and ``reset``, and what ``run`` says when it starts."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from werkzeug.serving import is_running_from_reloader

from .database import create_unless_there
from .extensions import db
from .sample_data import PASSWORD
from .sample_data.names import USERS
from .sample_data.people import email_of


def init_app(app: Flask) -> None:
    app.cli.add_command(tour)
    app.cli.add_command(reset)
    context = click.get_current_context(silent=True)
    if context is not None and context.info_name == "run" and not is_running_from_reloader():
        create_unless_there(Path(app.config["DATABASE"]))
        scheme = "https" if context.params.get("cert") else "http"
        welcome(f"{scheme}://{context.params.get('host')}:{context.params.get('port')}/")


def welcome(address: str) -> None:
    """Say where to click and whom to log in as: the first of each level."""
    by_level = {level: name for name, level, _ in reversed(USERS)}
    click.echo(f"\nLarkfield CRM, with people, numbers and messages that are all made up.\n\n  Open       {address}")
    for line, (level, name) in enumerate(reversed(by_level.items())):
        click.echo(f"  {'' if line else 'Log in as':<10} {email_of(name):<44} {level}")
    click.echo(f"  Password   {PASSWORD}\n\nMessages are printed here instead of being sent.\n")


@click.command("tour")
@click.option("--full", is_flag=True, help="Print every answer to its end.")
def tour(full: bool) -> None:
    """Drive every route of the relationships tool over HTTP, on a database of its own."""
    from .tour import take_tour

    raise SystemExit(0 if take_tour(click.echo, full=full) else 1)


@click.command("reset")
@with_appcontext
def reset() -> None:
    """Throw the database away and make the sample data anew, as of today."""
    path = Path(current_app.config["DATABASE"])
    db.engine.dispose()
    path.unlink(missing_ok=True)
    create_unless_there(path)
    click.echo("The sample data are made anew.")
