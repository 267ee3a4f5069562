"""The actions that remind of keeping in touch: a few a day, each once, none for those who are not to be reminded of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_relationships import ActionScope, ContactMapping, Relationships, UserMapping, signals
from flask_relationships.domain.contacts import withdrawal
from flask_relationships.domain.keeping_in_touch import backlog, reminders
from flask_relationships.jobs.registry import run_due
from flask_relationships.testing.contract.specification import ACTION
from tests.hosts.host import Caller, Host
from tests.marks import databases, hosts, one_host

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def wish(host: Host, api: Caller, contact: str, days: int | None = 10, at: datetime = MORNING) -> None:
    with host.clock_at(at):
        api.patch(f"/contacts/{contact}/relationship", {"cadence_days": days})


def remind(host: Host, days: int) -> reminders.Reminded:
    moment = MORNING + timedelta(days=days)
    with host.clock_at(moment), host.app.app_context():
        return reminders.remind(host.state.context(), moment.date())


def pending(api: Caller) -> list[Any]:
    return [action for action in api.get("/relationship-actions")["actions"] if action["status"] == "pending"]


def test_whoever_is_due_is_reminded_of_once(host: Host, api: Caller, contact: str) -> None:
    wish(host, api, contact)
    assert remind(host, 9).made == []
    assert len(remind(host, 10).made) == 1
    assert remind(host, 10).made == []
    (action,) = pending(api)
    told = {name: action[name] for name in ("title", "action_type", "source", "due_date", "occurrence_date")}
    assert told == {
        "title": "Get in touch with Ada",
        "action_type": "call",
        "source": "auto",
        "due_date": "2026-03-12",
        "occurrence_date": "2026-03-12",
    }
    assert (action["contact_id"], action["assigned_to_user_id"]) == (contact, api.id)


def test_it_is_mirrored_where_people_look(host: Host, api: Caller, contact: str) -> None:
    wish(host, api, contact)
    remind(host, 10)
    (item,) = api.get("/action-centre")["items"]
    assert (item["title"], item["status"]) == ("Get in touch with Ada", "open")


@one_host
def test_after_an_outage_there_is_one_and_not_one_for_each_time(host: Host, api: Caller, contact: str) -> None:
    wish(host, api, contact)
    remind(host, 47)
    (action,) = pending(api)
    assert (action["due_date"], action["occurrence_date"]) == ("2026-04-18", "2026-04-11")


def test_nobody_gets_more_than_so_many_on_one_day(make_host: Any) -> None:
    host = make_host(RELATIONSHIPS_IN_TOUCH_PER_DAY=3)
    api, other = host.person(name="One"), host.person(name="Other")
    for number in range(8):
        wish(host, api, host.contact("Ada", f"Byron {number}"), days=20 - number)
    wish(host, other, host.contact("Ada", "Theirs"))
    made = [len(remind(host, day).made) for day in (30, 30, 31, 31, 32, 33)]
    assert made == [4, 0, 3, 0, 2, 0]
    by_day = Counter((action["due_date"], action["assigned_to_user_id"]) for action in pending(api))
    assert max(by_day.values()) == 3
    first = [action["last_name"] for action in pending(api) if action["due_date"] == "2026-04-01"]
    assert sorted(first) == ["Byron 5", "Byron 6", "Byron 7", "Theirs"], "the most overdue come first"


@one_host
def test_whoever_was_in_touch_is_not_reminded_and_the_open_one_goes(host: Host, api: Caller, contact: str) -> None:
    wish(host, api, contact)
    remind(host, 10)
    action = api.post(f"/contacts/{contact}/relationship-actions", ACTION)["action"]["id"]
    with host.clock_at(MORNING + timedelta(days=11)):
        api.patch(f"/relationship-actions/{action}", {"status": "done"})
    done = remind(host, 11)
    assert (len(done.made), len(done.dismissed)) == (0, 1)
    assert pending(api) == []
    assert [len(remind(host, day).made) for day in (20, 21)] == [0, 1]


@one_host
def test_what_somebody_dismisses_comes_back_after_a_whole_cadence(host: Host, api: Caller, contact: str) -> None:
    wish(host, api, contact)
    remind(host, 10)
    api.patch(f"/relationship-actions/{pending(api)[0]['id']}", {"status": "dismissed"})
    assert [len(remind(host, day).made) for day in (10, 15, 19, 20, 20)] == [0, 0, 0, 1, 0]


@one_host
def test_one_that_stays_open_is_not_doubled_nor_followed_at_once(host: Host, api: Caller, contact: str) -> None:
    wish(host, api, contact)
    assert [len(remind(host, day).made) for day in (10, 25)] == [1, 0]
    with host.clock_at(MORNING + timedelta(days=25)):
        api.patch(f"/relationship-actions/{pending(api)[0]['id']}", {"status": "dismissed"})
    assert [len(remind(host, day).made) for day in (25, 29, 30)] == [0, 0, 1]


@one_host
def test_one_that_is_done_counts_from_then(host: Host, api: Caller, contact: str) -> None:
    wish(host, api, contact)
    remind(host, 10)
    with host.clock_at(MORNING + timedelta(days=13)):
        api.patch(f"/relationship-actions/{pending(api)[0]['id']}", {"status": "done"})
    assert [len(remind(host, day).made) for day in (20, 22, 23)] == [0, 0, 1]


@one_host
def test_ending_the_cadence_ends_the_reminder(host: Host, api: Caller, contact: str) -> None:
    wish(host, api, contact)
    remind(host, 10)
    wish(host, api, contact, days=None)
    assert len(remind(host, 10).dismissed) == 1
    assert pending(api) == []


def test_none_for_a_contact_that_is_gone(host: Host, api: Caller, contact: str) -> None:
    wish(host, api, contact)
    host.delete_contact(contact)
    assert remind(host, 10).made == []


@hosts("peculiar", "documented")
def test_it_is_the_owners(host: Host, api: Caller) -> None:
    contact, owner = host.contact(), host.person(name="Owner")
    try:
        host.give_contact_to(contact, owner.id)
    except pytest.skip.Exception:
        pytest.skip(f"{host.name} has no owners")
    wish(host, api, contact)
    remind(host, 10)
    (action,) = pending(api)
    assert action["assigned_to_user_id"] == owner.id


def test_many_at_once_make_what_one_would(make_host: Any) -> None:
    host = make_host(RELATIONSHIPS_IN_TOUCH_PER_DAY=5)
    api = host.person()
    for number in range(12):
        wish(host, api, host.contact("Ada", f"Byron {number}"))
    with ThreadPoolExecutor(4) as workers:
        made = [len(done.made) for done in workers.map(lambda _: _remind_twice(host), range(4))]
    assert sum(made) == 5
    assert len(pending(api)) == 5
    assert len(api.get("/action-centre")["items"]) == 5


def test_what_another_process_makes_between_two_statements_is_counted(
    make_host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = make_host(RELATIONSHIPS_IN_TOUCH_PER_DAY=5)
    api = host.person()
    for number in range(12):
        wish(host, api, host.contact("Ada", f"Byron {number}"))
    count_made, other = backlog.count_made, []

    def count_then_let_another_run(*given: Any) -> Counter[Any]:
        counted = count_made(*given)
        if not other:
            other.append(None)
            with ThreadPoolExecutor(1) as worker:
                other[0] = worker.submit(_remind_twice, host).result()
        return counted

    monkeypatch.setattr(backlog, "count_made", count_then_let_another_run)
    made = _remind_twice(host).made
    assert (len(made), len(other[0].made), len(pending(api))) == (0, 5, 5)


def _remind_twice(host: Host) -> reminders.Reminded:
    moment = MORNING + timedelta(days=10)
    host.state.clock = lambda: moment
    with host.app.app_context():
        today = moment.date()
        first = reminders.remind(host.state.context(), today)
        second = reminders.remind(host.state.context(), today)
        return reminders.Reminded(first.made + second.made, [])


@one_host
@databases("sqlite")
def test_run_due_does_it_and_tells_receivers(host: Host, api: Caller, contact: str) -> None:
    wish(host, api, contact)
    told = []
    listening = signals.action_created.connected_to(lambda _app, row, user: told.append((row.title, user)))
    with host.clock_at(MORNING + timedelta(days=10)), host.app.app_context(), listening:
        assert run_due()["keeping_in_touch"]["made"] == 1
    assert told == [("Get in touch with Ada", None)]


@one_host
@databases("sqlite")
def test_a_dry_run_counts_and_makes_none(host: Host, api: Caller, contact: str) -> None:
    wish(host, api, contact)
    with host.clock_at(MORNING + timedelta(days=10)), host.app.app_context():
        assert run_due(dry_run=True)["keeping_in_touch"]["made"] == 1
    assert pending(api) == []


class Active:
    """A host whose contacts may be inactive, which it says in one of three ways."""

    def __init__(self, active: str) -> None:
        self.db = db = SQLAlchemy()

        class User(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(sa.Integer, primary_key=True)
            name = sa.Column(sa.String(50))

        class Contact(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(sa.Integer, primary_key=True)
            first_name = sa.Column(sa.String(50))
            last_name = sa.Column(sa.String(50))
            alive = sa.Column(sa.Boolean)
            state = sa.Column(sa.Integer)

        forms = {"boolean": "alive", "number": "state", "callable": lambda contact: contact.alive}
        self.Contact = Contact
        self.tool = Relationships(
            db=db,
            contact=ContactMapping(Contact, active=forms[active]),
            user=UserMapping(User),
            permission=lambda *_: True,
            current_user=lambda: 1,
            action_scope=lambda _user: ActionScope.everyone(),
        )
        self.app = Flask(__name__)
        self.app.config.update(SQLALCHEMY_DATABASE_URI="sqlite://", RELATIONSHIPS_IN_TOUCH_PER_DAY=2)
        db.init_app(self.app)
        self.tool.init_app(self.app)
        with self.app.app_context():
            db.create_all()
            db.session.add(User(id=1, name="Grace"))
            db.session.commit()

    def add(self, count: int, *, alive: bool | None) -> None:
        model, now = self.tool.models.Profile, datetime(2026, 1, 1)  # noqa: DTZ001 (as the tables keep it)
        for _ in range(count):
            contact = self.Contact(first_name="Ada", last_name="B", alive=alive, state=None if alive is None else alive)
            self.db.session.add(contact)
            self.db.session.flush()
            days = {"cadence_days": 5, "in_touch_due_day": 730_000, "in_touch_remind_day": 730_000}
            self.db.session.add(model(contact_id=contact.id, created_at=now, updated_at=now, **days))
        self.db.session.commit()


@pytest.fixture(params=["boolean", "number", "callable"])
def of_activity(request: pytest.FixtureRequest) -> Iterator[Active]:
    made = Active(request.param)
    with made.app.app_context():
        yield made


def test_none_for_a_contact_that_is_not_active_and_it_takes_nobodys_place(of_activity: Active) -> None:
    of_activity.add(7, alive=False)
    of_activity.add(1, alive=None)
    of_activity.add(2, alive=True)
    state = of_activity.app.extensions["relationships"]
    made = [len(reminders.remind(state.context(), date(2026, 3, day)).made) for day in (1, 1, 2)]
    assert made == [2, 0, 1]
    answer = of_activity.app.test_client().get("/api/relationships/contacts/neglected").get_json()
    assert len(answer["contacts"]) == 3


def test_what_is_open_of_a_contact_who_is_active_no_more_is_dismissed(of_activity: Active) -> None:
    of_activity.add(2, alive=True)
    state = of_activity.app.extensions["relationships"]
    first = of_activity.db.session.scalars(sa.select(of_activity.Contact)).first()
    assert len(reminders.remind(state.context(), date(2026, 3, 1)).made) == 2
    first.alive, first.state = False, 0
    of_activity.db.session.commit()
    done = [withdrawal.follow(state.context(), date(2026, 3, 1)) for _ in range(2)]
    assert [(len(one.dismissed), len(one.reopened)) for one in done] == [(1, 0), (0, 0)]
    assert reminders.remind(state.context(), date(2026, 3, 1)).made == []
