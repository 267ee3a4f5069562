"""The types of the API's rows in the elements' sources, against the OpenAPI document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import flask_relationships
from tests.hosts.host import Host
from tests.marks import databases, one_host

pytestmark = [one_host, databases("sqlite")]

TYPES = (Path(flask_relationships.__file__).parent / "ui" / "types" / "api.d.ts").read_text()
INTERFACES: dict[str, str] = dict(re.findall(r"^export interface (\w+) \{\n(.*?)^\}", TYPES, re.M | re.S))
OTHER_NAMES = {"ProblemDocument": "Problem"}
"""Names that another thing already has in the sources."""


@pytest.mark.parametrize("name", INTERFACES)
def test_an_interface_has_the_members_of_its_schema(host: Host, name: str) -> None:
    document = host.person("view").client.get("/api/relationships/openapi.json").get_json()
    schema = document["components"]["schemas"][OTHER_NAMES.get(name, name)]
    declared = {
        member: (optional == "", type_of(kind))
        for member, optional, kind in re.findall(r"^  (\w+)(\??): (.*);$", INTERFACES[name], re.M)
    }
    required = schema.get("required", [])
    assert declared == {member: (member in required, type_of_schema(of)) for member, of in schema["properties"].items()}


def type_of(text: str) -> frozenset[str]:
    """Return the alternatives of a TypeScript type; an object's members are not looked at."""
    text = re.sub(r"\{[^}]*\}", "object", text)
    return frozenset(part.strip() for part in text.split(" | "))


def type_of_schema(schema: dict[str, object]) -> frozenset[str]:
    """Return the alternatives of a JSON schema, as TypeScript writes them."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return frozenset({next((own for own, of in OTHER_NAMES.items() if of == name), name)})
    if isinstance(schema.get("enum"), list):
        values = schema["enum"]
        assert isinstance(values, list)
        return frozenset("null" if value is None else f'"{value}"' for value in values)
    if isinstance(schema.get("anyOf"), list):
        alternatives = schema["anyOf"]
        assert isinstance(alternatives, list)
        return frozenset[str]().union(*map(type_of_schema, alternatives))
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return frozenset(type_of_kind(str(kind), schema) for kind in kinds)


def type_of_kind(kind: str, schema: dict[str, object]) -> str:
    if kind == "array":
        items = schema["items"]
        assert isinstance(items, dict)
        return "".join(type_of_schema(items)) + "[]"
    return {"integer": "number"}.get(kind, kind)
