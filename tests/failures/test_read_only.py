"""A database that only reads, such as a standby, is a database that cannot take this now: 503 with Retry-After."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships.testing.contract.specification import ROUTES
from tests.hosts.host import Caller, Host

pytestmark = pytest.mark.on_hosts("ordinary")

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


def test_every_route_that_reads_answers(host: Host, api: Caller) -> None:
    """Also a list that would refresh an auto-action which is due."""
    company = host.client()
    contact = host.contact(company=company)
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    event = {"event_type": "visit", "title": "Visit", "event_date": host.today().isoformat()}
    action = api.post(f"/contacts/{contact}/life-events", {**event, "auto_action_days_before": 0})["event"]
    ids = {"contact": contact, "company": company, "action": action["open_action_id"]}
    host.change(host.models.Action, ids["action"], title="Visit of yesterday")
    with read_only(host):
        for route in ROUTES:
            if route.method != "GET" or not names(route.path) <= ids.keys():
                continue
            answer = api.ask("GET", route.path.format(**ids))
            assert answer.status_code == 200, str(route)
            if "Visit" in answer.get_data(as_text=True) and "actions" in route.path:
                assert "Visit of yesterday" in answer.get_data(as_text=True), str(route)
    (shown,) = api.get(f"/contacts/{contact}/relationship-actions")["actions"]
    assert shown["title"] == "Visit", "the first list that can write refreshes it"


def names(path: str) -> set[str]:
    return {part.strip("{}") for part in path.split("/") if part.startswith("{")}
