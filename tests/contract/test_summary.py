"""GET /clients/:companyId/relationship-summary."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from flask_relationships.testing.contract.specification import ACTION, EVENT, MESSAGE
from tests.hosts.host import Caller, Host, Row

pytestmark = pytest.mark.on_hosts("ordinary", "peculiar", "documented")


def summary(api: Caller, company: str) -> Row:
    found: Row = api.get(f"/clients/{company}/relationship-summary")
    return found


@pytest.fixture
def company(host: Host) -> str:
    return host.client()


def add_event(api: Caller, contact: str, title: str, **fields: Any) -> Row:
    event: Row = api.post(f"/contacts/{contact}/life-events", {**EVENT, "title": title, **fields})["event"]
    return event


def test_the_next_event_of_a_contact(api: Caller, host: Host, company: str) -> None:
    ada = host.contact(company=company)
    soon, later = (host.today() + timedelta(days=days) for days in (10, 20))
    add_event(api, ada, "later", event_date=later.isoformat())
    event = add_event(api, ada, "soon", event_date=f"1990-{soon:%m-%d}", recurs_annually=True)
    (contact,) = summary(api, company)["contacts"]
    assert contact["next_event"] == {
        "id": event["id"],
        "title": "soon",
        "event_type": event["event_type"],
        "next_occurrence": soon.isoformat(),
        "days_until": 10,
    }


def test_the_horizon_is_configured(make_host: Any) -> None:
    host = make_host(RELATIONSHIPS_UPCOMING_DAYS=5)
    company, api = host.client(), host.person()
    contact = host.contact(company=company)
    for days in (5, 6):
        add_event(api, contact, str(days), event_date=(host.today() + timedelta(days=days)).isoformat())
    assert [event["title"] for event in summary(api, company)["events"]] == ["5"]


def test_rows_of_others_that_name_the_company(api: Caller, host: Host, company: str) -> None:
    """Both of the contacts linked to the company now, and those that name the company, once each."""
    inside, outside = host.contact(company=company), host.contact("Mary", "Somerville")
    soon = (host.today() + timedelta(days=5)).isoformat()
    for contact in (inside, outside):
        for named in ({"company_id": company}, {}):
            add_event(api, contact, f"{contact} {named}", event_date=soon, auto_action_enabled=False, **named)
            api.post(
                f"/contacts/{contact}/relationship-actions",
                {**ACTION, "title": f"{contact} {named}", **named},
            )
    found = summary(api, company)
    seen = [(inside, {}), (inside, {"company_id": company}), (outside, {"company_id": company})]
    expected = sorted(f"{contact} {named}" for contact, named in seen)
    assert sorted(event["title"] for event in found["events"]) == expected
    assert sorted(action["title"] for action in found["actions"]) == expected


@pytest.mark.parametrize("most", [10, 3])
def test_the_last_messages(make_host: Any, most: int) -> None:
    """Recent messages (last 10), newest first, of all its contacts."""
    host = make_host(**({} if most == 10 else {"RELATIONSHIPS_RECENT_MESSAGES": most}))
    company, api = host.client(), host.person()
    contacts = [host.contact(company=company) for _ in range(3)]
    stranger = host.contact("Somebody", "Else")
    for contact in (*contacts, stranger):
        api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    api.post(f"/contacts/{stranger}/messages", MESSAGE)
    sent = [
        api.post(f"/contacts/{contacts[number % 3]}/messages", {**MESSAGE, "body": f"Number {number}"})["message"]
        for number in range(12)
    ]
    messages = summary(api, company)["messages"]
    assert [message["id"] for message in messages] == [message["id"] for message in reversed(sent)][:most]
    assert sent[-1].items() <= messages[0].items()


@pytest.mark.on_hosts("peculiar")
@pytest.mark.parametrize("fate", ["hide_contact", "delete_contact"])
def test_of_contacts_that_may_not_be_seen_there_is_nothing(host: Host, api: Caller, company: str, fate: str) -> None:
    contact = host.contact(company=company)
    soon = (host.today() + timedelta(days=5)).isoformat()
    add_event(api, contact, "event", event_date=soon, company_id=company)
    api.post(f"/contacts/{contact}/relationship-actions", {**ACTION, "company_id": company})
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    api.post(f"/contacts/{contact}/messages", MESSAGE)
    assert all(summary(api, company)[part] for part in ("contacts", "events", "actions", "messages"))
    getattr(host, fate)(contact)
    assert set(map(len, summary(api, company).values())) == {0}
