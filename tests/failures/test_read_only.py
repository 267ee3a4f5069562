"""A database that only reads, such as a standby, is a database that cannot take this now: 503 with Retry-After."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships.testing.contract.specification import ROUTES
from tests.hosts.host import Caller, Host

pytestmark = pytest.mark.hosts("ordinary")

READ_ONLY = {
    "sqlite": "PRAGMA query_only=ON",
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "SET TRANSACTION READ ONLY",
}


@contextmanager
def read_only(host: Host) -> Iterator[None]:
    with host.app.app_context():
        engine = host.db.engine
    statement = READ_ONLY[engine.dialect.name]

    def begin(connection: Any) -> None:
        connection.exec_driver_sql(statement)

    sa.event.listen(engine, "begin", begin)
    try:
        yield
    finally:
        sa.event.remove(engine, "begin", begin)
        engine.dispose()


def test_every_route_that_writes_is_503(host: Host, api: Caller, contact: str) -> None:
    opted_in = host.contact()
    api.patch(f"/contacts/{opted_in}/relationship", {"twilio_opt_in": True})
    event = api.post(f"/contacts/{opted_in}/life-events", {"event_type": "visit", "title": "Visit"})["event"]
    company = host.client()
    partner = api.post(f"/companies/{company}/partners", {"partner_company_name": "Difference Engines"})["partner"]
    ids = {"contact": opted_in, "company": company, "event": event["id"], "partner": partner["id"]}
    ids["action"] = event["open_action_id"]
    routes = [route for route in ROUTES if route.method != "GET" and names(route.path) <= ids.keys()]
    with read_only(host):
        for route in routes:
            nothing = route.path.endswith(("/preview", "/reopen")) or route.path == "/relationship-actions"
            answer = api.ask(route.method, route.path.format(**ids), route.body, headers={"X-Requested-With": "test"})
            if nothing:  # nothing is written: it reads, or finds that there is nothing to do
                continue
            assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "1"), str(route)
            assert answer.json["code"] == "database_unavailable"
        first = api.ask("GET", f"/contacts/{contact}/relationship")
        assert (first.status_code, first.headers.get("Retry-After")) == (503, "1")
        assert api.ask("GET", f"/contacts/{opted_in}/relationship").status_code == 200


def names(path: str) -> set[str]:
    return {part.strip("{}") for part in path.split("/") if part.startswith("{")}
