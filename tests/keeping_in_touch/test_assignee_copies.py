"""The copies of assignees by which lists and reminders find contacts: none shows another's contact, or hides one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships import ActionScope, ContactMapping
from flask_relationships.domain.keeping_in_touch import assignee_copies, backlog
from flask_relationships.jobs.registry import run_due
from tests.databases import Databases
from tests.hosts.made import Made, Models
from tests.marks import databases as on

USERS = range(1, 5)
CONTACTS = range(1, 13)
TODAY = date(2031, 5, 1)
SCOPES = [(1,), (2,), (3,), (4,), (1, 2), (2, 3, 4), tuple(USERS), None]


def _noon() -> datetime:
    return datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)


class Office:
    """Twelve contacts, and what a plain loop over them says of whose they are."""

    def __init__(self, url: str) -> None:
        models = Models()
        users = models.User.__table__.c.id
        models.Contact.keeper_id = sa.Column(sa.Integer, sa.ForeignKey(users, ondelete="SET NULL"))
        models.Contact.alive = sa.Column(sa.Boolean, default=True)
        mapping = ContactMapping(models.Contact, owner="keeper_id", active="alive")
        self.made = Made(models, database_url=url, contact=mapping).create_tables()
        self.models, self.state = models, self.made.app.extensions["relationships"]
        self.state.clock = _noon
        for number in USERS:
            self.made.add(models.User, id=number, name=str(number))
        for number in CONTACTS:
            self.made.add(models.Contact, id=number, first_name=str(number), last_name="L", alive=True)
        self.owner: dict[int, int | None] = dict.fromkeys(CONTACTS)
        self.setter: dict[int, int | None] = {}
        self.day: dict[int, int] = {}
        self.inactive: set[int] = set()
        self.unseen: set[int] = set()
        """Contacts whose owner was changed by SQL since the last pass: a scope may lack them."""

    def own(self, contact: int, owner: int | None) -> None:
        """Change the owner through the session."""
        with self.made.app.app_context():
            self.models.db.session.get(self.models.Contact, contact).keeper_id = owner
            self.models.db.session.commit()
        self.owner[contact] = owner
        self.unseen.discard(contact)

    def own_by_sql(self, contact: int, owner: int | None) -> None:
        with self.made.app.app_context():
            table = self.models.Contact.__table__
            self.models.db.session.execute(sa.update(table).where(table.c.id == contact).values(keeper_id=owner))
            self.models.db.session.commit()
        if self.owner[contact] != owner:
            self.unseen.add(contact)
        self.owner[contact] = owner

    def activate(self, contact: int, *, alive: bool) -> None:
        with self.made.app.app_context():
            self.models.db.session.get(self.models.Contact, contact).alive = alive
            self.models.db.session.commit()
        (self.inactive.discard if alive else self.inactive.add)(contact)

    def wish(self, contact: int, setter: int, days: int | None) -> None:
        """Set the cadence as a user does; let it have been due since a day in the past."""
        self.state.own_callbacks.current_user = lambda: self.models.db.session.get(self.models.User, setter)
        self.state.settled = None
        caller = self.made.caller()
        before = self.setter.get(contact), self.day.get(contact)
        caller.patch(f"/contacts/{contact}/relationship", {"cadence_days": None})
        self.setter.pop(contact, None)
        if days is not None:
            caller.patch(f"/contacts/{contact}/relationship", {"cadence_days": days})
            self.setter[contact] = setter
            self.day[contact] = TODAY.toordinal() - 1 - (before[1] or contact) % 5
            profile, day = self.made.table("Profile"), self.day[contact]
            with self.made.app.app_context():
                late = {"in_touch_due_day": day, "in_touch_remind_day": day}
                self.models.db.session.execute(sa.update(profile).where(profile.c.contact_id == contact).values(**late))
                self.models.db.session.commit()
        self.unseen.discard(contact)

    def keep(self, *, compare: bool) -> None:
        """Read unknown copies as a run does; where it compares, all copies are in line afterwards."""
        with self.made.app.app_context():
            ctx = self.state.context()
            if compare:
                assert assignee_copies.forget_outdated(ctx, stopped=lambda: False)
                self.unseen.clear()
            assignee_copies.fill(ctx)

    def whose(self, contact: int) -> int | None:
        return self.owner[contact] or self.setter[contact]

    def shown(self, users: tuple[int, ...] | None, limit: int) -> list[int]:
        scope = ActionScope.everyone() if users is None else ActionScope.users(users)
        self.state.own_callbacks.action_scope = lambda _user: scope
        self.state.settled = None
        caller, found, asked = self.made.caller(), list[int](), dict[str, Any](limit=limit)
        while True:
            page = caller.get("/contacts/neglected", **asked)
            found += [int(one["id"]) for one in page["contacts"]]
            if page["next_cursor"] is None:
                return found
            asked["cursor"] = page["next_cursor"]

    def expected(self, users: tuple[int, ...] | None) -> set[int]:
        return {
            contact
            for contact in self.setter
            if contact not in self.inactive and (users is None or self.whose(contact) in users)
        }

    def check(self) -> None:
        for users in SCOPES:
            for limit in (2, 50):
                shown = self.shown(users, limit)
                wanted, may_lack = self.expected(users), self.unseen if users is not None else set()
                assert len(shown) == len(set(shown)), (users, shown)
                assert set(shown) <= wanted, (users, shown, wanted)
                assert wanted - may_lack <= set(shown), (users, shown, wanted)
        with self.made.app.app_context():
            found = backlog.find_due(self.state.context(), TODAY, 100)
            due = {row.contact_id: row.assignee for row in found}
        assert all(due[contact] == self.whose(contact) for contact in due)
        assert self.expected(None) - self.unseen <= set(due) <= self.expected(None)


@pytest.fixture
def office(database: str, databases: Databases) -> Iterator[Office]:
    url = databases.url(database, "assignee_copies")
    made = Office(url)
    yield made
    with made.made.app.app_context():
        made.models.db.session.remove()
        made.models.db.drop_all()
    made.made.close()


@pytest.mark.parametrize("seed", range(3))
def test_every_scope_and_the_job_agree_with_a_plain_loop(office: Office, seed: int) -> None:
    draw = random.Random(seed)
    for contact in CONTACTS:
        office.wish(contact, draw.choice(USERS), 7)
    for _ in range(25):
        contact, owner = draw.choice(CONTACTS), draw.choice([None, *USERS])
        step = draw.randrange(7)
        if step < 2:
            office.own(contact, owner)
        elif step < 4:
            office.own_by_sql(contact, owner)
        elif step == 4:
            office.wish(contact, draw.choice(USERS), draw.choice([None, 7, 8]))
        elif step == 5:
            office.activate(contact, alive=contact in office.inactive)
        else:
            office.keep(compare=draw.random() < 0.5)
        office.check()


def test_an_owner_changed_by_sql_is_found_an_hour_later(office: Office) -> None:
    office.wish(1, 1, 7)
    moment = [datetime(2031, 5, 1, 12, tzinfo=UTC)]
    office.state.clock = lambda: moment[0]

    def run(minutes: int) -> list[list[int]]:
        moment[0] = moment[0].replace(minute=minutes % 60, hour=12 + minutes // 60)
        with office.made.app.app_context():
            run_due()
        return [office.shown((user,), 50) for user in (1, 2)]

    assert run(0) == [[1], []]
    office.own_by_sql(1, 2)
    assert run(30) == [[], []], "no wrong one is shown"
    assert run(61) == [[], [1]]


def test_the_session_tells_at_once_that_an_owner_has_changed(office: Office) -> None:
    office.wish(1, 1, 7)
    office.keep(compare=True)
    office.own(1, 2)
    assert [office.shown((user,), 50) for user in (1, 2)] == [[], [1]]


@on("sqlite")
def test_another_change_of_a_contact_forgets_no_copy(office: Office) -> None:
    office.wish(1, 1, 7)
    office.keep(compare=True)
    office.activate(1, alive=False)
    with office.made.app.app_context():
        profile = office.made.table("Profile")
        (row,) = office.models.db.session.execute(sa.select(profile.c.in_touch_user_id, profile.c.in_touch_user_known))
    assert tuple(row) == (1, True)


def test_the_contacts_of_a_deleted_owner_are_whoever_set_the_cadence_s(office: Office) -> None:
    office.wish(1, 1, 7)
    office.own(1, 2)
    office.keep(compare=True)
    with office.made.app.app_context():
        office.models.db.session.execute(sa.update(office.models.Contact).values(keeper_id=None))
        office.models.db.session.delete(office.models.db.session.get(office.models.User, 2))
        office.models.db.session.commit()
    assert office.shown((2,), 50) == []
    office.keep(compare=True)
    assert office.shown((1,), 50) == [1]
