"""``flask seed``: two users and three contacts, all made up."""

from __future__ import annotations

from datetime import date

import click
from flask.cli import with_appcontext
from werkzeug.security import generate_password_hash

from .models import Client, Company, Contact, Phone, User, db

PASSWORD = "switchboard"


def seed() -> None:
    """Make the tables and add the sample rows. Needs an application context."""
    db.create_all()
    password = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1000")
    nora = User(given_name="Nora", family_name="Falk", password_hash=password)
    emil = User(given_name="Emil", family_name="Kurz", password_hash=password)
    forge = Company(name="Alte Schmiede", closed_on=date(2024, 3, 31))
    mill, press = Company(name="Mühle & Söhne"), Company(name="Kleine Presse")
    db.session.add_all(
        [
            Contact(
                first_name="Ada",
                last_name="Winter",
                home_email="ada@winter.example",
                owner=nora,
                companies=[forge, mill, press],
                phones=[Phone(number=""), Phone(number="030 901820"), Phone(number="0151 23456789")],
            ),
            Contact(first_name="Jan", last_name="Holm", work_email="jan@presse.example", owner=emil, companies=[press]),
            Contact(first_name="Ida", last_name="Kurz", owner=emil, is_private=True, companies=[mill, press]),
        ]
    )
    db.session.flush()
    db.session.add(Client(company_id=press.id, since=date(2021, 9, 1)))
    db.session.commit()


@click.command("seed")
@with_appcontext
def seed_command() -> None:
    """Make the tables and add sample rows."""
    seed()
    click.echo(f"Log in as Nora with the password {PASSWORD}.")
