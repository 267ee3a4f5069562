"""GET /openapi.json, and the command that prints the same.

That every answer of the API agrees with it is held by the client of the tests: see `tests.hosts.checked`.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest
from marshmallow import ValidationError
from openapi_spec_validator import OpenAPIV31SpecValidator

from flask_relationships import errors
from flask_relationships.api.fields import Email, Field, Title
from flask_relationships.testing.contract.access import exists_in
from flask_relationships.testing.contract.specification import ADDED_MEMBERS, MEMBERS, ROUTES, WRITING_ROUTES, Route
from tests.hosts.host import Caller, Host

pytestmark = [pytest.mark.on_hosts("ordinary", "peculiar"), pytest.mark.on_databases("sqlite")]


@pytest.fixture
def document(api: Caller) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/openapi.json")
    return found


def operation(document: dict[str, Any], host: Host, route: Route) -> dict[str, Any]:
    """What is documented of a route, whatever its parameters are called there."""
    if not exists_in(host, route):
        pytest.skip(f"{host.name} has no {route}")
    for path, methods in document["paths"].items():
        if shape(path.removeprefix(host.prefix)) == shape(route.path) and route.method.lower() in methods:
            found: dict[str, Any] = methods[route.method.lower()]
            return found
    raise AssertionError(f"{route} is not documented")


def shape(path: str) -> str:
    return "/".join("*" if part.startswith("{") else part for part in path.split("/"))


def resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema behind a reference."""
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        schema = found
    return schema


def test_it_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


def test_the_command_prints_the_same(host: Host, document: dict[str, Any]) -> None:
    printed = host.app.test_cli_runner().invoke(args=["relationships", "openapi"])
    assert printed.exit_code == 0
    assert json.loads(printed.stdout) == document


@pytest.mark.on_hosts("ordinary")
def test_nothing_else_is_documented(document: dict[str, Any], host: Host) -> None:
    found = {
        (method.upper(), shape(path.removeprefix(host.prefix)))
        for path, methods in document["paths"].items()
        for method in methods
        if method in {"get", "post", "put", "patch", "delete"}
    }
    assert found == {(route.method, shape(route.path)) for route in ROUTES}


@pytest.mark.parametrize("route", ROUTES, ids=str)
class TestOperation:
    def test_it_names_its_permission(self, document: dict[str, Any], host: Host, route: Route) -> None:
        described = json.dumps(operation(document, host, route))
        assert f"relationships:{route.permission}" in described
        others = {"view", "update", "manage"} - {route.permission}
        assert not any(f"relationships:{other}" in described for other in others)

    def test_it_names_its_answers(self, document: dict[str, Any], host: Host, route: Route) -> None:
        responses = operation(document, host, route)["responses"]
        assert str(route.status) in responses
        expected = {"401", "403", "500"}
        expected |= {"404"} if "{" in route.path else set()
        expected |= {"400", "413", "415", "422"} if route.body is not None else set()
        assert expected <= set(responses)
        for status, response in responses.items():
            media_types = set(resolve(document, response)["content"])
            produced = "text/vcard" if route.path.endswith("/vcard") else "application/json"
            assert media_types == {"application/problem+json" if int(status) >= 400 else produced}

    def test_its_parameters_are_described(self, document: dict[str, Any], host: Host, route: Route) -> None:
        described = operation(document, host, route)
        assert described["summary"].strip()
        assert described["operationId"]
        parameters = [resolve(document, parameter) for parameter in described.get("parameters", [])]
        in_path = [parameter for parameter in parameters if parameter["in"] == "path"]
        assert len(in_path) == route.path.count("{")
        assert all(parameter["required"] for parameter in in_path)
        assert all(parameter["schema"]["type"] == "string" for parameter in in_path)


@pytest.mark.parametrize("route", WRITING_ROUTES, ids=str)
def test_a_body_has_the_members_of_the_seed(document: dict[str, Any], host: Host, route: Route) -> None:
    body = operation(document, host, route)["requestBody"]
    assert body["required"] is True
    schema = resolve(document, body["content"]["application/json"]["schema"])
    written = {name for name, member in schema["properties"].items() if not member.get("readOnly")}
    assert written - ADDED_MEMBERS.get(str(route), set()) == MEMBERS[str(route)]
    assert schema["additionalProperties"] is False


def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    ids = [described["operationId"] for methods in document["paths"].values() for described in methods.values()]
    assert len(ids) == len(set(ids))


def test_lists_describe_their_queries(document: dict[str, Any], host: Host) -> None:
    listing = next(route for route in ROUTES if str(route) == "GET /relationship-actions")
    parameters = [resolve(document, found) for found in operation(document, host, listing)["parameters"]]
    described = {found["name"] for found in parameters if found["in"] == "query"}
    filters = {"status", "action_type", "assigned_to_user_id", "due_before", "due_after", "contact_id"}
    assert described >= filters | {"limit", "cursor", "sort"}


def test_the_codes_of_problems_are_those_of_the_package(document: dict[str, Any]) -> None:
    """A client can learn every code from the document."""
    told = json.dumps(document)
    codes = {
        problem.code
        for problem in vars(errors).values()
        if isinstance(problem, type) and issubclass(problem, errors.Problem) and hasattr(problem, "code")
    }
    not_here = {
        "action_centre_elsewhere",
        "client_profiles_elsewhere",
        "calendars_not_installed",
        "contact_gone",
        "method_not_allowed",
        "too_many_requests",
        "database_unavailable",
        "companies_not_mapped",
    }
    missing = {code for code in codes - not_here if f'"{code}"' not in told and code not in told}
    assert missing == set()


def test_it_holds_no_secret(make_host: Any) -> None:
    host = make_host(
        RELATIONSHIPS_TWILIO_AUTH_TOKEN="canary-token", RELATIONSHIPS_TWILIO_ACCOUNT_SID="AC" + "c0ffee" * 5 + "00"
    )
    assert "canary" not in json.dumps(host.person().get("/openapi.json"))


@pytest.mark.parametrize(
    ("field", "beginning"), [(Title(required=True), ""), (Email(required=True), "a@b.c")], ids=["title", "email"]
)
def test_patterns_accept_what_the_field_accepts(field: Field, beginning: str) -> None:
    draw = random.Random(14)
    pattern = re.compile(field.openapi()["pattern"])
    for _ in range(5000):
        drawn = draw.choices(" ab@.\t\n\x07\x1c\x85\u00a0\u2028\u202e\u200e\ufeff", k=draw.randint(0, 4))
        text = beginning + "".join(drawn)
        try:
            field.deserialize(text)
        except ValidationError:
            accepted = False
        else:
            accepted = True
        assert accepted == bool(pattern.fullmatch(text)), repr(text)
