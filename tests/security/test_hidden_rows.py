"""Whatever rows there are, whoever asks and whatever their scope: no answer holds a value of a row hidden from them.

A row's key is a value of it. The worlds have up to three tenants, and rows of ours that lead across them.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from flask_relationships import ActionScope
from tests.databases import Databases
from tests.hosts.host import Caller
from tests.security.tenants import STYLES, Row, TenantsHost
from tests.security.worlds import Made, MadeAction, World, worlds

NOBODY_OF_OURS = "00000000-0000-7000-8000-000000000000"


HELD = settings(deadline=None, phases=[Phase.generate, Phase.shrink])
"""One host serves all the worlds of a test: each world empties it first."""


@pytest.fixture(scope="module", params=list(STYLES))
def tenants(request: pytest.FixtureRequest) -> Iterator[TenantsHost]:
    host = TenantsHost(STYLES[request.param])
    yield host
    host.close()


@pytest.fixture(scope="module")
def tenants_on_server(database: str, databases: Databases) -> Iterator[TenantsHost]:
    urls = [databases.url(database, name) for name in ("tenants", "tenants_people")]
    host = TenantsHost(STYLES["elsewhere"], *urls)
    yield host
    host.close()


class Asking:
    """Whoever asks in a world: every answer is searched for what they may not know of."""

    def __init__(self, made: Made) -> None:
        self.made, self.caller = made, made.host.caller(made.asks)
        self.secrets = {secret: row for row in made.hidden() for secret in (row.mark, row.id)}
        made.host.scope = self._scope

    def _scope(self, _user: Any) -> ActionScope:
        if self.made.world.scope == []:
            return ActionScope.own()
        rows = self.made.scope()
        return ActionScope.everyone() if rows is None else ActionScope.users([row.key for row in rows])

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        response = self.caller.ask(method, path, body, **options)
        told = response.get_data(as_text=True) + str(response.headers)
        leaks = [row.mark for secret, row in self.secrets.items() if secret in told or quote(secret) in told]
        assert leaks == [], f"{method} {path} {body} answered {response.status_code} {told}"
        assert response.status_code < 500, told
        return response

    def page_through(self, path: str, name: str) -> list[str]:
        """The ids of a list, read in pages of one row; the cursors are searched too."""
        found: list[str] = []
        cursor: dict[str, str] = {}
        for _ in range(30):
            response = self.ask("GET", path, query_string={"limit": "1", **cursor})
            body = response.get_json()
            found += [item["action_id" if name == "items" else "id"] for item in body[name]]
            if body["next_cursor"] is None:
                return found
            cursor = {"cursor": body["next_cursor"]}
            held = base64.urlsafe_b64decode(body["next_cursor"] + "===").decode()
            assert [secret for secret in self.secrets if secret in held] == []
        raise AssertionError("a list without an end")

    def expects(self, action: MadeAction) -> bool:
        """Whether the lists that cross contacts show an action."""
        scope = self.made.scope()
        return self.made.sees(action.contact) and (scope is None or action.assigned in scope)


def escaped(row: Row) -> str:
    return quote(row.id, safe="@")


def read_everything(asking: Asking) -> None:
    made = asking.made
    neglected = asking.page_through("/contacts/neglected", "contacts")
    assert set(neglected) <= {contact.id for contact in made.contacts if made.sees(contact)}
    asking.ask("GET", "/calendar-feeds")
    for contact in made.contacts:
        for kind in ("relationship", "life-events", "relationship-actions", "messages", "vcard"):
            status = asking.ask("GET", f"/contacts/{escaped(contact)}/{kind}").status_code
            assert status == (200 if made.sees(contact) else 404)
        if made.sees(contact):
            asking.page_through(f"/contacts/{escaped(contact)}/life-events", "events")
            asking.page_through(f"/contacts/{escaped(contact)}/messages", "messages")
    for company in made.companies:
        if made.sees(company):
            asking.page_through(f"/companies/{escaped(company)}/partners", "partners")
        for path in (f"/companies/{escaped(company)}/partners", f"/clients/{escaped(company)}/relationship-summary"):
            assert asking.ask("GET", path).status_code == (200 if made.sees(company) else 404)
    asking.ask("GET", "/openapi.json")


def check_actions(asking: Asking) -> None:
    """The lists that cross contacts: exactly the actions of the scope, and of each what may be known."""
    made = asking.made
    expected = {action.id: action for action in made.actions if asking.expects(action)}
    listed = asking.ask("GET", "/relationship-actions").get_json()["actions"]
    assert {action["id"] for action in listed} == expected.keys()
    for told in listed:
        action = expected[told["id"]]
        company = action.company or company_of(made, action.contact)
        assert told["contact_id"] == action.contact.id
        assert told["company_id"] == made.shown(action.company)
        assert told["company_name"] == (f"{company.mark} Name" if company and made.sees(company) else None)
        assert told["assigned_to_user_id"] == made.shown(action.assigned)
        assert (told["assigned_to_name"] is None) == (told["assigned_to_user_id"] is None)
        assert told["created_by_user_id"] == made.shown(action.created)
        assert told["completed_by_user_id"] == made.shown(action.completed)
    items = asking.ask("GET", "/action-centre").get_json()["items"]
    assert {item["action_id"]: item["assigned_to_user_id"] for item in items} == {
        id: made.shown(action.assigned) for id, action in expected.items()
    }
    assert sorted(asking.page_through("/relationship-actions", "actions")) == sorted(expected)
    assert sorted(asking.page_through("/action-centre", "items")) == sorted(expected)


def company_of(made: Made, contact: Row) -> Row | None:
    place = made.world.contacts[made.contacts.index(contact)][2]
    return None if place is None else made.companies[place % len(made.companies)]


def filter_by_everyone(asking: Asking) -> None:
    """A filter finds what the list shows of it: by the key of a hidden row, nothing."""
    made = asking.made
    for row in (*made.users, *made.contacts):
        name = "assigned_to_user_id" if row.kind == "user" else "contact_id"
        listed = asking.ask("GET", "/relationship-actions", query_string={name: row.id}).get_json()["actions"]
        expected = {
            action.id
            for action in made.actions
            if asking.expects(action) and made.sees(row) and row in (action.assigned, action.contact)
        }
        assert {action["id"] for action in listed} == expected


def named_status(there: bool, seen: bool, done: int = 201) -> int:
    """Return what is answered where a body names a row: of an owner that is there, of a row that is seen."""
    return (done if seen else 422) if there else 404


def write_everything(asking: Asking, choose: Any) -> None:
    """Every route that writes, on every row, with bodies that name rows of anybody."""
    made = asking.made
    company, user, person = (choose(st.sampled_from(rows)) for rows in (made.companies, made.users, made.contacts))
    linked = choose(st.sampled_from(made.actions))
    key = itertools.count()
    for contact in made.contacts:
        at, there = f"/contacts/{escaped(contact)}", made.sees(contact)
        asking.ask("PATCH", f"{at}/relationship", {"preferred_name": "Ada"})
        event = {"event_type": "visit", "title": "Visit", "event_date": "2020-05-05", "recurs_annually": True}
        asking.ask("POST", f"{at}/life-events", event)
        named = asking.ask("POST", f"{at}/life-events", {**event, "company_id": company.id})
        assert named.status_code == named_status(there, made.sees(company))
        action = {"title": "Call", "action_type": "call"}
        asking.ask("POST", f"{at}/relationship-actions", action)
        named = asking.ask("POST", f"{at}/relationship-actions", {**action, "assigned_to_user_id": user.id})
        assert named.status_code == named_status(there, made.sees(user))
        named = asking.ask("POST", f"{at}/relationship-actions", {**action, "company_id": company.id})
        assert named.status_code == named_status(there, made.sees(company))
        message = {"channel": "sms", "body": "Good morning"}
        headers = {"Idempotency-Key": f"key-{next(key)}"}
        first = asking.ask("POST", f"{at}/messages", message, headers=headers)
        assert first.status_code == (201 if there else 404)
        assert asking.ask("POST", f"{at}/messages", message, headers=headers).get_data() == first.get_data()
        sent = asking.ask("POST", f"{at}/messages", {**message, "auto_action_id": linked.id}).status_code
        assert sent in ((201, 409) if there and linked.contact is contact else (422 if there else 404,))
        for owner, id in made.event_ids:
            changed = asking.ask("PATCH", f"{at}/life-events/{id}", {"event_date": "2021-06-06"})
            assert changed.status_code == (200 if there and owner is contact else 404)
    for one in made.actions:
        status = asking.ask("PATCH", f"/relationship-actions/{one.id}", {"status": "done"}).status_code
        assert status == (200 if made.sees(one.contact) else 404)
    for firm in made.companies:
        at, there = f"/companies/{escaped(firm)}", made.sees(firm)
        partner = {"partner_company_name": "Difference Engines"}
        asking.ask("POST", f"{at}/partners", partner)
        named = asking.ask("POST", f"{at}/partners", {**partner, "contact_id": person.id})
        assert named.status_code == named_status(there, made.sees(person))
        for owner, id in made.partner_ids:
            mine = there and owner is firm
            assert asking.ask("PATCH", f"{at}/partners/{id}", {"notes": "Met"}).status_code == (200 if mine else 404)
            named = asking.ask("PATCH", f"{at}/partners/{id}", {"contact_id": person.id})
            assert named.status_code == named_status(mine, made.sees(person), 200)
        asking.ask("PUT", f"{at}/client-profile")


def delete_everything(asking: Asking) -> None:
    made = asking.made
    for contact in made.contacts:
        for _, id in (*made.event_ids, (contact, NOBODY_OF_OURS)):
            asking.ask("DELETE", f"/contacts/{escaped(contact)}/life-events/{id}")
    for company in made.companies:
        for _, id in made.partner_ids:
            asking.ask("DELETE", f"/companies/{escaped(company)}/partners/{id}")
        asking.ask("DELETE", f"/companies/{escaped(company)}/client-profile")


def hold_to_it(host: TenantsHost, world: World, choose: Any) -> None:
    asking = Asking(Made(host, world))
    check_actions(asking)
    read_everything(asking)
    filter_by_everyone(asking)
    write_everything(asking, choose)
    read_everything(asking)
    delete_everything(asking)


@settings(HELD, max_examples=20)
@given(world=worlds(), data=st.data())
def test_no_answer_holds_a_value_of_a_hidden_row(tenants: TenantsHost, world: World, data: st.DataObject) -> None:
    hold_to_it(tenants, world, data.draw)


@pytest.mark.on_databases("postgresql", "mariadb")
@settings(HELD, max_examples=6)
@given(world=worlds(tenants=2), data=st.data())
def test_nor_on_a_server(tenants_on_server: TenantsHost, world: World, data: st.DataObject) -> None:
    hold_to_it(tenants_on_server, world, data.draw)


def test_a_mark_is_found_where_nothing_is_hidden(tenants: TenantsHost) -> None:
    """The property could fail: the same rows, seen by their own tenant, are in the answers."""
    world = World([(0, False)], [(0, False)], [(0, False, 0, 0)], [], [(0, 0, 0, 0, None)], [], [], 0, None)
    made = Made(tenants, world)
    caller: Caller = tenants.caller(made.asks)
    tenants.scope = lambda _user: ActionScope.everyone()
    told = caller.ask("GET", "/relationship-actions").get_data(as_text=True)
    assert [row.mark for row in made.rows if row.mark not in told or row.id not in told] == []
