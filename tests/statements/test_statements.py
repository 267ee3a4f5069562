"""How many SQL statements a request takes: the same with three rows as with thirty."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from flask_relationships.testing.contract.access import Ids, unconfirmed, unmatched, waiting
from flask_relationships.testing.contract.specification import ACTION, EVENT, MESSAGE, PARTNER, ROUTES, Route
from tests.hosts.host import Caller, Host
from tests.statements.counting import counted

pytestmark = [pytest.mark.on_hosts("ordinary"), pytest.mark.on_databases("sqlite", "postgresql", "mariadb")]

STATEMENTS = {
    "GET /contacts/{contact}/relationship": 3,
    "PATCH /contacts/{contact}/relationship": 5,
    "GET /contacts/{contact}/life-events": 3,
    "POST /contacts/{contact}/life-events": 7,
    "PATCH /contacts/{contact}/life-events/{event}": 8,
    "DELETE /contacts/{contact}/life-events/{event}": 12,
    "GET /relationship-actions": 2,
    "GET /contacts/{contact}/relationship-actions": 3,
    "POST /contacts/{contact}/relationship-actions": 5,
    "PATCH /relationship-actions/{action}": 9,
    "GET /contacts/{contact}/messages": 3,
    "POST /contacts/{contact}/messages": 9,
    "GET /companies/{company}/partners": 4,
    "POST /companies/{company}/partners": 4,
    "PATCH /companies/{company}/partners/{partner}": 6,
    "DELETE /companies/{company}/partners/{partner}": 5,
    "GET /clients/{company}/relationship-summary": 7,
    "PUT /companies/{company}/client-profile": 4,
    "DELETE /companies/{company}/client-profile": 3,
    "POST /contacts/{contact}/messages/preview": 3,
    "DELETE /contacts/{contact}/messages/{waiting}": 6,
    "PATCH /contacts/{contact}/messages/{unconfirmed}": 7,
    "GET /contacts/{contact}/consent": 4,
    "GET /messages/unmatched": 3,
    "PUT /contacts/{contact}/messages/{message}": 9,  # it looks for a STOP, and the number is reachable
    "POST /relationship-actions/{action}/reopen": 11,
    "PATCH /contacts/{contact}/relationship-actions/{action}": 8,
    "POST /relationship-actions/{action}/snooze": 8,
    "PATCH /relationship-actions": 3,
    "GET /relationship-actions/{action}": 4,
    "GET /relationship-actions/{action}/history": 5,
    "GET /action-centre": 2,
    "GET /contacts/neglected": 2,
    "GET /contacts/{contact}/vcard": 5,
    "GET /calendar-feeds": 2,
    "PUT /calendar-feed": 5,
    "DELETE /calendar-feed": 2,
    "PUT /companies/{company}/calendar-feed": 6,
    "DELETE /companies/{company}/calendar-feed": 3,
    "GET /health": 2,
    "GET /openapi.json": 1,
}
"""The statements of each request, that of the log-in which loads the user included, on every database.

A PATCH of a profile or partner reads the row again: its revision, and what others have changed meanwhile.
"""


def populate(host: Host, api: Caller, rows: int) -> Ids:
    """A client with so many contacts, partners, and rows of every kind of its first contact."""
    company = host.client()
    soon = (host.today() + timedelta(days=30)).isoformat()
    contacts = [host.contact(company=company) for _ in range(rows)]
    ids: Ids = {"company": company, "contact": contacts[0], "message": unmatched(host, contacts[0])}
    for contact in contacts:
        api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
        api.post(f"/contacts/{contact}/life-events", {**EVENT, "event_date": soon})
        api.post(f"/contacts/{contact}/messages", MESSAGE)
        neglect(host, contact)
    for _ in range(rows):
        event = {**EVENT, "event_date": soon, "company_id": company}
        ids["event"] = api.post(f"/contacts/{contacts[0]}/life-events", event)["event"]["id"]
        ids["action"] = api.post(f"/contacts/{contacts[0]}/relationship-actions", ACTION)["action"]["id"]
        ids["partner"] = api.post(f"/companies/{company}/partners", PARTNER)["partner"]["id"]
        api.post(f"/contacts/{contacts[0]}/messages", MESSAGE)
    ids["waiting"] = waiting(host, contacts[0])
    ids["unconfirmed"] = unconfirmed(host, contacts[0])
    return ids


def neglect(host: Host, contact: str) -> None:
    """Let somebody have wanted to be in touch since long ago."""
    profile = host.row("Profile", contact_id=contact)["id"]
    host.change(host.models.Profile, profile, cadence_days=1, in_touch_due_day=700_000, in_touch_remind_day=700_000)


def test_the_number_is_a_constant(host: Host, api: Caller) -> None:
    few, many = populate(host, api, 3), populate(host, api, 30)

    def statements(route: Route, ids: Ids, **query: Any) -> int:
        later = host.state.clock() + timedelta(hours=1)  # within one second, a change of the time of change is none
        with host.clock_at(later), counted(host.app) as found:
            response = api.ask(route.method, route.path.format(**ids), route.body, query_string=query)
        assert response.status_code < 300, (str(route), response.get_data(as_text=True))
        return len(found)

    for route in ROUTES:  # once over all of them, so that nothing is done for the first time below
        if route.method == "GET":
            statements(route, few)
    pages = {str(route): statements(route, many, limit=2) for route in ROUTES if is_paged(route)}
    assert len(pages) == 10
    assert pages.items() <= STATEMENTS.items()
    assert {str(route): statements(route, many) for route in ROUTES} == STATEMENTS
    assert {str(route): statements(route, few) for route in ROUTES} == STATEMENTS


def is_paged(route: Route) -> bool:
    """Return whether a route takes ``limit``."""
    lists = ("life-events", "relationship-actions", "messages", "unmatched", "consent", "partners", "neglected")
    return route.method == "GET" and route.path.endswith((*lists, "history", "action-centre"))


def test_the_first_reading_of_a_profile(host: Host, api: Caller) -> None:
    """It inserts the profile and the host's number, commits and reads back; the second only reads."""
    contact = host.contact()
    with counted(host.app) as first:
        api.get(f"/contacts/{contact}/relationship")
    with counted(host.app) as second:
        api.get(f"/contacts/{contact}/relationship")
    assert len(second) < len(first) <= len(second) + 8


def test_what_sending_takes_beyond_that(make_host: Callable[..., Host]) -> None:
    """WhatsApp asks whether its window is open, a limit takes two statements, all else nothing."""
    usual = STATEMENTS["POST /contacts/{contact}/messages"]

    def statements(body: dict[str, str], **config: Any) -> int:
        host = make_host(**config)
        api, contact = host.person(), host.contact()
        api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
        api.post(f"/contacts/{contact}/messages", body)
        with counted(host.app) as found:
            api.post(f"/contacts/{contact}/messages", body)
        host.clean()
        return len(found)

    assert statements(MESSAGE) == usual
    assert statements({**MESSAGE, "channel": "whatsapp"}) == usual + 1
    assert statements(MESSAGE, RELATIONSHIPS_MESSAGES_PER_USER="9 per day") == usual + 2
    everything = {f"RELATIONSHIPS_MESSAGES_PER_{scope}": "9 per day" for scope in ("USER", "CONTACT", "APPLICATION")}
    assert statements(MESSAGE, **everything) == usual + 6
    others = {"RELATIONSHIPS_COUNTRIES": "GB", "RELATIONSHIPS_QUIET_HOURS": "02:00-03:00"}
    assert statements(MESSAGE, **others, RELATIONSHIPS_WHATSAPP_WINDOW="enforce") == usual
