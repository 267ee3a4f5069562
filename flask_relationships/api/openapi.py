"""Build the OpenAPI 3.1 document from the schemas that the routes validate with and the permissions they declare.

The conversion of schemas is our own. apispec's MarshmallowPlugin was tried, and needs more code for the same document:
it sorts ``required``, writes ``default``, closes answers with ``additionalProperties``, and cannot leave the bounds of
a field out of an answer. Our fields and nested objects (`Part`, `Parts`) would still need converters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Flask, current_app, request
from werkzeug.routing import Rule

from .. import errors
from ..db.pagination import LARGEST_PAGE
from ..errors import Problem
from .application import state_of
from .fields import Part, Parts, Schema
from .security_schemes import csrf_header, security_schemes
from .view import Answer, Call, Operation, OperationBlueprint, operation

if TYPE_CHECKING:
    from apispec import APISpec

    from ..setup.state import State

blueprint = OperationBlueprint("openapi", __name__)

EXAMPLES_FILE = Path(__file__).with_name("openapi_examples.json")
"""A request and its response for each operation. Tests compare them with an application, and can rewrite them."""

ALWAYS: tuple[type[Problem], ...] = (
    errors.NotAuthenticated,
    errors.Forbidden,
    errors.PermissionCallbackMissing,
    errors.HostSessionFailed,
    errors.Misconfigured,
    errors.InternalError,
    errors.DatabaseUnavailable,
)
"""The problems of every route."""

OF_A_BODY: tuple[type[Problem], ...] = (
    errors.UnreadableBody,
    errors.EmptyBody,
    errors.BodyTooLarge,
    errors.UnsupportedContentType,
    errors.ValidationFailed,
)

OF_A_POST: tuple[type[Problem], ...] = (
    errors.InvalidIdempotencyKey,
    errors.RequestInFlight,
    errors.IdempotencyKeyReused,
)


@blueprint.get("/openapi.json")
@operation("This document", permission="view", answers={})
def show(call: Call) -> Answer:
    del call
    return Answer(document(current_app, mounted_at=request.script_root))


def routes(app: Flask) -> Iterator[tuple[Rule, str, Operation]]:
    """Yield our routes of an application: the rule, the endpoint below the blueprint, the operation."""
    name = state_of(app).settings.blueprint_name
    for rule in app.url_map.iter_rules():
        described = getattr(app.view_functions[rule.endpoint], "operation", None)
        if rule.endpoint.startswith(f"{name}.") and described is not None:
            yield rule, ".".join(rule.endpoint.split(".")[-2:]), described


def document(app: Flask, *, mounted_at: str = "") -> dict[str, Any]:
    """Return the document of one application, with the routes that it has.

    :param mounted_at: the path below which the application is mounted, which its own rules do not know.
    """
    from apispec import APISpec  # needed by few servers

    state = state_of(app)
    schemes = security_schemes(app)
    spec = APISpec(
        title="Relationships API",
        version=version("flask-relationships"),
        openapi_version="3.1.0",
        info={"description": "Every route needs the application's own log-in and the permission it names."},
        servers=_servers(state, mounted_at),
        security=[{name: []} for name in schemes],
    )
    for name, scheme in schemes.items():
        spec.components.security_scheme(name, scheme)
    spec.components.parameter("csrf_token", "header", csrf_header(app))
    spec.components.schema("Problem", PROBLEM)
    names: dict[type[Schema], str] = {}
    there = (found for found in routes(app) if not is_missing(state, found[2]))
    for rule, endpoint, described in sorted(there, key=lambda found: (found[0].rule, found[1])):
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        methods = (rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}
        for method in methods:
            operated = _operation(spec, names, rule, endpoint, described, method)
            if method != "GET" and "csrf" in app.extensions:
                _add_csrf_problem(operated["responses"])
            spec.path(path, operations={method.lower(): operated})
    return _with_examples(spec.to_dict())


def _with_examples(document: dict[str, Any]) -> dict[str, Any]:
    """Add the body and the answer of its example to each operation."""
    examples = json.loads(EXAMPLES_FILE.read_text("utf-8"))
    for methods in document["paths"].values():
        for described in methods.values():
            example = examples.get(described["operationId"])
            if example is None:
                continue
            for content in described["responses"][str(example["status"])]["content"].values():
                content["example"] = example["answer"]
            if "body" in example:
                described["requestBody"]["content"]["application/json"]["example"] = example["body"]
    return document


MISSING: Mapping[type[Problem], Callable[[State], bool]] = {
    errors.CompaniesNotMapped: lambda state: state.hosts.company is None,
    errors.ClientProfilesElsewhere: lambda state: state.hosts.client_profile is not None,
    errors.ActionCentreElsewhere: lambda state: not state.action_centre.listed,
    errors.CalendarsNotInstalled: lambda _: find_spec("icalendar") is None,
}
"""Conditions under which a route always responds with one of these problems."""


def is_missing(state: State, described: Operation) -> bool:
    """Return whether an application does not have a route."""
    return any(MISSING[problem](state) for problem in described.problems if problem in MISSING)


def _servers(state: State, mounted_at: str) -> list[dict[str, str]]:
    """Return the addresses below which the paths are: where the document is, and the public one."""
    public = state.settings.public_url
    return [{"url": mounted_at or "/"}, *([] if public is None else [{"url": public + mounted_at}])]


OWN_IDS = ("action_id", "event_id", "message_id", "partner_id")
"""The parameters of paths that name rows of ours, whose keys are UUIDs."""

PAGINATION: tuple[dict[str, Any], ...] = (
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE}},
    {
        "name": "cursor",
        "in": "query",
        "description": "next_cursor of the page before",
        "schema": {"type": "string", "minLength": 1},
    },
)

IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key, method, path and body within a day are done once.",
    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,255}$"},
}

IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "description": "The revision the object must have, in quotes as in ETag, or a list of them.",
    "schema": {"type": "string"},
}


class _Trait(NamedTuple):
    """A trait of an operation: the problems and the parameters that an operation with it has."""

    applies: bool
    problems: Iterable[type[Problem]] = ()
    parameters: Iterable[Any] = ()


def _traits(rule: Rule, described: Operation, method: str) -> list[_Trait]:
    """Return the traits of an operation, in the order of the document."""
    creates, writes = method == "POST", method != "GET"
    return [
        _Trait(True, [*ALWAYS, *(problem for problem in described.problems if problem not in MISSING)]),
        _Trait(described.produces == "application/json", [errors.ValidationFailed]),
        _Trait(bool(rule.arguments), [errors.NotFound], map(_path_parameter, sorted(rule.arguments))),
        _Trait(described.query is not None, (), _query_parameters(described.query)),
        _Trait(described.paged, (), PAGINATION),
        _Trait(described.body is not None, OF_A_BODY),
        _Trait(writes, (), ["csrf_token"]),
        _Trait(creates, [*OF_A_POST, errors.UnsupportedContentType], [IDEMPOTENCY_KEY]),
        _Trait(writes, [errors.PreconditionFailed]),
        _Trait(described.current is not None, (), [IF_MATCH]),
    ]


def _path_parameter(name: str) -> dict[str, Any]:
    schema = {"type": "string", "format": "uuid"} if name in OWN_IDS else {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(query: type[Schema] | None) -> list[dict[str, Any]]:
    fields: Mapping[str, Any] = {} if query is None else query().fields
    return [
        _with_description({"name": name, "in": "query", "schema": field.openapi()}, field)
        for name, field in fields.items()
    ]


def _with_description(shape: dict[str, Any], field: Any) -> dict[str, Any]:
    description = field.metadata.get("description")
    return {**shape, "description": description} if description else shape


def _operation(
    spec: APISpec,
    names: dict[type[Schema], str],
    rule: Rule,
    endpoint: str,
    described: Operation,
    method: str,
) -> dict[str, Any]:
    permission = f"relationships:{described.permission}"
    answer = _members(spec, names, described.answers)
    if described.paged:
        answer["properties"]["next_cursor"] = {"type": ["string", "null"]}
    if not described.answers:
        answer = {"type": "object"}
    if described.produces != "application/json":
        answer = {"type": "string"}
    traits = [trait for trait in _traits(rule, described, method) if trait.applies]
    found: dict[str, Any] = {
        "operationId": endpoint.replace(".", "_"),
        "tags": [endpoint.split(".")[0]],
        "summary": described.summary,
        "description": f"Needs `{permission}`.",
        "x-permission": permission,
        "parameters": [parameter for trait in traits for parameter in trait.parameters],
    }
    if described.body is not None:
        schema = _schema(spec, names, described.body)
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
        if method == "PATCH" and described.shown is not None:
            _add_read_only(spec, names, described.body, described.shown)
    statuses = {described.status: HTTPStatus(described.status).phrase, **described.also}
    answers = {
        str(status): {"description": words, "content": {described.produces: {"schema": dict(answer)}}}
        for status, words in statuses.items()
    }
    found["responses"] = answers | _problem_responses(problem for trait in traits for problem in trait.problems)
    return found


def _add_csrf_problem(responses: dict[str, Any]) -> None:
    """Add the response of Flask-WTF to a request with a missing or wrong token."""
    words = "`http_400`: The token against forged requests is missing or wrong."
    response = responses.setdefault("400", _problem_response("", []))
    response["description"] = "; ".join(filter(None, [response["description"], words]))
    response["content"]["application/problem+json"]["schema"]["properties"]["code"]["enum"].append("http_400")


def _problem_responses(problems: Iterable[type[Problem]]) -> dict[str, Any]:
    by_status: dict[int, list[type[Problem]]] = {}
    for problem in dict.fromkeys(problems):
        by_status.setdefault(problem.status, []).append(problem)
    return {
        str(status): _problem_response(
            "; ".join(f"`{problem.code}`: {problem.title}" for problem in of_status),
            [problem.code for problem in of_status],
        )
        for status, of_status in sorted(by_status.items())
    }


def _problem_response(description: str, codes: list[str]) -> dict[str, Any]:
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}], "properties": {"code": {"enum": codes}}}
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}


PROBLEM: dict[str, Any] = {
    "description": "RFC 9457. What was sent is never repeated.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {name: {"type": "string"} for name in ("pointer", "code", "detail")},
            },
        },
        "message_id": {"type": "string", "description": "The message that failed, where there is one"},
        "current": {"type": "object", "description": "The object as it is now, where If-Match names another revision"},
        "reason": {"type": "string", "description": "Why the number on record cannot be read"},
        "provider_code": {"type": "integer", "description": "The provider's own number of its error"},
    },
}


def _members(spec: APISpec, names: dict[type[Schema], str], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the envelope of a response: each member is a schema, a list of one, a field, or a constant."""

    def shape(member: Any) -> dict[str, Any]:
        if isinstance(member, list):
            return {"type": "array", "items": _schema(spec, names, member[0])}
        if isinstance(member, type):
            return _schema(spec, names, member)
        return {"const": member} if isinstance(member, bool) else dict(member.openapi())

    return {
        "type": "object",
        "required": list(answers),
        "properties": {name: shape(member) for name, member in answers.items()},
    }


