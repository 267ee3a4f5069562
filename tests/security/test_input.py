"""What a client may send to do harm: members that are not theirs to set, and input that is hardly input."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from flask_relationships.domain.actions.schemas import Action
from flask_relationships.domain.life_events.schemas import LifeEvent
from flask_relationships.domain.messages.schemas import Message
from flask_relationships.domain.partners.schemas import Partner
from flask_relationships.domain.profiles.schemas import Profile
from flask_relationships.testing.contract.specification import ADDED_MEMBERS, MEMBERS, ROUTES, WRITING_ROUTES, Route
from tests.hosts.host import Caller, Host
from tests.marks import input_only
from tests.security.corpus import HOSTILE_SEGMENTS, HOSTILE_VALUES, NOT_BOOLEAN, UNREADABLE
from tests.security.rows import fill

MODELS = {
    "/contacts/{contact}/relationship": "Profile",
    "/contacts/{contact}/life-events": "LifeEvent",
    "/contacts/{contact}/life-events/{event}": "LifeEvent",
    "/contacts/{contact}/relationship-actions": "Action",
    "/relationship-actions/{action}": "Action",
    "/relationship-actions/{action}/snooze": "Action",
    "/relationship-actions": "Action",
    "/contacts/{contact}/relationship-actions/{action}": "Action",
    "/contacts/{contact}/messages": "Message",
    "/contacts/{contact}/messages/preview": "Message",
    "/contacts/{contact}/messages/{unconfirmed}": "Message",
    "/companies/{company}/partners": "Partner",
    "/companies/{company}/partners/{partner}": "Partner",
}

SHOWN = {
    "Profile": set(Profile().fields),
    "LifeEvent": set(LifeEvent().fields),
    "Action": set(Action().fields),
    "Partner": set(Partner().fields),
    "Message": set(Message().fields),
}
"""The members of each object in answers."""

WRITTEN_BESIDE = {
    *("updated_at", "revision", "change_id"),
    *("closed_by", "completed_at", "completed_by_user_id", "claimed_by_message_id"),
    *("status_rank", "sent_at"),
}
"""Columns that a change of any other writes too."""

ROUTES_TO_ROWS = [
    route
    for route in ROUTES
    if str(route)
    in {
        "GET /contacts/{contact}/relationship",
        "PATCH /contacts/{contact}/life-events/{event}",
        "PATCH /relationship-actions/{action}",
        "DELETE /companies/{company}/partners/{partner}",
        "GET /clients/{company}/relationship-summary",
    }
]
"""Between them they look up every kind of row that an address can name."""

QUERY = (
    "limit",
    "cursor",
    "sort",
    "status",
    "action_type",
    "assigned_to_user_id",
    "contact_id",
    "due_before",
    "due_after",
    "due",
)

routes = pytest.mark.parametrize("route", WRITING_ROUTES, ids=str)


def prepared(host: Host, api: Caller, route: Route) -> str:
    """The route's path, with rows for everything it names."""
    return route.path.format(**fill(host, api))


@pytest.mark.on_hosts("ordinary")
@pytest.mark.on_databases("sqlite")
class TestMassAssignment:
    @routes
    def test_no_other_column_can_be_set(self, host: Host, api: Caller, route: Route) -> None:
        path = prepared(host, api, route)
        model = MODELS[route.path]
        columns = {attribute.key for attribute in sa.inspect(getattr(host.models, model)).column_attrs}
        forbidden = columns - MEMBERS[str(route)] - ADDED_MEMBERS.get(str(route), set())
        assert {"id", "created_at"} <= forbidden
        shown = set() if route.method == "POST" else SHOWN[model]
        before = host.rows(model)
        accepted = {
            column
            for column in sorted(forbidden)
            for value in ("1", 1, True, None)
            if api.ask(route.method, path, {**route.body, column: value}).status_code != 422
        }
        assert accepted <= shown - {"id", "created_at"}, "what an answer shows may be sent back"
        written = set(route.body) | WRITTEN_BESIDE
        kept = [{name: value for name, value in row.items() if name not in written} for row in host.rows(model)]
        assert kept == [{name: value for name, value in row.items() if name not in written} for row in before]

    @routes
    def test_every_member_of_the_document_is_known(self, host: Host, api: Caller, route: Route) -> None:
        """A member that is unknown here would make the test above pass by itself."""
        path = prepared(host, api, route)
        for name in MEMBERS[str(route)]:
            problem = api.ask(route.method, path, {**(route.body or {}), name: {"no": "such type"}}).get_json()
            assert {error["pointer"] for error in problem["errors"]} == {f"#/{name}"}
            assert "unknown_field" not in {error["code"] for error in problem["errors"]}


