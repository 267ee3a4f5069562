"""The examples of the OpenAPI document, from requests to a running application.

``python -m tests.openapi.examples`` writes them again, after an answer has changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from flask_relationships.api.openapi import EXAMPLES_FILE
from flask_relationships.testing.contract.access import fill
from flask_relationships.testing.contract.specification import ROUTES, Route
from tests.hosts.host import Host

UUIDS = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
TIMES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
SECRETS = re.compile(r"calendars/[^/]+\.ics")


def run(host: Host, route: Route) -> tuple[str, dict[str, Any]]:
    """Call a route with the rows that it needs. Returns its operation's id, and the request with its answer."""
    caller = host.person()
    response = caller.ask(route.method, route.path.format(**fill(host, caller)), route.body)
    assert response.status_code == route.status, response.get_data(as_text=True)
    adapter = host.app.url_map.bind("localhost")
    endpoint = str(adapter.match(response.request.path, route.method)[0]).split(".", 1)[1]
    answer = response.get_json() if response.is_json else response.get_data(as_text=True)
    example = {"status": response.status_code, "answer": answer}
    return endpoint.replace(".", "_"), example if route.body is None else {"body": route.body, **example}


def routes_with_examples() -> Iterator[Route]:
    """Every route but the document itself."""
    return (route for route in ROUTES if route.path != "/openapi.json")


def settled(example: dict[str, Any]) -> dict[str, Any]:
    """Return an example with ids, times and secrets that are the same each time it is made."""
    text, ids = json.dumps(example), dict[str, str]()
    text = UUIDS.sub(lambda found: ids.setdefault(found[0], f"01890a5d-ac96-774b-bcce-{len(ids):012x}"), text)
    text = SECRETS.sub("calendars/a-long-secret.ics", TIMES.sub("2026-05-15T09:30:00Z", text))
    found: dict[str, Any] = json.loads(text)
    return found


def members(value: Any) -> Any:
    """Return the names of an answer's members at every depth, without their values."""
    if isinstance(value, dict):
        return {name: members(part) for name, part in value.items()}
    return [members(part) for part in value] if isinstance(value, list) else None


def write() -> None:
    from tests.hosts.ordinary import OrdinaryHost

    host = OrdinaryHost("sqlite://")
    found = {}
    for route in routes_with_examples():
        name, example = run(host, route)
        found[name] = settled(example)
        host.clean()
    EXAMPLES_FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


if __name__ == "__main__":
    write()