def _schema(spec: APISpec, names: dict[type[Schema], str], schema: type[Schema]) -> dict[str, Any]:
    """Return a reference to the component of a schema, which is added on first use."""
    if schema not in names:
        names[schema] = schema.__name__
        sent = not schema.received
        properties, required = {}, []
        for name, field in schema().fields.items():
            properties[name] = _property(spec, names, field, bounded=schema.received)
            if field.required or sent:
                required.append(name)
        component: dict[str, Any] = {"type": "object", "properties": properties, **schema.rules}
        if schema.received:  # an answer is open: later versions may add members
            component["additionalProperties"] = False
        spec.components.schema(schema.__name__, {**component, "required": required} if required else component)
    return {"$ref": f"#/components/schemas/{names[schema]}"}


def _add_read_only(spec: APISpec, names: dict[type[Schema], str], body: type[Schema], shown: type[Schema]) -> None:
    """Add the members of the object that a client may send back unchanged."""
    properties = spec.components.schemas[names[body]]["properties"]
    for name, field in shown().fields.items():
        if name not in properties:
            properties[name] = {**_property(spec, names, field, bounded=False), "readOnly": True}


BOUNDS = ("maxLength", "minLength", "pattern", "minimum", "maximum", "maxItems", "items", "anyOf", "examples")


def _property(spec: APISpec, names: dict[type[Schema], str], field: Any, *, bounded: bool) -> dict[str, Any]:
    """Return the shape of a member. Only what is received has bounds."""
    shape: dict[str, Any]
    if isinstance(field, Part):
        inner = _schema(spec, names, field.schema)
        shape = {"anyOf": [inner, {"type": "null"}]} if field.allow_none else inner
    elif isinstance(field, Parts):
        shape = {"type": "array", "items": _schema(spec, names, field.schema)}
    else:
        shape = _shape_of_value(field, bounded=bounded)
    return _with_description(shape, field)


def _shape_of_value(field: Any, *, bounded: bool) -> dict[str, Any]:
    whole: dict[str, Any] = field.openapi()
    shape = whole if bounded else {name: value for name, value in whole.items() if name not in BOUNDS}
    if not bounded and shape["type"] == "array":
        shape["items"] = {"type": whole["items"]["type"]}
    if field.allow_none:
        shape["type"] = [shape["type"], "null"]
        if "enum" in shape:
            shape["enum"] = [*shape["enum"], None]
    return shape
