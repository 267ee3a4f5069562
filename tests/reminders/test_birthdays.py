"""Birthdays that nobody has made an event of: what time brings does, once RELATIONSHIPS_BIRTHDAY_EVENTS is on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships import signals
from flask_relationships.domain.profiles import birthdays
from flask_relationships.jobs.registry import run_due
from tests.reminders.office import Office, Row
from tests.statements.counting import counted


def switch(office: Office, on: bool) -> None:
    office.state.settings = office.state.settings._replace(birthday_events=on)


def run(office: Office, today: str | None = None, **options: Any) -> dict[str, int]:
    """What a run does for birthdays."""
    office.today = date.fromisoformat(today) if today else office.today
    with office.app.app_context():
        done = run_due(**options)
        assert not done.failed
        return {name: number for name, number in done["birthdays"].items() if number}


def written(office: Office, contact: int, birthday: str | None) -> None:
    office.api.patch(f"/contacts/{contact}/relationship", {"birthday": birthday})


def events(office: Office, contact: int) -> list[Row]:
    found: list[Row] = office.api.get(f"/contacts/{contact}/life-events")["events"]
    return found


def days(office: Office, contact: int) -> list[tuple[str | None, str]]:
    return [(event["event_date"], event["next_occurrence"]) for event in events(office, contact)]


def test_switched_on_later_every_birthday_has_its_event(office: Office) -> None:
    ada, bob, eve = office.contact(), office.contact(), office.contact()
    written(office, ada, "1990-05-15")
    written(office, bob, "02-29")
    office.api.get(f"/contacts/{eve}/relationship")
    assert run(office) == {}
    switch(office, on=True)
    assert run(office, dry_run=True) == {"created": 2}
    assert run(office) == {"created": 2}
    assert days(office, ada) == [("1990-05-15", "2027-05-15")]
    assert days(office, bob) == [(None, "2027-02-28")]
    assert days(office, eve) == []
    assert run(office) == {}


def test_its_action_is_made_on_its_day_and_shows_no_age_without_a_year(office: Office) -> None:
    ada, bob, over = office.contact(owner_id=office.grace), office.contact(), office.contact()
    written(office, ada, "05-15")
    written(office, bob, "01-18")
    written(office, over, "01-14")
    switch(office, on=True)
    run(office)
    assert office.actions(ada) == office.actions(over) == []
    assert office.told(bob) == [("2027-01-18", "2027-01-11")]
    run(office, "2027-05-07")
    assert office.actions(ada) == []
    run(office, "2027-05-08")
    (action,) = office.actions(ada)
    assert (action["title"], action["assigned_to_user_id"]) == ("Wish Ada a happy birthday", str(office.grace))
    run(office, "2028-01-07")
    assert office.told(over) == [("2028-01-14", "2028-01-07")]


def test_one_that_was_deleted_by_hand_stays_away_until_the_birthday_changes(office: Office) -> None:
    ada = office.contact()
    written(office, ada, "05-15")
    switch(office, on=True)
    run(office)
    (event,) = events(office, ada)
    office.api.delete(f"/contacts/{ada}/life-events/{event['id']}")
    written(office, ada, "05-15")
    switch(office, on=False)
    office.api.patch(f"/contacts/{ada}/relationship", {"personal_notes": "Plays the cello."})
    switch(office, on=True)
    assert run(office) == {}
    assert events(office, ada) == []
    switch(office, on=False)
    written(office, ada, "05-16")
    switch(office, on=True)
    assert run(office) == {"created": 1}
    assert days(office, ada) == [(None, "2027-05-16")]


def test_one_that_is_deleted_after_its_birthday_changed_stays_away_too(office: Office) -> None:
    ada = office.contact()
    switch(office, on=True)
    written(office, ada, "05-15")
    switch(office, on=False)
    written(office, ada, "05-16")
    (event,) = events(office, ada)
    office.api.delete(f"/contacts/{ada}/life-events/{event['id']}")
    switch(office, on=True)
    assert run(office) == {}
    assert events(office, ada) == []


def test_what_changed_while_it_was_off_moves_the_event_and_its_action(office: Office) -> None:
    ada, bob = office.contact(), office.contact()
    switch(office, on=True)
    written(office, ada, "1990-05-15")
    written(office, bob, "05-15")
    switch(office, on=False)
    written(office, ada, "1990-06-15")
    written(office, bob, None)
    assert run(office) == {}
    assert days(office, ada) == [("1990-05-15", "2027-05-15")]
    switch(office, on=True)
    run(office)
    assert days(office, ada) == [("1990-06-15", "2027-06-15")]
    assert office.told(ada) == [("2027-06-15", "2027-06-08")]
    assert events(office, bob) == []
    assert [action["status"] for action in office.actions(bob)] == ["dismissed"]


def test_several_that_do_it_at_once_make_one_each(office: Office) -> None:
    contacts = [office.contact() for _ in range(40)]
    for contact in contacts:
        written(office, contact, "05-15")
    switch(office, on=True)
    barrier = Barrier(4)

    def keep(_: int) -> int:
        with office.app.app_context():
            barrier.wait()
            return birthdays.keep(office.state.context(), lambda: False)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(keep, range(4))) == 40
    assert [len(events(office, contact)) for contact in contacts] == [1] * 40


def test_a_batch_takes_a_constant_number_of_statements_and_nothing_to_do_one(office: Office) -> None:
    switch(office, on=True)
    taken = []
    for number in (1, 12):
        switch(office, on=False)
        for _ in range(number):
            written(office, office.contact(), "05-15")
        switch(office, on=True)
        with counted(office.app) as seen, office.app.app_context():
            assert birthdays.keep(office.state.context(), lambda: False) == number
        taken.append(len(seen))
    assert taken[0] == taken[1]
    with counted(office.app) as seen, office.app.app_context():
        birthdays.keep(office.state.context(), lambda: False)
    assert len(seen) == 1


def test_what_is_owed_is_found_by_its_index(office: Office) -> None:
    with office.context() as (session, models):
        contacts = [{"id": key, "first_name": "Ada", "alive": True, "deleted": False} for key in range(1, 3001)]
        session.execute(sa.insert(office.Contact), contacts)
        profile = {"interests": [], "created_at": office.state.now(), "updated_at": office.state.now()}
        rows = [{**profile, "contact_id": row["id"], "birthday_owed": row["id"] < 5} for row in contacts]
        session.execute(sa.insert(models.Profile), rows)
        session.commit()
        bind = session.get_bind(mapper=models.mapper)
        if bind.dialect.name == "postgresql":
            session.execute(sa.text(f"ANALYZE {models.Profile.__table__}"))
        table = models.Profile
        first = sa.select(table.id).where(birthdays.is_out_of_sync(models)).order_by(table.id).limit(500)
        text = str(first.compile(bind, compile_kwargs={"literal_binds": True}))
        explain = "EXPLAIN QUERY PLAN" if bind.dialect.name == "sqlite" else "EXPLAIN"
        plan = " ".join(map(str, session.execute(sa.text(f"{explain} {text}")).all()))
    assert "ix_relationships_profiles_birthday_owed" in plan


class TestContactsWhomNobodyHasOpened:
    @pytest.fixture
    def office(self, open_office: Callable[..., Office]) -> Office:
        return open_office(born=True, RELATIONSHIPS_BIRTHDAY_EVENTS=True)

    def test_they_have_a_profile_and_an_event_within_a_day(self, office: Office) -> None:
        ada, bob, _ = office.contact(born="1990-05-15"), office.contact(born="02-29"), office.contact(born="unknown")
        office.contact(born="1990-05-15", deleted=True)
        told: list[int] = []

        def note(app: Any, row: Any, user: Any) -> None:
            told.append(row.contact_id)

        with signals.profile_created.connected_to(note, office.app):
            assert run(office, dry_run=True) == {"filled": 2, "created": 2}
            assert run(office) == {"filled": 2, "created": 2}
        assert sorted(told) == [ada, bob]
        assert days(office, ada) == [("1990-05-15", "2027-05-15")]
        assert days(office, bob) == [(None, "2027-02-28")]
        eve = office.contact(born="1990-05-15")
        assert run(office) == {}
        assert run(office, "2027-01-16") == {"filled": 1, "created": 1}
        assert len(events(office, eve)) == 1

    def test_their_last_contact_is_known(self, office: Office) -> None:
        ada = office.contact(born="1990-05-15")
        action = office.api.post(f"/contacts/{ada}/relationship-actions", {"title": "Call", "action_type": "call"})
        office.api.patch(f"/relationship-actions/{action['action']['id']}", {"status": "done"})
        run(office)
        assert office.api.get(f"/contacts/{ada}/relationship")["profile"]["last_contact"]["channel"] == "call"

    def test_switched_off_nobody_has(self, office: Office) -> None:
        switch(office, on=False)
        office.contact(born="1990-05-15")
        assert run(office) == run(office, dry_run=True) == {}
        with office.context() as (session, models):
            assert session.scalar(sa.select(sa.func.count()).select_from(models.Profile)) == 0


def test_a_clock_that_was_once_ahead_keeps_no_contact_from_having_its_birthday(
    open_office: Callable[..., Office],
) -> None:
    office = open_office(born=True, RELATIONSHIPS_BIRTHDAY_EVENTS=True)
    run(office, "2028-06-01")
    office.contact("Bob", born="1990-05-15")
    assert run(office, "2027-01-16") == {"filled": 1, "created": 1}
