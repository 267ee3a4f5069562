"""Who is neglected in the scope of one user, of several and of none, with and without owners of contacts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships import ActionScope, ContactMapping
from flask_relationships.domain.keeping_in_touch import assignee_copies
from tests.databases import Databases
from tests.hosts.made import Made, Models

TODAY = date(2031, 5, 1)
USERS = 3
CONTACTS = 40


@pytest.fixture(params=[True, False], ids=["owners", "no owners"], scope="module")
def office(request: pytest.FixtureRequest, database: str, databases: Databases) -> Iterator[tuple[Made, bool]]:
    """Forty neglected contacts, and whether they have owners: of each third user 1, else the setter."""
    models = Models()
    models.Contact.keeper_id = sa.Column(sa.Integer, sa.ForeignKey(models.User.__table__.c.id))
    mapping = ContactMapping(models.Contact, owner="keeper_id") if request.param else ContactMapping(models.Contact)
    made = Made(
        models, database_url=databases.url(database, f"neglected_{request.param}".lower()), contact=mapping
    ).create_tables()
    for number in range(1, USERS + 1):
        made.add(models.User, id=number, name=str(number))
    with made.app.app_context():
        session, profile = models.db.session, made.relationships.models.Profile
        for number in range(1, CONTACTS + 1):
            owner = 1 if number % 3 == 0 else None
            session.add(models.Contact(id=number, first_name=str(number), last_name="L", keeper_id=owner))
            session.flush()
            day = TODAY.toordinal() - 1 - number % 7
            late = {"cadence_days": 7, "in_touch_due_day": day, "in_touch_remind_day": day}
            dated = {"created_at": sa.func.current_timestamp(), "updated_at": sa.func.current_timestamp()}
            session.add(profile(contact_id=number, cadence_set_by_user_id=2 if number % 2 else 1, **late, **dated))
        session.commit()
    made.app.extensions["relationships"].clock = _noon
    yield made, request.param
    with made.app.app_context():
        models.db.session.remove()
        models.db.drop_all()  # it may be made again
    made.close()


def _noon() -> datetime:
    return datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)


def keep_copies(made: Made, copies: str) -> None:
    """Have the copies of assignees read, or forgotten as in rows of version 0.1."""
    state = made.app.extensions["relationships"]
    with made.app.app_context():
        if copies == "read":
            assignee_copies.fill(state.context())
        else:
            state.session.execute(sa.update(made.table("Profile")).values(assignee_copies.UNKNOWN))
            state.session.commit()


def whose(number: int, *, owners: bool) -> int:
    return 1 if owners and number % 3 == 0 else 2 if number % 2 else 1


@pytest.mark.parametrize("copies", ["unknown", "read"])
@pytest.mark.parametrize("users", [(1,), (2,), (3,), (1, 2), (1, 2, 3), ()])
def test_pages_hold_what_is_theirs(office: tuple[Made, bool], users: tuple[int, ...], copies: str) -> None:
    made, owners = office
    keep_copies(made, copies)
    made.app.extensions["relationships"].own_callbacks.action_scope = lambda _user: ActionScope.users(users)
    made.app.extensions["relationships"].settled = None
    caller = made.caller()
    expected = {str(number) for number in range(1, CONTACTS + 1) if whose(number, owners=owners) in users}
    for limit in (1, 7, 50):
        found: list[Any] = []
        asked: dict[str, Any] = {"limit": limit}
        while True:
            page = caller.get("/contacts/neglected", **asked)
            found += page["contacts"]
            if page["next_cursor"] is None:
                break
            asked["cursor"] = page["next_cursor"]
        assert {one["id"] for one in found} == expected
        assert len(found) == len(expected)
        assert [one["days_overdue"] for one in found] == sorted((one["days_overdue"] for one in found), reverse=True)
    assert {one["id"] for one in caller.get("/contacts/neglected")["contacts"]} == expected
