"""Digests: exact counts, the day each action is for, and each user's own day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from flask_relationships import Digest, signals
from flask_relationships.domain.feeds import digests
from flask_relationships.domain.feeds.delivery import hand_over
from tests.databases import Databases
from tests.marks import databases
from tests.reminders.office import Office
from tests.statements.counting import counted

pytestmark = databases("sqlite", "postgresql", "mariadb")

TODAY = date(2026, 11, 30)


@pytest.fixture
def office(database: str, databases: Databases) -> Iterator[Office]:
    made = Office(databases.url(database, "digest_office"), zoned=True)
    made.today = TODAY
    yield made
    made.close_down()


def act(office: Office, contact: int, due: date, title: str = "Call", **fields: Any) -> None:
    given = {"title": title, "action_type": "call", "due_date": due.isoformat(), **fields}
    office.api.post(f"/contacts/{contact}/relationship-actions", given)


def read(office: Office, day: date | None = None) -> list[Digest]:
    with office.app.app_context():
        return [found.digest for found in digests.each(office.state.context(), day)]


def fill(office: Office, contact: int, days: range) -> None:
    """Insert an overdue action for each of so many days ago."""
    with office.context() as (session, models):
        for number in days:
            due = TODAY - timedelta(days=number)
            given = {"title": f"Old {number}", "action_type": "call", "occurrence_key": "manual", "due_date": due}
            at = dict.fromkeys(("created_at", "updated_at"), office.state.now())
            session.add(models.Action(contact_id=contact, assigned_to_user_id=office.grace, due=due, **given, **at))
        session.commit()


class TestCounts:
    def test_todays_work_is_never_cut_off_by_old_work(self, office: Office) -> None:
        ada = office.contact()
        fill(office, ada, range(1, 121))
        act(office, ada, TODAY, "SIGN CONTRACT TODAY")
        act(office, ada, TODAY + timedelta(days=1), "Tomorrow")
        (digest,) = read(office)
        assert digest.subject == "30 November: 1 due today, 120 overdue"
        assert [one["title"] for one in digest.today] == ["SIGN CONTRACT TODAY"]
        assert [one["title"] for one in digest.coming] == ["Tomorrow"]
        assert (len(digest.overdue), digest.overdue_count, digest.coming_count, digest.more) == (100, 120, 1, True)
        assert "There is more than fits here." in digest.text

    def test_rows_that_are_hidden_do_not_count(self, office: Office) -> None:
        sam, dead, hidden = office.contact("Sam"), office.contact("Dead"), office.contact("Hidden")
        for contact in (dead, hidden):
            office.event(contact, "2026-12-02", recurs_annually=False)
        with office.context() as (session, models):
            at = dict.fromkeys(("created_at", "updated_at"), office.state.now())
            for number in range(101):
                columns = {"source": "auto", "title": "Old", "action_type": "call", "occurrence_key": str(number)}
                due = dict.fromkeys(("due", "due_date"), TODAY - timedelta(days=3))
                whose = {"contact_id": dead, "assigned_to_user_id": office.grace}
                session.add(models.Action(**columns, **due, **whose, **at))
            session.commit()
        act(office, sam, TODAY)
        office.change(office.Contact, dead, alive=False)
        office.change(office.Contact, hidden, deleted=True)
        (digest,) = read(office)
        assert digest.subject == "30 November: 1 due today, 0 overdue"
        assert (digest.coming, digest.more) == ([], False)

    def test_the_number_of_statements_is_the_same_for_few_as_for_many(self, office: Office) -> None:
        ada, counts = office.contact(), []
        act(office, ada, TODAY)
        for days in (range(1, 2), range(2, 3), range(3, 150)):
            fill(office, ada, days)
            with counted(office.app) as statements:
                read(office)
            counts.append(len(statements))
        assert counts[1] == counts[2]


class TestTheDayIsNamed:
    def test_a_wish_says_which_day_it_is_for(self, office: Office) -> None:
        office.event(office.contact("Sam"), "1990-05-15")
        office.today = date(2027, 5, 8)
        (digest,) = read(office)
        assert "- Wish Sam a happy birthday (Sam Lovelace), for 15 May\n" in digest.text
        assert "for 15 May" in digest.html
        (overdue,) = read(office, date(2027, 5, 15))
        assert "- Wish Sam a happy birthday (Sam Lovelace), Sat 8 May, for 15 May\n" in overdue.text

    def test_one_that_is_due_on_its_day_does_not_repeat_it(self, office: Office) -> None:
        office.event(office.contact("Sam"), "1990-12-01", auto_action_days_before=0)
        office.today = date(2026, 12, 1)
        (digest,) = read(office)
        assert "- Wish Sam a happy birthday (Sam Lovelace)\n" in digest.text

    def test_a_day_of_another_year_is_named_with_its_year(self, office: Office) -> None:
        office.event(office.contact("Sam"), "2027-11-15", recurs_annually=False, auto_action_days_before=366)
        (digest,) = read(office)
        assert "for 15 November 2027" in digest.text


class TestTimeZones:
    def people(self, office: Office) -> dict[str, int]:
        zones = {"LA": "America/Los_Angeles", "Auckland": "Pacific/Auckland", "London": None}
        people = {name: office.person(name, zone) for name, zone in zones.items()}
        for key in people.values():
            ada = office.contact(owner_id=key)
            for day in (29, 30):
                act(office, ada, date(2026, 11, day), f"On {day}", assigned_to_user_id=str(key))
            act(office, ada, date(2026, 12, 1), "On 1", assigned_to_user_id=str(key))
        return people

    def test_each_user_has_the_digest_of_their_own_day(self, office: Office) -> None:
        people = self.people(office)
        office.hour = time(2, tzinfo=UTC)
        found = {digest.user_id: digest for digest in read(office)}
        days = {name: found[str(key)].day.day for name, key in people.items()}
        assert days == {"LA": 29, "Auckland": 30, "London": 30}
        assert [one["title"] for one in found[str(people["LA"])].today] == ["On 29"]
        assert [one["title"] for one in found[str(people["LA"])].coming] == ["On 30", "On 1"]
        office.hour = time(12, tzinfo=UTC)
        found = {digest.user_id: digest for digest in read(office)}
        assert [one["title"] for one in found[str(people["Auckland"])].today] == ["On 1"]

    def test_hourly_runs_hand_over_one_for_each_user_and_own_day(self, office: Office) -> None:
        people, got = self.people(office), list[tuple[str, int]]()

        def mail(_app: Any, row: Digest, **_: Any) -> None:
            got.append((row.user_id, row.day.day))

        with signals.digest_due.connected_to(mail), office.app.app_context():
            for hour in range(0, 24, 2):
                office.hour = time(hour, tzinfo=UTC)
                hand_over()
        assert sorted(got) == sorted(
            [
                (str(people["LA"]), 29),
                (str(people["LA"]), 30),
                (str(people["London"]), 30),
                (str(people["Auckland"]), 30),
                (str(people["Auckland"]), 1),
            ]
        )

    def test_the_last_contact_is_told_in_their_zone(self, office: Office) -> None:
        ada = office.contact(owner_id=office.grace)
        office.change(office.Person, office.grace, zone="Pacific/Auckland")
        office.api.patch(f"/contacts/{ada}/relationship", {"cadence_days": 5})
        with office.context() as (session, models):
            at = datetime(2026, 11, 1, 23)  # noqa: DTZ001 (as the tables keep it)
            values = {"last_contact_at": at, "last_contact_channel": "call", "in_touch_due_day": TODAY.toordinal() - 5}
            session.query(models.Profile).filter_by(contact_id=ada).update(values)
            session.commit()
        (digest,) = read(office)
        assert "last in touch Mon 2 Nov" in digest.text


class TestText:
    def test_what_people_wrote_is_one_line(self, office: Office) -> None:
        ada = office.contact("Ada\n- FORGED")
        with office.context() as (session, models):
            act(office, ada, TODAY)
            session.query(models.Action).update({"title": "Lunch\n- SIGN TODAY\x0b\u2028- AND THIS\x1b[31m"})
            session.commit()
        (digest,) = read(office)
        assert digest.text.splitlines()[3:] == ["- Lunch - SIGN TODAY - AND THIS [31m (Ada - FORGED Lovelace)"]


class TestCommand:
    @pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2027-12-31"])
    def test_a_day_that_is_far_away_is_refused(self, office: Office, day: str) -> None:
        done = office.app.test_cli_runner().invoke(args=["relationships", "digest", "--on", day])
        assert done.exit_code == 2
        assert f"{day} is not within 366 days of today, 2026-11-30." in done.output

    @pytest.mark.parametrize("day", [date.max, date.min])
    def test_the_function_takes_any_day(self, office: Office, day: date) -> None:
        act(office, office.contact(), TODAY)
        assert len(read(office, day)) == (day == date.max)
