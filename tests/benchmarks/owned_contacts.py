"""A host whose contacts have owners, with a large backlog in which the contacts of one user, and of a tenant, lie last.

One user has set all cadences. Twenty users own the contacts that have been due for longest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any, Literal

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from flask_relationships import ActionScope, ContactMapping, UserMapping
from flask_relationships.domain.keeping_in_touch import assignee_copies, reminders
from tests.benchmarks.population import analyze
from tests.hosts.made import Made, Models

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

SETTER, LATE_OWNER, IDLE = 1, 2, 3
"""The users who have set all cadences, own the contacts that lie last, and own none."""

OWNERS = range(11, 31)

LATE_CONTACTS = 500

Narrowed = Literal["", "tenant", "visible"]


class OwnedContacts:
    """One application on a database; several may share its tables. ``narrowed``: what hides contacts from viewers."""

    def __init__(self, url: str, narrowed: Narrowed = "", viewer: int = SETTER) -> None:
        self.models = models = Models()
        for model in (models.Contact, models.User):
            model.organization_id = sa.Column(sa.Integer, index=True)
        models.Contact.owner_id = sa.Column(sa.Integer, sa.ForeignKey(models.User.__table__.c.id), index=True)
        options: dict[str, Any] = {}
        if narrowed == "tenant":
            options = {"tenant": "organization_id"}
        user = UserMapping(models.User, **options)
        if narrowed == "visible":
            options = {"visible": lambda select, _user: select.where(models.Contact.organization_id == 2)}
        self.scope = ActionScope.everyone()
        self.made = Made(
            models,
            database_url=url,
            contact=ContactMapping(models.Contact, owner="owner_id", **options),
            user=user,
            current_user=lambda: models.db.session.get(models.User, viewer),
            action_scope=lambda _user: self.scope,
        )
        self.state = self.made.app.extensions["relationships"]
        self.state.clock = lambda: NOW

    @property
    def engine(self) -> sa.Engine:
        with self.made.app.app_context():
            return self.models.db.engine

    def fill(self, contacts: int, due: int) -> None:
        """Add so many contacts with a cadence, of which so many are due."""
        self.made.create_tables()
        users = [{"id": one, "name": str(one), "organization_id": 1} for one in (SETTER, IDLE, *OWNERS)]
        users.append({"id": LATE_OWNER, "name": "late", "organization_id": 2})
        profile = self.made.table("Profile")
        tables = (self.models.Contact.__table__, profile)
        with self.engine.begin() as connection:
            connection.execute(sa.insert(self.models.User.__table__), users)
            for table, rows in zip(tables, (_contacts(contacts, due), _profiles(contacts, due)), strict=True):
                while batch := list(islice(rows, 5000)):
                    connection.execute(sa.insert(table), batch)
        for table in tables:
            analyze(self.engine, table)

    def close(self) -> None:
        self.made.close()


def _is_late(number: int, due: int) -> bool:
    return due - LATE_CONTACTS < number <= due


def _contacts(contacts: int, due: int) -> Iterator[dict[str, Any]]:
    for number in range(1, contacts + 1):
        late = _is_late(number, due)
        owner = LATE_OWNER if late else OWNERS[number % len(OWNERS)]
        organization = 2 if late else 1
        names = {"first_name": "Ada", "last_name": f"Byron {number}"}
        yield {"id": number, **names, "owner_id": owner, "organization_id": organization}


def _profiles(contacts: int, due: int) -> Iterator[dict[str, Any]]:
    today = NOW.toordinal()
    for number in range(1, contacts + 1):
        day = today - 1 - (due - number) * 300 // due if number <= due else today + 1 + number % 300
        yield {
            "id": uuid7(),
            "contact_id": number,
            "birthday_in_full": False,
            "interests": [],
            "twilio_opt_in": False,
            "cadence_days": 400,
            "cadence_set_by_user_id": SETTER,
            "in_touch_due_day": day,
            "in_touch_remind_day": day,
            "created_at": NOW.replace(tzinfo=None),
            "updated_at": NOW.replace(tzinfo=None),
        }


def measure(url: str, contacts: int, due: int) -> tuple[list[dict[str, Any]], bool]:
    """Return the lines of the table, and whether each scope's page and each run of the job had what it should."""
    office = OwnedContacts(url)
    try:
        office.fill(contacts, due)
        lines = [_timed("owners: copies are read", lambda: _read_copies(office), contacts)]
        analyze(office.engine, office.made.table("Profile"))
        lines += [_timed(f"owners: {name}", partial(_read_page, url, *one), wanted) for name, wanted, *one in SCOPES]
        lines += [_timed("owners: the first run", lambda: _remind(office), 10 * (len(OWNERS) + 1))]
        lines += [_timed("owners: again, the same day", lambda: _remind(office), 0)]
        return [{name: line[name] for name in line if name != "right"} for line in lines], all(
            line["right"] for line in lines
        )
    finally:
        office.close()


SCOPES: tuple[tuple[str, int, Narrowed, int, Sequence[int] | None], ...] = (
    ("everyone", 50, "", SETTER, None),
    ("one whose contacts lie first", 50, "", SETTER, OWNERS[:1]),
    ("one whose contacts lie last", 50, "", LATE_OWNER, [LATE_OWNER]),
    ("one who owns none", 0, "", IDLE, [IDLE]),
    ("the one who set all cadences", 0, "", SETTER, [SETTER]),
    ("twenty", 50, "", SETTER, OWNERS),
    ("three, two of whom own none", 50, "", SETTER, [SETTER, LATE_OWNER, IDLE]),
    ("a tenant that lies last, one", 50, "tenant", LATE_OWNER, [LATE_OWNER]),
    ("a tenant that lies last, all", 50, "tenant", LATE_OWNER, None),
    ("visible that lie last, all", 50, "visible", SETTER, None),
)
"""Name, rows of the page, what hides contacts, the viewer, and the users of the scope: None for everyone."""


def _timed(what: str, do: Callable[[], tuple[int, float]], wanted: int) -> dict[str, Any]:
    number, seconds = do()
    return {"what": what, "actions": number, "seconds": round(seconds, 4), "grown MiB": "", "right": number == wanted}


def _read_page(url: str, narrowed: Narrowed, viewer: int, users: Sequence[int] | None) -> tuple[int, float]:
    """Read the first page five times, once before it is timed; return its length and the middle time."""
    office = OwnedContacts(url, narrowed, viewer)
    office.scope = ActionScope.everyone() if users is None else ActionScope.users(users)
    try:
        caller, took, found = office.made.caller(), [], 0
        for _ in range(6):
            began = time.perf_counter()
            found = len(caller.get("/contacts/neglected", limit=50)["contacts"])
            took.append(time.perf_counter() - began)
        return found, sorted(took[1:])[2]
    finally:
        office.close()


def _read_copies(office: OwnedContacts) -> tuple[int, float]:
    began, read = time.perf_counter(), 0
    with office.made.app.app_context():
        state = office.state
        while number := assignee_copies.fill(state.context()):
            read += number
    return read, time.perf_counter() - began


def _remind(office: OwnedContacts) -> tuple[int, float]:
    began, state = time.perf_counter(), office.state
    with office.made.app.app_context():
        made = len(reminders.remind(state.context(), NOW.date()).made)
    return made, time.perf_counter() - began
