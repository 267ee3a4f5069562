"""``flask seed`` and ``flask purge``."""

from __future__ import annotations

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from werkzeug.security import generate_password_hash

from .extensions import db
from .models import Account, Person

PASSWORD = "ledger"


def seed() -> None:
    """Make the tables, and add two tenants with an account or two and their people. Needs an application context."""
    db.create_all()
    password = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1000")
    for tenant, name, role in (
        ("north", "Ruth Okoye", "owner"),
        ("north", "Finn Berg", "reader"),
        ("south", "Lena Roy", "owner"),
    ):
        email = f"{name.split()[0].lower()}@{tenant}.example"
        db.session.add(Account(tenant=tenant, email=email, display_name=name, password_hash=password, role=role))
    db.session.add_all(
        [
            Person(tenant="north", name="Ada Marie Lovelace", email="ada@mill.example", works_at="Mill & Co"),
            Person(tenant="north", name="Cher", phone="(613) 555-0142"),
            Person(tenant="south", name="Grace Hopper", email="grace@navy.example", works_at="Navy"),
        ]
    )
    db.session.commit()


@click.command("seed")
@with_appcontext
def seed_command() -> None:
    """Make the tables and add sample rows."""
    seed()
    click.echo(f"Log in as ruth@north.example with the password {PASSWORD}.")


@click.command("purge")
@with_appcontext
def purge() -> None:
    """Delete for good the people who were marked as deleted."""
    db.session.execute(sa.delete(Person).where(Person.deleted_at.is_not(None)))
    db.session.commit()
    click.echo("Done.")
