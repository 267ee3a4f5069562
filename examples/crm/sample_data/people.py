"""The rows of the CRM itself: users in squads, companies, contacts and tasks."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from ..models import ClientProfile, Contact, Organisation, Squad, Task, User
from .clock import Clock
from .conversations import TASKS
from .names import COMPANIES, JOB_TITLES, PEOPLE, USERS

PASSWORD = "demo"

CONTACTS = 200
ARCHIVED = 4

SHOWPIECE = ("Adaeze", "Okafor")
"""The first contact, whom the documentation shows and the tour visits."""

TELEPHONES = {
    "London": ("020 7946 0", 3, range(1000)),
    "Birmingham": ("0121 496 0", 3, range(1000)),
    "Manchester": ("0161 496 0", 3, range(1000)),
    "Edinburgh": ("0131 496 0", 3, range(1000)),
    "Leeds": ("0113 496 0", 3, range(1000)),
    "Paris": ("+33 1 99 00 ", 4, range(1000, 10000)),
    "Stuttgart": ("+49 171 39200", 2, range(100)),
    "Stockholm": ("+46 70 1740", 3, range(605, 700)),
    "Oslo": ("+46 70 1740", 3, range(605, 700)),
    "Copenhagen": ("+46 70 1740", 3, range(605, 700)),
}
"""Numbers that the regulators keep free for fiction, in each city's own; anywhere else, London's.

(Ofcom's 07700 900xxx are kept free too, but `phonenumbers` does not hold them for valid ones.)
"""


@dataclass(frozen=True)
class Firm:
    """Everyone the rest of the sample data need."""

    users: list[User]
    companies: list[Organisation]
    contacts: list[Contact]


def add_everyone(session: Session, clock: Clock) -> Firm:
    users = add_users(session)
    companies = add_companies(session, clock, users)
    contacts = add_contacts(session, clock, users, companies)
    add_tasks(session, clock, users, contacts)
    return Firm(users, companies, contacts)


def add_users(session: Session) -> list[User]:
    squads = {name: Squad(name=name) for _, _, name in USERS if name}
    password_hash = generate_password_hash(PASSWORD)  # one for all: the password is no secret
    users = [
        User(
            full_name=name,
            email=email_of(name),
            level=level,
            squad=squads.get(squad or ""),
            password_hash=password_hash,
        )
        for name, level, squad in USERS
    ]
    session.add_all(users)
    session.flush()
    return users


def add_companies(session: Session, clock: Clock, users: list[User]) -> list[Organisation]:
    companies = []
    for position, (title, industry, city, squad) in enumerate(COMPANIES):
        company = Organisation(title=title, industry=industry, city=city, website=f"https://{domain_of(title)}")
        if position % 3 != 2:
            company.client_profile = ClientProfile(
                client_since=clock.today - timedelta(days=clock.random.randrange(200, 4000)),
                tier=clock.random.choice(("Gold", "Silver", "Silver", "Bronze")),
                account_lead=next(user for user in users if user.squad and user.squad.name == squad),
            )
        companies.append(company)
    session.add_all(companies)
    session.flush()
    return companies


def add_contacts(session: Session, clock: Clock, users: list[User], companies: list[Organisation]) -> list[Contact]:
    pairs = [pair for given, family in PEOPLE for pair in product(given.split(), family.split()) if pair != SHOWPIECE]
    squads = {title: squad for title, _, _, squad in COMPANIES}
    numbers = {prefix: clock.random.sample(free, len(free)) for prefix, _, free in TELEPHONES.values()}
    contacts = []
    for position, (given, family) in enumerate([SHOWPIECE, *clock.random.sample(pairs, CONTACTS - 1)]):
        # The first companies are the biggest, and the last few have nobody yet.
        company = companies[min(int(clock.random.triangular(0, 38, 0)), 37)] if position >= 38 else companies[position]
        owners = [user for user in users if user.squad and user.squad.name == squads[company.title]]
        prefix, digits, _ = TELEPHONES.get(company.city, TELEPHONES["London"])
        number = f"{prefix}{numbers[prefix].pop():0{digits}d}"
        contacts.append(
            Contact(
                given_name=given,
                family_name=family,
                job_title=JOB_TITLES[2] if position == 0 else clock.random.choice(JOB_TITLES),
                email=f"{address_part(given)}.{address_part(family)}@{domain_of(company.title)}",
                mobile=number if clock.chance(0.93) or position == 0 else None,
                organisation=company,
                owner=owners[0] if position == 0 else clock.random.choice([*owners, *owners, users[0], users[1]]),
                archived_at=clock.ago(30) if position >= CONTACTS - ARCHIVED else None,
            )
        )
    session.add_all(contacts)
    session.flush()
    return contacts


def add_tasks(session: Session, clock: Clock, users: list[User], contacts: list[Contact]) -> None:
    for user in users:
        mine = [contact for contact in contacts if contact.owner is user and not contact.archived_at]
        for title in clock.random.sample(TASKS, 6):
            due = clock.today + timedelta(days=clock.random.randrange(-6, 25))
            done = clock.chance(0.3)
            session.add(
                Task(
                    title=title,
                    assignee=user,
                    contact=clock.random.choice(mine) if mine and clock.chance(0.6) else None,
                    due_on=due if clock.chance(0.85) else None,
                    done_at=clock.ago(clock.random.uniform(0, 12)) if done else None,
                )
            )
    session.flush()


NOT_DECOMPOSED = str.maketrans({"ß": "ss", "’": None, **dict(zip("øØłŁı&", "oOlLi ", strict=True))})


def email_of(colleague: str) -> str:
    return f"{address_part(colleague)}@larkfield.example"


def domain_of(title: str) -> str:
    return f"{address_part(title).replace('.', '-')}.example"


def address_part(name: str) -> str:
    """A name as it stands in an e-mail address: ``Łukasz Weiß`` is ``lukasz.weiss``."""
    plain = unicodedata.normalize("NFKD", name.translate(NOT_DECOMPOSED)).encode("ascii", "ignore").decode().lower()
    return ".".join(plain.replace(".", " ").split())