@input_only
def test_nobody_is_opted_in_by_anything_but_true(host: Host, api: Caller, contact: str) -> None:
    address = f"/contacts/{contact}/relationship"
    accepted = [
        value for value in NOT_BOOLEAN if api.ask("PATCH", address, {"twilio_opt_in": value}).status_code != 422
    ]
    assert accepted == []
    assert api.get(address)["profile"]["twilio_opt_in"] is False
    assert host.rows("ConsentEntry") == []


class TestMalformedInput:
    """Nothing that a client sends is an error of the server, on any database."""

    @routes
    @input_only
    def test_bodies_that_cannot_be_read(self, host: Host, api: Caller, route: Route) -> None:
        path = prepared(host, api, route)
        before = host.rows(MODELS[route.path])
        wrong = {}
        for raw in UNREADABLE:
            response = api.ask(route.method, path, data=raw, content_type="application/json")
            if (response.status_code, response.get_json()["code"]) != (400, "unreadable_body"):
                wrong[raw[:40]] = response.status_code
        assert wrong == {}
        assert host.rows(MODELS[route.path]) == before

    @routes
    @pytest.mark.on_hosts("ordinary")
    @pytest.mark.on_databases("postgresql", "mariadb")
    def test_hostile_values_of_every_member(self, host: Host, api: Caller, route: Route) -> None:
        path = prepared(host, api, route)
        failed = []
        for name in sorted(MEMBERS[str(route)]):
            for value in HOSTILE_VALUES:
                response = api.ask(route.method, path, {**route.body, name: value})
                if response.status_code >= 500:
                    failed.append((name, value if len(repr(value)) < 60 else type(value), response.status_code))
        assert failed == []

    @pytest.mark.on_databases("sqlite", "postgresql")
    @pytest.mark.parametrize("route", ROUTES_TO_ROWS, ids=str)
    def test_hostile_path_segments(self, host: Host, api: Caller, route: Route) -> None:
        ids = fill(host, api)
        wrong = {}
        for name in [name for name in ids if f"{{{name}}}" in route.path]:
            for segment in HOSTILE_SEGMENTS:
                response = api.ask(route.method, route.path.format(**ids | {name: segment}), route.body)
                if not (400 <= response.status_code < 500 or response.status_code == 308):
                    wrong[name, segment[:40]] = response.status_code
        assert wrong == {}

    @pytest.mark.on_hosts("ordinary")
    @pytest.mark.parametrize("name", QUERY)
    def test_hostile_queries(self, host: Host, api: Caller, name: str) -> None:
        fill(host, api)
        failed = {}
        for segment in HOSTILE_SEGMENTS:
            response = api.ask("GET", f"/relationship-actions?{name}={segment}")
            if response.status_code >= 500:
                failed[segment[:40]] = response.status_code
        assert failed == {}


class TestSize:
    @routes
    @input_only
    def test_a_large_body_is_refused(self, host: Host, api: Caller, route: Route) -> None:
        path = prepared(host, api, route)
        raw = json.dumps({"a": "b" * 10_000_000}).encode()
        response = api.ask(route.method, path, data=raw, content_type="application/json")
        assert (response.status_code, response.get_json()["code"]) == (413, "body_too_large")
