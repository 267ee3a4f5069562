"""The reference of the HTTP API, from the OpenAPI document of a minimal application."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from flask import Flask
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from docs.generated.markdown import table
from flask_relationships import CompanyMapping, ContactMapping, Relationships, UserMapping
from flask_relationships.api.openapi import document

TITLES = {
    "profiles": "Profiles",
    "life_events": "Life events",
    "actions": "Actions",
    "messages": "Messages",
    "unmatched": "Unmatched messages",
    "consent": "Consent",
    "partners": "Partners",
    "client_profiles": "Client profiles",
    "summary": "Summary",
    "action_centre": "Action centre",
    "keeping_in_touch": "Keeping in touch",
    "feeds": "Calendars",
    "vcards": "vCards",
    "running": "Health",
    "openapi": "The OpenAPI document",
}
"""The resources in the order of the reference, by their tags."""

METHODS = ("get", "post", "put", "patch", "delete")

Json = Mapping[str, Any]


@cache
def openapi() -> Json:
    """Return the document of an application with the fewest attributes."""

    class Base(DeclarativeBase):
        pass

    class Contact(Base):
        __tablename__ = "contact"
        id: Mapped[int] = mapped_column(primary_key=True)

    class User(Base):
        __tablename__ = "user"
        id: Mapped[int] = mapped_column(primary_key=True)

    class Company(Base):
        __tablename__ = "company"
        id: Mapped[int] = mapped_column(primary_key=True)

    contact = ContactMapping(Contact, first_name=None, last_name=None, email=None, phone=None, company=None)
    app = Flask(__name__)
    company, user = CompanyMapping(Company, name=None), UserMapping(User, name=None)
    Relationships(app, session=Session, contact=contact, company=company, user=user)
    with app.app_context():
        return document(app)


def operations() -> str:
    """Every route, by resource."""
    by_tag: dict[str, list[str]] = {tag: [] for tag in TITLES}
    common = _common()
    for path, method, operation in every_operation():
        by_tag[operation["tags"][0]].append("\n\n".join(_operation(path, method, operation, common)))
    sections = (f"## {TITLES[tag]}\n\n" + "\n\n".join(found) for tag, found in by_tag.items())
    return f"Every route may also answer: {', '.join(common)}.\n\n" + "\n\n".join(sections)


def objects() -> str:
    """Every object in an answer, each with a table of its members. Bodies are shown with their routes."""
    schemas = openapi()["components"]["schemas"]
    found = {
        name for *_, operation in every_operation() for _, answer in _answers(operation) for name in _names(answer)
    }
    for name in list(found):
        found.update(_names(schemas[name]))
    return "\n\n".join(f"### {name}\n\n{_object(schemas[name])}" for name in sorted(found))


def every_operation() -> Iterator[tuple[str, str, Json]]:
    """Path, method and operation."""
    for path, methods in openapi()["paths"].items():
        for method in METHODS:
            if method in methods:
                yield path, method.upper(), methods[method]


def _answers(operation: Json) -> Iterator[tuple[str, Json]]:
    """The statuses of success with their answers."""
    for status, response in operation["responses"].items():
        if int(status) < 400:
            yield status, response


def _names(part: Any) -> Iterator[str]:
    """The schemas that this part of the document refers to."""
    if isinstance(part, Mapping):
        for key, value in part.items():
            yield from [_name(value)] if key == "$ref" else _names(value)
    elif isinstance(part, list):
        for value in part:
            yield from _names(value)


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


def _operation(path: str, method: str, operation: Json, common: list[str]) -> Iterator[str]:
    yield f"### {method} `{path}`"
    yield f"{operation['summary']}. Needs `{operation['x-permission']}`."
    given = (_resolved(parameter) for parameter in operation["parameters"])
    beside = [parameter for parameter in given if parameter["in"] != "path" and not parameter.get("common")]
    if beside:
        rows = ((f"`{one['name']}`", one["in"], _type(one["schema"]), one.get("description", "")) for one in beside)
        yield table(("Parameter", "In", "Type", ""), rows)
    if "requestBody" in operation:
        (body,) = _names(operation["requestBody"])
        yield _body(openapi()["components"]["schemas"][body])
    yield "\n".join(_answer(status, response) for status, response in _answers(operation))
    others = [problem for problem in _problems(operation) if problem not in common]
    if others:
        yield f"Problems: {', '.join(others)}."


def _resolved(parameter: Json) -> Json:
    """A parameter of this operation, or a common one, which the page explains once."""
    if "$ref" not in parameter:
        return parameter
    return {**openapi()["components"]["parameters"][_name(parameter["$ref"])], "common": True}


def _answer(status: str, response: Json) -> str:
    ((produced, content),) = response["content"].items()
    members = content["schema"].get("properties", {})
    shown = ", ".join(f"`{name}`: {_type(schema)}" for name, schema in members.items())
    if not members:
        shown = "the document" if produced == "application/json" else f"`{produced}`"
    phrase = HTTPStatus(int(status)).phrase
    words = "" if response["description"] == phrase else f" {response['description']}."
    return f"- **{status} {phrase}**: {shown}.{words}"


def _problems(operation: Json) -> list[str]:
    """``403 forbidden`` and so on, of one operation."""
    found = []
    for status, response in sorted(operation["responses"].items()):
        if int(status) >= 400:
            schema = response["content"]["application/problem+json"]["schema"]
            found += [f"{status} `{code}`" for code in schema["properties"]["code"]["enum"]]
    return found


def _common() -> list[str]:
    first, *others = [_problems(operation) for *_, operation in every_operation()]
    return [problem for problem in first if all(problem in found for found in others)]


def _body(schema: Json) -> str:
    required = schema.get("required", [])
    rows = (
        (f"`{name}`", _type(member), "yes" if name in required else "", member.get("description", ""))
        for name, member in schema["properties"].items()
        if not member.get("readOnly")
    )
    return table(("Body", "Type", "Required", ""), rows)


def _object(schema: Json) -> str:
    rows = (
        (f"`{name}`", _type(member, bounds=False), member.get("description", ""))
        for name, member in schema["properties"].items()
    )
    return table(("Member", "Type", ""), rows)


def _type(schema: Json, *, bounds: bool = True) -> str:
    """The JSON type of a member in words; with ``bounds``, its limits."""
    if "$ref" in schema:
        name = _name(schema["$ref"])
        return f"[{name}](#{name.lower()})"
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "anyOf" in schema and "type" not in schema:
        return " or ".join(_type(choice, bounds=bounds) for choice in schema["anyOf"])
    if "enum" in schema:
        return ", ".join("null" if choice is None else f"`{choice}`" for choice in schema["enum"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    words = _words(kinds[0], schema, bounds)
    limits = ", ".join(_bounds(schema)) if bounds else ""
    return words + (f" ({limits})" if limits else "") + (" or null" if "null" in kinds else "")


def _words(kind: str, schema: Json, bounds: bool) -> str:
    if kind == "array":
        return f"list of {_type(schema['items'], bounds=bounds)}"
    if "examples" in schema:
        return f"{kind} such as " + " or ".join(f"`{example}`" for example in schema["examples"])
    return "time in UTC" if schema.get("format") == "date-time" else kind


def _bounds(schema: Json) -> Iterator[str]:
    if "maxLength" in schema:
        yield f"at most {schema['maxLength']:,} characters"
    if schema.get("minLength"):
        yield "not empty"
    if "maxItems" in schema:
        yield f"at most {schema['maxItems']:,} of them"
    if "minimum" in schema and "maximum" in schema:
        yield f"{schema['minimum']:,} to {schema['maximum']:,}"
