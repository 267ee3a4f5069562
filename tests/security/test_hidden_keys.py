"""The key of a row that the host hides: null wherever it would be told, found by no filter, and kept in its table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from flask_relationships import ActionScope
from flask_relationships.domain.life_events import service as life_events
from flask_relationships.hosts.bound import SYSTEM
from tests.hosts.host import Caller
from tests.security.tenants import STYLES, Kind, Row, Style, TenantsHost

ACTION = {"title": "Call", "action_type": "call"}
MESSAGE = {"channel": "sms", "body": "Good morning"}
EVENT = {"event_type": "visit", "title": "Visit"}


@pytest.fixture(scope="module", params=["uuid", "elsewhere"])
def built(request: pytest.FixtureRequest) -> Iterator[TenantsHost]:
    host = TenantsHost(STYLES[request.param])
    yield host
    host.close()


class People:
    """A tenant with a caller, a colleague and a contact, whom the colleague looks after."""

    def __init__(self, host: TenantsHost) -> None:
        self.host = host
        with host.app.app_context():
            host.clean()
            self.asks = host.row("user", "Asks", 0)
            self.colleague = host.row("user", "Colleague", 0)
            self.company = host.row("company", "Company", 0)
            host.db.session.flush()
            self.contact = host.row("contact", "Contact", 0, company=self.company, owner=self.colleague)
            host.db.session.commit()
        host.scope = lambda _user: ActionScope.everyone()
        self.caller: Caller = host.caller(self.asks)
        self.caller.patch(f"/contacts/{self.contact.id}/relationship", {"twilio_opt_in": True})

    @property
    def at(self) -> str:
        return f"/contacts/{self.contact.id}"

    def change(self, row: Row, **values: Any) -> None:
        with self.host.app.app_context():
            self.host.db.session.execute(
                sa.update(self.host.model(row.kind)).where(self.host.model(row.kind).id == row.key).values(**values)
            )
            self.host.db.session.commit()

    def add(self, kind: Kind, mark: str, tenant: int) -> Row:
        with self.host.app.app_context():
            row = self.host.row(kind, mark, tenant)
            self.host.db.session.commit()
            return row

    def stored(self, name: str) -> Any:
        """The one row of a table of ours."""
        with self.host.app.app_context():
            return self.host.db.session.scalars(sa.select(getattr(self.host.models, name))).one()


@pytest.fixture
def people(built: TenantsHost) -> People:
    return People(built)


HIDING: dict[str, dict[str, Any]] = {"gone": {"gone": True}, "in another tenant": {"tenant": 1}}


class TestALeaver:
    """A user who is gone, or moved to another tenant: their work is still there for whoever reassigns it."""

    @pytest.mark.parametrize("hiding", HIDING.values(), ids=list(HIDING))
    def test_their_actions_are_listed_and_name_nobody(self, people: People, hiding: dict[str, Any]) -> None:
        new = {**ACTION, "assigned_to_user_id": people.colleague.id}
        action = people.caller.post(f"{people.at}/relationship-actions", new)["action"]
        assert action["assigned_to_user_id"] == people.colleague.id
        people.change(people.colleague, **hiding)
        people.host.scope = lambda _user: ActionScope.users([people.colleague.key])
        (listed,) = people.caller.get("/relationship-actions")["actions"]
        (item,) = people.caller.get("/action-centre")["items"]
        assert (listed["id"], item["action_id"]) == (action["id"], action["id"])
        assert (listed["assigned_to_user_id"], listed["assigned_to_name"]) == (None, None)
        assert item["assigned_to_user_id"] is None
        assert people.caller.get("/relationship-actions", assigned_to_user_id=people.colleague.id)["actions"] == []
        closed = people.caller.patch(f"/relationship-actions/{action['id']}", {"status": "done"})["action"]
        assert closed["assigned_to_user_id"] is None
        assert str(people.stored("Action").assigned_to_user_id) == people.colleague.id

    @pytest.mark.parametrize("scope", ["everyone", "users"])
    @pytest.mark.parametrize("hiding", HIDING.values(), ids=list(HIDING))
    def test_their_actions_are_found_as_nobodys(self, people: People, hiding: dict[str, Any], scope: str) -> None:
        def add(**fields: Any) -> str:
            return str(people.caller.post(f"{people.at}/relationship-actions", ACTION | fields)["action"]["id"])

        def listed(path: str = "/relationship-actions", **query: Any) -> list[str]:
            found, query = list[str](), {"assignee": "nobody", **query}
            while query.get("cursor", "") is not None:
                answer = people.caller.get(path, **query)
                found += [action["id"] for action in answer["actions"]]
                query["cursor"] = answer.get("next_cursor")
            return sorted(found)

        theirs = [add(assigned_to_user_id=people.colleague.id) for _ in range(3)]
        add()
        nobodys = add(assigned_to_user_id=None)
        everyone = ActionScope.everyone()
        among = ActionScope.users([people.colleague.key, people.asks.key])
        people.host.scope = lambda _user: everyone if scope == "everyone" else among
        shown = [nobodys] if scope == "everyone" else []
        assert listed() == shown
        people.change(people.colleague, **hiding)
        assert listed() == sorted(theirs + shown)
        assert listed(limit=2) == sorted(theirs + shown)
        assert listed(limit=2, status="pending", sort="-created_at") == sorted(theirs + shown)
        assert listed(f"{people.at}/relationship-actions") == sorted([*theirs, nobodys])
        assert listed(f"{people.at}/relationship-actions", limit=1) == sorted([*theirs, nobodys])

    @pytest.mark.parametrize("hiding", HIDING.values(), ids=list(HIDING))
    def test_they_get_no_auto_actions(self, people: People, hiding: dict[str, Any]) -> None:
        people.change(people.colleague, **hiding)
        people.caller.post(f"{people.at}/life-events", EVENT)
        assert str(people.stored("Action").assigned_to_user_id) == people.asks.id

    def test_what_they_sent_is_nobodys(self, people: People) -> None:
        caller = people.host.caller(people.colleague)
        assert caller.post(f"{people.at}/messages", MESSAGE)["message"]["sent_by_user_id"] == people.colleague.id
        people.change(people.colleague, gone=True)
        (message,) = people.caller.get(f"{people.at}/messages")["messages"]
        assert message["sent_by_user_id"] is None


class TestWhoIsHiddenFromThemselves:
    """Whoever is logged in is loaded without the hooks; what they are told of is not."""

    @pytest.fixture
    def caller(self, people: People) -> Caller:
        people.change(people.asks, gone=True)
        people.host.scope = lambda _user: ActionScope.own()
        return people.caller

    def test_they_work_on(self, people: People, caller: Caller) -> None:
        action = caller.post(f"{people.at}/relationship-actions", ACTION)["action"]
        assert (action["assigned_to_user_id"], action["created_by_user_id"]) == (None, None)
        assert [listed["id"] for listed in caller.get("/relationship-actions")["actions"]] == [action["id"]]
        assert str(people.stored("Action").created_by_user_id) == people.asks.id

    def test_a_message_says_nothing_of_its_sender(self, people: People, caller: Caller) -> None:
        assert caller.post(f"{people.at}/messages", MESSAGE)["message"]["sent_by_user_id"] is None
        assert str(people.stored("Message").sent_by_user_id) == people.asks.id

    def test_nor_does_one_whose_result_cannot_be_saved(self, people: People, caller: Caller) -> None:
        def fail(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.startswith("UPDATE relationships_messages"):
                raise OperationalError("the database is gone", None, Exception("gone"))

        with people.host.app.app_context():
            engine = people.host.db.engine
        sa.event.listen(engine, "before_cursor_execute", fail)
        try:
            message = caller.post(f"{people.at}/messages", MESSAGE, 202)["message"]
        finally:
            sa.event.remove(engine, "before_cursor_execute", fail)
        assert (message["status"], message["sent_by_user_id"]) == ("unconfirmed", None)


class TestAPartner:
    @pytest.fixture
    def partner(self, people: People) -> str:
        at = f"/companies/{people.company.id}"
        people.caller.put(f"{at}/client-profile", 201)
        new = {"partner_company_name": "Difference Engines", "contact_id": people.contact.id}
        partner = people.caller.post(f"{at}/partners", new)["partner"]
        assert partner["contact_id"] == people.contact.id
        return f"{at}/partners/{partner['id']}"

    @pytest.mark.parametrize("hiding", HIDING.values(), ids=list(HIDING))
    def test_a_hidden_contact_of_one_is_null_and_kept(
        self, people: People, partner: str, hiding: dict[str, Any]
    ) -> None:
        people.change(people.contact, **hiding)
        told = people.caller.patch(partner, {"notes": "Met in Turin"})["partner"]
        assert (told["notes"], told["contact_id"]) == ("Met in Turin", None)
        assert people.caller.get(f"/companies/{people.company.id}/partners")["partners"] == [told]
        assert str(people.stored("Partner").contact_id) == people.contact.id

    def test_another_may_be_named_instead(self, people: People, partner: str) -> None:
        people.change(people.contact, gone=True)
        other = people.add("contact", "Other", 0)
        assert people.caller.patch(partner, {"contact_id": other.id})["partner"]["contact_id"] == other.id


class TestBodies:
    """Whatever a body names that is hidden is not there: word for word what a key of nobody is answered."""

    @pytest.mark.parametrize("member", ["company_id", "assigned_to_user_id"])
    @pytest.mark.parametrize("hidden", ["another tenant's", "nobody's"])
    def test_of_an_action(self, people: People, member: str, hidden: str) -> None:
        kind: Kind = "company" if member == "company_id" else "user"
        row = people.add(kind, "Hidden", 1)
        key = row.id if hidden == "another tenant's" else str(people.host.style.key(kind, "Nobody"))
        answer = people.caller.post(f"{people.at}/relationship-actions", {**ACTION, member: key}, 422)
        assert answer == people.caller.post(f"{people.at}/relationship-actions", {**ACTION, member: "\u0661"}, 422)
        assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [
            (f"#/{member}", "unknown_reference")
        ]

    def test_of_a_message(self, people: People) -> None:
        other = people.add("contact", "Other", 0)
        action = people.caller.post(f"/contacts/{other.id}/relationship-actions", ACTION)["action"]["id"]
        absent = people.caller.post(
            f"{people.at}/messages", {**MESSAGE, "auto_action_id": "00000000-0000-7000-8000-000000000000"}, 422
        )
        people.change(other, tenant=1)
        assert people.caller.post(f"{people.at}/messages", {**MESSAGE, "auto_action_id": action}, 422) == absent


class TestObjectsSentBack:
    def test_what_the_viewer_cannot_see_is_kept(self, people: People) -> None:
        """They were shown null, and send null: that is no change."""
        body = {**ACTION, "assigned_to_user_id": people.colleague.id}
        action = people.caller.post(f"{people.at}/relationship-actions", body)["action"]["id"]
        people.change(people.colleague, tenant=1)
        shown = people.caller.get(f"/relationship-actions/{action}")["action"]
        assert shown["assigned_to_user_id"] is None
        people.caller.patch(f"{people.at}/relationship-actions/{action}", {**shown, "title": "Call"})
        people.change(people.colleague, tenant=0)
        found = people.caller.get(f"/relationship-actions/{action}")["action"]
        assert (found["title"], found["assigned_to_user_id"]) == ("Call", people.colleague.id)


class TestReplays:
    def test_a_replay_is_what_the_same_user_was_told(self, people: People) -> None:
        """Nothing new is told by it, and a key that is used again has to be answered as it was."""
        headers = {"Idempotency-Key": "once"}
        new = {**ACTION, "assigned_to_user_id": people.colleague.id}
        first = people.caller.ask("POST", f"{people.at}/relationship-actions", new, headers=headers)
        people.change(people.colleague, gone=True)
        again = people.caller.ask("POST", f"{people.at}/relationship-actions", new, headers=headers)
        assert (again.status_code, again.get_data()) == (201, first.get_data())

    def test_none_of_a_contact_that_is_hidden_since(self, people: People) -> None:
        headers = {"Idempotency-Key": "once"}
        people.caller.ask("POST", f"{people.at}/relationship-actions", ACTION, headers=headers)
        people.change(people.contact, tenant=1)
        again = people.caller.ask("POST", f"{people.at}/relationship-actions", ACTION, headers=headers)
        assert again.status_code == 404


class TestWithoutAUser:
    """Jobs and webhooks: `present` holds for them, `visible` is not asked."""

    def owner_of_an_auto_action(self, people: People) -> str:
        host = people.host
        state = host.app.extensions["relationships"]
        with host.app.app_context():
            session = host.db.session
            contact = state.hosts.contact.find(session, people.contact.id, SYSTEM)
            assert contact is not None
            new = {**EVENT, "auto_action_enabled": True, "auto_action_days_before": 7, "recurs_annually": False}
            _, action = life_events.create(host.app.extensions["relationships"].context(), contact, new, user=None)
            assert action is not None
            return str(action.assigned_to_user_id)

    def test_an_owner_of_another_tenant_is_an_owner(self, people: People) -> None:
        people.change(people.colleague, tenant=1)
        assert self.owner_of_an_auto_action(people) == people.colleague.id

    def test_an_owner_who_is_gone_is_none(self, people: People) -> None:
        people.change(people.colleague, gone=True)
        assert self.owner_of_an_auto_action(people) == "None"

    def test_a_contact_who_is_gone_is_not_found(self, people: People) -> None:
        people.change(people.contact, gone=True)
        state = people.host.app.extensions["relationships"]
        with people.host.app.app_context():
            assert state.hosts.contact.find(people.host.db.session, people.contact.id, SYSTEM) is None


def statements(style: Style, rows: int) -> dict[str, int]:
    """How many statements each request takes in a host of this style, with so many actions and partners."""
    host = TenantsHost(style)
    people = People(host)
    caller, at, firm = people.caller, people.at, f"/companies/{people.company.id}"
    caller.put(f"{firm}/client-profile", 201)
    with host.app.app_context():
        due = {"cadence_days": 1, "in_touch_due_day": 700_000, "last_contact_at": datetime(2026, 1, 1)}  # noqa: DTZ001
        users = {"last_contact_by_user_id": people.asks.key, "cadence_set_by_user_id": people.asks.key}
        host.db.session.execute(sa.update(host.models.Profile).values(**due, **users, last_contact_channel="sms"))
        host.db.session.commit()
    for _ in range(rows):
        action = caller.post(f"{at}/relationship-actions", ACTION)["action"]["id"]
        event = caller.post(f"{at}/life-events", EVENT)["event"]["id"]
        partner = caller.post(f"{firm}/partners", {"partner_company_name": "Engines", "contact_id": people.contact.id})
        caller.post(f"{at}/messages", MESSAGE)
    requests: dict[str, tuple[str, Any]] = {
        **{f"GET {at}/{kind}": ("GET", None) for kind in ("life-events", "relationship-actions", "messages")},
        f"GET {firm}/partners": ("GET", None),
        f"GET /clients/{people.company.id}/relationship-summary": ("GET", None),
        "GET /relationship-actions": ("GET", None),
        "GET /action-centre": ("GET", None),
        "GET /contacts/neglected": ("GET", None),
        f"POST {at}/messages": ("POST", MESSAGE),
        f"POST {at}/relationship-actions": ("POST", ACTION),
        f"PATCH {firm}/partners/{partner['partner']['id']}": ("PATCH", {"notes": str(rows)}),
        f"PATCH {at}/life-events/{event}": ("PATCH", {"title": "Visits"}),
        f"PATCH /relationship-actions/{action}": ("PATCH", {"status": "done"}),
    }
    found: dict[str, int] = {}
    executed: list[str] = []
    with host.app.app_context():
        engines = set(host.db.engines.values())
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", lambda *given: executed.append(given[2]))
    for name, (method, body) in requests.items():
        executed.clear()
        assert caller.ask(method, name.partition(" ")[2], body).status_code < 300
        found[" ".join(part for part in name.split("/") if len(part) < 30)] = len(executed)
    host.close()
    return found


PLAIN = replace(STYLES["uuid"], hooks_join=False, through_relationships=False)


def test_hooks_take_no_statement_more() -> None:
    assert statements(PLAIN, 1) == statements(replace(PLAIN, hooked=False), 1)


def test_users_elsewhere_take_one_batch_for_each_list_that_names_them() -> None:
    plain = replace(PLAIN, users_elsewhere=True)
    hooked, bare = statements(plain, 1), statements(replace(plain, hooked=False), 1)
    more = {name: count - bare[name] for name, count in hooked.items() if count != bare[name]}
    named = ("relationship-actions", "neglected")
    assert not [name for name in more if any(part in name for part in named) and "GET" in name]
    assert set(more.values()) == {1}, sorted(more.items(), key=str)
    assert statements(plain, 5) == hooked
