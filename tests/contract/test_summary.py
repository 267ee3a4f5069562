"""GET /clients/:companyId/relationship-summary."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from flask_relationships.testing.contract.specification import ACTION, EVENT, MESSAGE, PARTNER
from tests.hosts.host import Caller, Host, Row

pytestmark = pytest.mark.hosts("ordinary", "peculiar", "documented")


def summary(api: Caller, company: str) -> Row:
    found: Row = api.get(f"/clients/{company}/relationship-summary")
    return found


@pytest.fixture
def company(host: Host) -> str:
    return host.client()


def add_event(api: Caller, contact: str, title: str, **fields: Any) -> Row:
    event: Row = api.post(f"/contacts/{contact}/life-events", {**EVENT, "title": title, **fields})["event"]
    return event


def test_its_five_parts(api: Caller, company: str) -> None:
    """Response: { contacts, events, actions, partners, messages }."""
    assert summary(api, company) == {
        "contacts": [],
        "events": [],
        "actions": [],
        "partners": [],
        "messages": [],
    }


def test_any_visible_company_has_one(api: Caller, host: Host) -> None:
    assert summary(api, host.company("Not a client"))["partners"] == []


def test_contacts_with_their_communication_preferences(api: Caller, host: Host, company: str) -> None:
    """Contacts with communication preferences: null without a profile."""
    ada = host.contact("Ada", "Lovelace", "ada@example.com", company=company)
    mary = host.contact("Mary", "Somerville", None, company=company)
    host.contact("Somebody", "Else")
    preferences = {
        "communication_preference": "evenings",
        "communication_notes": "Calls back.",
        "preferred_name": "Ada",
        "twilio_opt_in": True,
    }
    api.patch(f"/contacts/{ada}/relationship", preferences)
    found = {contact["id"]: contact for contact in summary(api, company)["contacts"]}
    nothing = dict.fromkeys([*preferences, "next_event"])
    assert found == {
        ada: {
            "id": ada,
            "first_name": "Ada",
            "last_name": "Lovelace",
            "email": "ada@example.com",
            **nothing,
            **preferences,
        },
        mary: {"id": mary, "first_name": "Mary", "last_name": "Somerville", "email": None, **nothing},
    }
    assert len(host.rows("Profile")) == 1, "reading a summary creates no profile"


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


def test_upcoming_events_and_every_annual_one(api: Caller, host: Host, company: str) -> None:
    """Upcoming events (next 90 days + recurring), by next occurrence."""
    ada = host.contact(company=company)

    def on(days: int) -> str:
        return (host.today() + timedelta(days=days)).isoformat()

    add_event(api, ada, "in 90 days", event_date=on(90))
    add_event(api, ada, "today", event_date=on(0))
    add_event(api, ada, "yesterday", event_date=on(-1))
    add_event(api, ada, "in 91 days", event_date=on(91))
    add_event(api, ada, "undated")
    annual = add_event(api, ada, "in 200 days, every year", event_date=f"1990-{on(200)[5:]}", recurs_annually=True)
    events = summary(api, company)["events"]
    assert [event["title"] for event in events] == ["today", "in 90 days", "in 200 days, every year"]
    assert annual.items() <= events[-1].items()
    assert (events[0]["first_name"], events[0]["last_name"]) == ("Ada", "Lovelace")


def test_the_horizon_is_configured(make_host: Any) -> None:
    host = make_host(RELATIONSHIPS_UPCOMING_DAYS=5)
    company, api = host.client(), host.person()
    contact = host.contact(company=company)
    for days in (5, 6):
        add_event(api, contact, str(days), event_date=(host.today() + timedelta(days=days)).isoformat())
    assert [event["title"] for event in summary(api, company)["events"]] == ["5"]


def test_pending_actions(api: Caller, host: Host, company: str) -> None:
    """Pending actions, soonest due first, of whomever they are."""
    ada, other = host.contact(company=company), host.person()
    for title, due, status in [("b", "2031-01-01", None), ("a", "2030-01-01", None), ("done", None, "done")]:
        action = api.post(
            f"/contacts/{ada}/relationship-actions",
            {**ACTION, "title": title, "due_date": due, "assigned_to_user_id": other.id},
        )["action"]
        if status:
            api.patch(f"/relationship-actions/{action['id']}", {"status": status})
    actions = summary(host.person("view", level="member"), company)["actions"]
    assert [action["title"] for action in actions] == ["a", "b"]
    assert (actions[0]["first_name"], actions[0]["assigned_to_name"]) == ("Ada", other.name)


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


def test_partners(api: Caller, company: str) -> None:
    partner = api.post(f"/companies/{company}/partners", PARTNER)["partner"]
    assert summary(api, company)["partners"] == [partner]


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


@pytest.mark.hosts("peculiar")
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
