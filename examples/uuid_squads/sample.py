"""``flask seed``: two squads with their people and contacts, all made up."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from werkzeug.security import generate_password_hash

from .models import Company, Contact, Role, Squad, User, db

PASSWORD = "harbour"


def seed() -> None:
    """Add the sample rows. Needs the tables and an application context."""
    tide, reef = Squad(name="Tide"), Squad(name="Reef")
    db.session.add_all(
        [
            person("Ines Duarte", Role.EXECUTIVE, None),
            person("Marta Reis", Role.MANAGER, tide),
            tomas := person("Tomas Vaz", Role.CONSULTANT, tide),
            rui := person("Rui Pinto", Role.CONSULTANT, reef),
            chandlery := Company(name="Costa Chandlery"),
        ]
    )
    db.session.flush()
    db.session.add_all(
        [
            contact("Ada", "Brito", "912 345 678", tide, tomas, chandlery),
            contact("Hugo", "Leal", None, tide, None, chandlery),
            contact("Olga", "Sousa", "913 456 789", reef, rui, None),
        ]
    )
    db.session.commit()


def person(name: str, role: Role, squad: Squad | None) -> User:
    email = f"{name.split()[0].lower()}@harbour.example"
    password = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1000")
    return User(full_name=name, email=email, password_hash=password, role=role, squad=squad)


def contact(
    first: str, last: str, mobile: str | None, squad: Squad, consultant: User | None, company: Company | None
) -> Contact:
    return Contact(
        first_name=first,
        last_name=last,
        email=f"{first.lower()}@chandlery.example",
        mobile=mobile,
        squad_id=squad.id,
        consultant_id=consultant and consultant.id,
        company_id=company and company.id,
    )


@click.command("seed")
@with_appcontext
def seed_command() -> None:
    """Add the sample rows."""
    seed()
    click.echo(f"Log in as marta@harbour.example with the password {PASSWORD}.")
