"""Contacts that become inactive: every place agrees at once, and what is still ahead comes back with the contact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_relationships import ActionScope, CompanyMapping, ContactMapping, Relationships, UserMapping
from flask_relationships.domain.feeds import digests
from flask_relationships.jobs.registry import run_due
from flask_relationships.testing import Caller
from tests.databases import Databases
from tests.hosts.made import yes
from tests.marks import databases

FORMS = ("boolean", "comparison", "number", "callable")


class Agency:
    """A client company with contacts, whose ``active`` is mapped in one of several forms."""

    def __init__(self, url: str, form: str) -> None:
        self.db = db = SQLAlchemy()

        class User(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(sa.Integer, primary_key=True)
            name = sa.Column(sa.String(50))

        class Company(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(sa.Integer, primary_key=True)
            name = sa.Column(sa.String(50))

        class Contact(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(sa.Integer, primary_key=True)
            first_name = sa.Column(sa.String(50))
            last_name = sa.Column(sa.String(50))
            company_id = sa.Column(sa.ForeignKey(Company.id))
            alive = sa.Column(sa.Boolean)
            state = sa.Column(sa.Integer)
            status = sa.Column(sa.String(20))

        self.Contact = Contact
        active = {
            "boolean": "alive",
            "comparison": Contact.status == "active",
            "number": "state",
            "callable": lambda contact: contact.alive,
        }[form]
        self.app = Flask("agency")
        self.app.config.update(SQLALCHEMY_DATABASE_URI=url)
        db.init_app(self.app)
        relationships = Relationships(
            db=db,
            contact=ContactMapping(Contact, active=active),
            company=CompanyMapping(Company),
            user=UserMapping(User),
            permission=yes,
            current_user=lambda: 1,
            action_scope=lambda _user: ActionScope.everyone(),
        )
        relationships.init_app(self.app)
        self.today = date(2027, 5, 1)
        self.state = self.app.extensions["relationships"]
        self.state.clock = lambda: datetime.combine(self.today, time(12, tzinfo=UTC))
        with self.app.app_context():
            db.drop_all()
            db.create_all()
            db.session.add(User(id=1, name="Grace"))
            db.session.add(Company(id=1, name="Acme"))
            db.session.flush()
            for key, name in ((1, "Ada"), (2, "Bob")):
                db.session.add(Contact(id=key, first_name=name, company_id=1, alive=True, state=1, status="active"))
            db.session.commit()
        self.api = Caller(self.app.test_client(), "1", "Grace", prefix="/api/relationships")

    def set_active(self, contact: int, value: bool) -> None:
        with self.app.app_context():
            row = self.db.session.get(self.Contact, contact)
            row.alive, row.state, row.status = value, int(value), "active" if value else "dead"
            self.db.session.commit()

    def event(self, contact: int, day: str, **fields: Any) -> Any:
        given = {"event_type": "birthday", "title": "Birthday", "event_date": day, "recurs_annually": True}
        return self.api.post(f"/contacts/{contact}/life-events", given | fields)["event"]

    def run(self, day: date | None = None) -> dict[str, int]:
        self.today = day or self.today
        with self.app.app_context():
            return dict(run_due()["inactive_contacts"])

    def actions(self, **query: Any) -> list[tuple[str, str]]:
        found = self.api.get("/relationship-actions", **query)["actions"]
        return sorted((one["first_name"], one["status"]) for one in found)


@pytest.fixture(params=FORMS)
def agency(request: pytest.FixtureRequest, database: str, databases: Databases) -> Iterator[Agency]:
    made = Agency(databases.url(database, "activity"), request.param)
    yield made
    with made.app.app_context():
        made.db.session.remove()
        made.db.drop_all()
        made.db.engine.dispose()


pytestmark = databases("sqlite", "postgresql", "mariadb")


def test_every_place_hides_what_is_open_of_an_inactive_contact_at_once(agency: Agency) -> None:
    events = [agency.event(contact, "1990-05-05") for contact in (1, 2)]
    feed = agency.api.put("/calendar-feed", 201)["url"].removeprefix("http://localhost")
    agency.set_active(1, False)

    assert agency.actions() == [("Bob", "pending")]
    assert agency.actions(status="pending", limit=10) == [("Bob", "pending")]
    assert agency.api.get("/contacts/1/relationship-actions")["actions"] == []
    summary = agency.api.get("/clients/1/relationship-summary")
    assert {one["first_name"] for one in summary["actions"]} == {"Bob"}
    assert {one["id"] for one in summary["events"]} == {events[1]["id"]}
    assert [(one["first_name"], one["next_event"] is None) for one in summary["contacts"]] == [
        ("Ada", True),
        ("Bob", False),
    ]
    with agency.app.app_context():
        (digest,) = [found.digest for found in digests.each(agency.state.context(), agency.today)]
    assert (digest.subject, "Ada" in digest.text) == ("1 May: 1 due today, 0 overdue", False)
    calendar = agency.app.test_client().get(feed).get_data(as_text=True)
    assert (calendar.count("BEGIN:VEVENT"), "Ada" in calendar) == (2, False)


def test_what_a_person_added_stays(agency: Agency) -> None:
    agency.api.post("/contacts/1/relationship-actions", {"title": "Flowers", "action_type": "gift"})
    agency.set_active(1, False)
    agency.run()
    assert agency.actions() == [("Ada", "pending")]


def test_the_next_run_dismisses_annual_and_one_off_ones(agency: Agency) -> None:
    agency.event(1, "1990-05-05")
    agency.event(1, "2027-05-03", recurs_annually=False)
    agency.event(1, "1990-12-01")
    agency.set_active(1, False)
    assert agency.run(date(2027, 5, 20)) == {"dismissed": 3, "reopened": 0}
    assert agency.actions() == [("Ada", "dismissed")] * 3
    assert agency.run() == {"dismissed": 0, "reopened": 0}


def test_what_is_still_ahead_comes_back_with_the_contact(agency: Agency) -> None:
    agency.event(1, "1990-05-05")
    agency.event(1, "1990-12-01")
    agency.event(1, "2027-05-10", recurs_annually=False)
    agency.event(1, "2027-05-25", recurs_annually=False)
    agency.set_active(1, False)
    assert agency.run(date(2027, 5, 20)) == {"dismissed": 4, "reopened": 0}
    assert agency.actions() == [("Ada", "dismissed")] * 4
    agency.set_active(1, True)
    assert agency.run() == {"dismissed": 0, "reopened": 2}
    found = agency.api.get("/relationship-actions", status="pending")["actions"]
    assert sorted(one["occurrence_date"] for one in found) == ["2027-05-25", "2027-12-01"]
    assert agency.run() == {"dismissed": 0, "reopened": 0}


def test_what_somebody_dismissed_or_the_event_no_longer_asks_for_stays_closed(agency: Agency) -> None:
    dismissed = agency.event(1, "1990-06-01")
    switched_off = agency.event(1, "1990-06-02")
    moved = agency.event(1, "1990-06-03")
    action = dismissed["open_action_id"]
    agency.api.patch(f"/relationship-actions/{action}", {"status": "dismissed"})
    agency.set_active(1, False)
    agency.run()
    agency.api.patch(f"/contacts/1/life-events/{switched_off['id']}", {"auto_action_enabled": False})
    agency.api.patch(f"/contacts/1/life-events/{moved['id']}", {"event_date": "1990-08-03"})
    agency.set_active(1, True)
    assert agency.run() == {"dismissed": 0, "reopened": 0}


def test_a_reminder_to_keep_in_touch_comes_back_too(agency: Agency) -> None:
    agency.api.patch("/contacts/1/relationship", {"cadence_days": 10})
    agency.run(date(2027, 5, 12))
    assert agency.actions() == [("Ada", "pending")]
    agency.set_active(1, False)
    assert agency.actions() == []
    assert agency.run(date(2027, 5, 13)) == {"dismissed": 1, "reopened": 0}
    agency.set_active(1, True)
    agency.run(date(2027, 5, 14))
    assert agency.actions() == [("Ada", "pending")]
