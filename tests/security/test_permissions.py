"""Who may do what: every route, every permission, every kind of row, with the exact status of each.

The expectations are those of the user's document, written down in the contract's specification.
"""

from __future__ import annotations

from typing import Any

import pytest
from flask import url_for

from flask_relationships.api.openapi import routes
from flask_relationships.api.permissions import SECRET, SIGNED
from flask_relationships.api.view import Answer, Call, OperationBlueprint, operation
from flask_relationships.testing.contract.specification import ROUTES, Route
from flask_relationships.ui.pages import PUBLIC_ENDPOINTS
from tests.hosts.host import GRANTED, Caller, Host, Permission
from tests.security.rows import exists_in, outcome, states

pytestmark = pytest.mark.on_databases("sqlite", "postgresql")

CALLERS: tuple[Permission, ...] = ("none", "view", "update", "manage")


def ask(caller: Caller, route: Route, ids: dict[str, str]) -> Any:
    return caller.ask(route.method, route.path.format(**ids), route.body)


def expected(host: Host, route: Route, permission: Permission, state: str) -> int:
    if f"relationships:{route.permission}" not in GRANTED[permission]:
        return 403
    found = state == "visible" and exists_in(host, route)
    if found and "{unconfirmed}" in route.path and permission == "manage":
        return 409  # the caller with update, who came before, has settled the message
    return route.status if found or "{" not in route.path else 404


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_each_status(host: Host, api: Caller, route: Route) -> None:
    """The callers come with rising rights, so that what the last one deletes was there for all."""
    statuses, wanted = {}, {}
    for state in states(host):
        ids = outcome(host, api, state)
        statuses["anonymous", state] = ask(host.anonymous(), route, ids).status_code
        wanted["anonymous", state] = 401
        for permission in CALLERS:
            statuses[permission, state] = ask(host.person(permission), route, ids).status_code
            wanted[permission, state] = expected(host, route, permission, state)
    assert statuses == wanted


@pytest.mark.on_hosts("peculiar")
@pytest.mark.parametrize("route", [route for route in ROUTES if "{" in route.path], ids=str)
def test_what_may_not_be_seen_is_told_from_nothing_by_nobody(host: Host, api: Caller, route: Route) -> None:
    """Invisible, deleted and absent rows have the same answer, byte for byte and header for header."""
    answers = []
    for state in ("invisible", "deleted", "absent"):
        response = ask(api, route, outcome(host, api, state))
        answers.append((response.status, response.get_data(), list(response.headers)))
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.on_hosts("peculiar")
@pytest.mark.on_databases("sqlite")
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_nobody_learns_anything_before_the_permission_is_checked(host: Host, api: Caller, route: Route) -> None:
    """A caller without the permission has the same answer whatever the body and the address name."""
    answers = set()
    for caller in (host.anonymous(), host.person("none")):
        for ids in (outcome(host, api, "visible"), outcome(host, api, "absent")):
            for body in (route.body, {"unknown": "member"}):
                response = caller.ask(route.method, route.path.format(**ids), body)
                answers.add((response.status_code, response.get_data()))
    assert sorted(status for status, _ in answers) == [401, 403]


@pytest.mark.on_hosts("ordinary")
@pytest.mark.on_databases("sqlite")
class TestTable:
    """Every rule below the prefix declares its permission, as the user's document says."""

    def test_every_rule_has_its_permission(self, host: Host) -> None:
        found, declared = {}, {endpoint: described.permission for _, endpoint, described in routes(host.app)}
        for rule in host.app.url_map.iter_rules():
            endpoint = _endpoint(rule)
            if not rule.rule.startswith(host.prefix) or endpoint.endswith(".unrouted") or endpoint in SIGNED | SECRET:
                continue
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                found[method, _shape(rule.rule.removeprefix(host.prefix))] = declared[endpoint]
        assert found == {(route.method, _shape(route.path)): route.permission for route in ROUTES}

    def test_the_routes_without_log_in_exist(self, host: Host) -> None:
        assert {*SIGNED, *SECRET} <= {_endpoint(rule) for rule in host.app.url_map.iter_rules()}

    def test_of_the_interface_only_the_files_of_the_package_are_open(self, host: Host) -> None:
        rules = [rule for rule in host.app.url_map.iter_rules() if rule.endpoint.startswith("relationships_ui.")]
        opened = set()
        for rule in rules:
            with host.app.test_request_context():
                path = url_for(rule.endpoint, **dict.fromkeys(rule.arguments, "1"))
            statuses = {caller.client.get(path).status_code for caller in (host.anonymous(), host.person("none"))}
            if statuses != {401, 403}:
                opened.add(rule.endpoint.partition(".")[2])
        assert len(rules) > len(opened)
        assert opened == PUBLIC_ENDPOINTS


class TestRoutesWithoutPermission:
    """They fail while their module is imported."""

    def test_a_view_that_is_no_operation_is_refused(self) -> None:
        blueprint = OperationBlueprint("notes", __name__)
        with pytest.raises(TypeError, match="The view of /notes declares no permission"):
            blueprint.get("/notes")(lambda: "")

    def test_an_operation_without_permission_is_refused(self) -> None:
        with pytest.raises(TypeError, match="permission"):
            operation("Read the notes", answers={})  # type: ignore[call-arg]

    def test_a_permission_that_does_not_exist_is_refused(self) -> None:
        with pytest.raises(ValueError, match="'read' is no permission"):
            operation("Read the notes", permission="read", answers={})  # type: ignore[arg-type]

    def test_an_operation_is_taken(self) -> None:
        @operation("Read the notes", permission="view", answers={})
        def show(call: Call) -> Answer:
            del call
            return Answer({})

        OperationBlueprint("notes", __name__).get("/notes")(show)


def _endpoint(rule: Any) -> str:
    """The endpoint below the blueprint of the application."""
    return ".".join(rule.endpoint.split(".")[-2:]).removeprefix("relationships_")


def _shape(path: str) -> str:
    """The path with its parameters unnamed."""
    return "/".join("*" if part[:1] in ("{", "<") else part for part in path.split("/"))
