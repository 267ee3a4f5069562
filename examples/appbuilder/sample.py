"""``flask seed``: an administrator, a consultant and three contacts, all made up."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from .models import Company, Contact, db

PASSWORD = "rolodex"


def seed() -> None:
    """Add the sample rows. Needs an application context; Flask-AppBuilder has made the tables."""
    security = current_app.extensions["appbuilder"].sm
    users = {}
    for username, first_name, last_name, role in (
        ("judith", "Judith", "Moss", "Admin"),
        ("kiran", "Kiran", "Rao", "Consultant"),
    ):
        email = f"{username}@rolodex.example"
        users[username] = security.add_user(username, first_name, last_name, email, security.find_role(role), PASSWORD)
    orchard = Company(name="Huon Orchards")
    for first_name, last_name, telephone, retired, username in (
        ("Ada", "Finch", "0491 570 156", False, "kiran"),
        ("Ben", "Ito", None, False, "judith"),
        ("Cleo", "Marsh", "0491 570 157", True, "judith"),
    ):
        db.session.add(
            Contact(
                first_name=first_name,
                last_name=last_name,
                email=f"{first_name.lower()}@orchards.example",
                telephone=telephone,
                is_retired=retired,
                company=orchard,
                created_by=users[username],
                changed_by=users[username],
            )
        )
    db.session.commit()


@click.command("seed")
@with_appcontext
def seed_command() -> None:
    """Add sample rows."""
    seed()
    click.echo(f"Log in as judith or kiran with the password {PASSWORD}.")
