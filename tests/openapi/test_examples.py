"""Every route has an example in the OpenAPI document, which is what an application answers."""

from __future__ import annotations

import json

import pytest

from flask_relationships.api.openapi import EXAMPLES_FILE
from flask_relationships.testing.contract.specification import Route
from tests.hosts.host import Host
from tests.openapi.examples import members, routes_with_examples, run, settled

pytestmark = [pytest.mark.on_hosts("ordinary"), pytest.mark.on_databases("sqlite")]


@pytest.mark.parametrize("route", list(routes_with_examples()), ids=str)
def test_an_example_is_what_is_answered(host: Host, route: Route) -> None:
    """Where it is not any more: ``python -m tests.openapi.examples``."""
    name, made = run(host, route)
    found = settled(made)
    example = json.loads(EXAMPLES_FILE.read_text())[name]
    assert (found["status"], found.get("body")) == (example["status"], example.get("body"))
    assert members(found["answer"]) == members(example["answer"])
    document = host.person().get("/openapi.json")
    (operation,) = (
        one for methods in document["paths"].values() for one in methods.values() if one.get("operationId") == name
    )
    (answered,) = operation["responses"][str(example["status"])]["content"].values()
    assert answered["example"] == example["answer"]
    if "body" in example:
        assert operation["requestBody"]["content"]["application/json"]["example"] == example["body"]
