"""What concerns a company: its partners, its client profile, and the summary of a client."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ..caller import Caller
from ..host import ContractHost, Row
from .specification import ACTION, EVENT, MESSAGE, NO_ROW_OF_OURS, PARTNER

OPTIONAL = {
    "partner_contact_name": "Luigi Menabrea",
    "partner_contact_email": "luigi@example.com",
    "relationship_type": "supplier",
    "estimated_deal_size": 125000.5,
    "notes": "Met in Turin.",
}
FIELDS = {"id", "revision", "company_id", "contact_id", "created_at", "updated_at", *PARTNER, *OPTIONAL}


def address(company: str, partner: str = "") -> str:
    return f"/companies/{company}/partners" + (f"/{partner}" if partner else "")


def create(api: Caller, company: str, **fields: Any) -> Row:
    partner: Row = api.post(address(company), {**PARTNER, **fields})["partner"]
    return partner


class PartnerContract:
    def test_a_partner_needs_only_the_company_s_name(self, api: Caller, company: str) -> None:
        """Required: partner_company_name. Response: { partner } (201)."""
        answer = api.post(address(company), PARTNER)
        assert set(answer) == {"partner"}
        assert set(answer["partner"]) == FIELDS
        assert (PARTNER | {"company_id": company}).items() <= answer["partner"].items()
        assert {answer["partner"][name] for name in (*OPTIONAL, "contact_id")} == {None}

    def test_every_field_of_a_partner_is_kept(self, api: Caller, company: str, contact: str) -> None:
        partner = create(api, company, **OPTIONAL, contact_id=contact)
        assert (PARTNER | OPTIONAL | {"contact_id": contact}).items() <= partner.items()
        assert api.get(address(company)) == {"partners": [partner]}

    def test_partners_come_by_name(self, api: Caller, host: ContractHost, company: str) -> None:
        for name in ("Turin Works", "Difference Engines", "Mechanical Looms"):
            create(api, company, partner_company_name=name)
        create(api, host.client("Another"), partner_company_name="Not here")
        found = [partner["partner_company_name"] for partner in api.get(address(company))["partners"]]
        assert found == ["Difference Engines", "Mechanical Looms", "Turin Works"]

    def test_every_field_of_a_partner_may_be_changed(self, api: Caller, company: str, contact: str) -> None:
        """Body fields (all optional). Response: { partner }."""
        partner = create(api, company)
        for name, value in {"partner_company_name": "Looms", **OPTIONAL, "contact_id": contact}.items():
            answer = api.patch(address(company, partner["id"]), {name: value})
            assert set(answer) == {"partner"}
            assert answer["partner"][name] == value
        cleared = dict.fromkeys([*OPTIONAL, "contact_id"])
        partner = api.patch(address(company, partner["id"]), cleared)["partner"]
        assert cleared.items() <= partner.items()

    def test_a_partner_s_contact_that_is_not_there(self, api: Caller, host: ContractHost, company: str) -> None:
        problem = api.post(address(company), {**PARTNER, "contact_id": host.absent_id()}, 422)
        assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
            ("#/contact_id", "unknown_reference")
        ]

    def test_a_deleted_partner_is_gone(self, api: Caller, company: str) -> None:
        """Response: { ok: true }."""
        partner, other = create(api, company), create(api, company)
        assert api.delete(address(company, partner["id"])) == {"ok": True}
        assert [left["id"] for left in api.get(address(company))["partners"]] == [other["id"]]
        assert api.delete(address(company, partner["id"]), 404)["code"] == "not_found"

    def test_only_a_client_has_partners(self, api: Caller, host: ContractHost) -> None:
        """The company must have a client_profiles record."""
        company = host.company(host.new_company_name())
        for method, path, body in [
            ("GET", "", None),
            ("POST", "", PARTNER),
            ("PATCH", NO_ROW_OF_OURS, {"notes": "x"}),
            ("DELETE", NO_ROW_OF_OURS, None),
        ]:
            response = api.ask(method, address(company, path), body)
            assert (response.status_code, response.get_json()["code"]) == (404, "not_a_client")

    def test_a_company_becomes_a_client_and_ceases_to_be_one(self, api: Caller, host: ContractHost) -> None:
        company = host.company(host.new_company_name())
        path = f"/companies/{company}/client-profile"
        if host.has_own_client_profiles:
            assert api.put(path, 404)["code"] == "client_profiles_elsewhere"
            return
        first = api.put(path, 201)
        assert first["client_profile"]["company_id"] == company
        assert api.put(path, 200) == first
        partner = create(api, company)
        assert api.delete(path) == {"ok": True}
        assert api.get(address(company), 404)["code"] == "not_a_client"
        api.put(path, 201)
        assert api.get(address(company))["partners"] == [partner]

    def test_without_companies_their_routes_say_so(self, api: Caller, host: ContractHost) -> None:
        if host.has_companies:
            pytest.skip(f"{host.name} has companies")
        for method, path, body in [
            ("GET", "/companies/1/partners", None),
            ("POST", "/companies/1/partners", PARTNER),
            ("PATCH", "/companies/1/partners/1", {"notes": "x"}),
            ("DELETE", "/companies/1/partners/1", None),
            ("PUT", "/companies/1/client-profile", None),
            ("DELETE", "/companies/1/client-profile", None),
            ("GET", "/clients/1/relationship-summary", None),
        ]:
            response = api.ask(method, path, body)
            assert (response.status_code, response.get_json()["code"]) == (404, "companies_not_mapped")


def summary(api: Caller, company: str) -> Row:
    found: Row = api.get(f"/clients/{company}/relationship-summary")
    return found


def add_event(api: Caller, contact: str, title: str, **fields: Any) -> Row:
    event: Row = api.post(f"/contacts/{contact}/life-events", {**EVENT, "title": title, **fields})["event"]
    return event


class SummaryContract:
    def test_a_summary_has_five_parts(self, api: Caller, host: ContractHost, company: str) -> None:
        """Response: { contacts, events, actions, partners, messages }."""
        nothing: Row = {"contacts": [], "events": [], "actions": [], "partners": [], "messages": []}
        assert summary(api, company) == nothing
        assert summary(api, host.company("Not a client")) == nothing

    def test_a_summary_s_contacts_with_their_preferences(self, api: Caller, host: ContractHost, company: str) -> None:
        """Contacts with communication preferences: null without a profile."""
        ada = host.contact("Ada", "Lovelace", "ada@example.com", company=company)
        mary = host.contact("Mary", "Somerville", "mary@example.com", company=company)
        host.contact("Somebody", "Else")
        preferences = {
            "communication_preference": "evenings",
            "communication_notes": "Calls back.",
            "preferred_name": "Ada",
            "twilio_opt_in": True,
        }
        api.patch(f"/contacts/{ada}/relationship", preferences)
        found = {contact["id"]: contact for contact in summary(api, company)["contacts"]}
        nothing = dict.fromkeys([*preferences, "next_event", "last_contact"])
        mapped = "email" in host.state.hosts.contact.fields
        ada_is = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com" if mapped else None}
        mary_is = {"first_name": "Mary", "last_name": "Somerville", "email": "mary@example.com" if mapped else None}
        assert found == {
            ada: {"id": ada, **ada_is, **nothing, **preferences},
            mary: {"id": mary, **mary_is, **nothing},
        }
        assert len(host.rows("Profile")) == 1, "reading a summary creates no profile"

    def test_a_summary_s_upcoming_events_and_every_annual_one(
        self, api: Caller, host: ContractHost, company: str
    ) -> None:
        """Upcoming events (next 90 days + recurring), by next occurrence."""
        ada = host.contact("Ada", "Lovelace", company=company)
        window = host.state.settings.upcoming_days

        def on(days: int) -> str:
            return (host.today() + timedelta(days=days)).isoformat()

        add_event(api, ada, "the last day", event_date=on(window))
        add_event(api, ada, "today", event_date=on(0))
        add_event(api, ada, "yesterday", event_date=on(-1))
        add_event(api, ada, "too late", event_date=on(window + 1))
        add_event(api, ada, "undated")
        yearly = (host.today() + timedelta(days=200)).replace(day=10).strftime("1990-%m-%d")
        annual = add_event(api, ada, "every year", event_date=yearly, recurs_annually=True)
        events = summary(api, company)["events"]
        assert sorted(event["title"] for event in events) == ["every year", "the last day", "today"]
        assert [event["next_occurrence"] for event in events] == sorted(event["next_occurrence"] for event in events)
        found = next(event for event in events if event["id"] == annual["id"])
        assert {**annual, "first_name": "Ada", "last_name": "Lovelace"}.items() <= found.items()
        (contact,) = summary(api, company)["contacts"]
        assert contact["next_event"]["title"] == "today"

    def test_a_summary_has_pending_actions_of_all_users(self, api: Caller, host: ContractHost, company: str) -> None:
        inside, outside = host.contact(company=company), host.contact("Mary", "Somerville")
        other = host.person()
        path = "/contacts/{}/relationship-actions"
        for title, contact, fields in [
            ("linked", inside, {"assigned_to_user_id": other.id, "due_date": "2031-01-01"}),
            ("named", outside, {"company_id": company, "due_date": "2030-01-01"}),
            ("another's", outside, {}),
            ("done", inside, {}),
        ]:
            action = api.post(path.format(contact), {**ACTION, "title": title, **fields})["action"]
            if title == "done":
                api.patch(f"/relationship-actions/{action['id']}", {"status": "done"})
        assert [action["title"] for action in summary(api, company)["actions"]] == ["named", "linked"]

    def test_the_summary_of_a_company_that_is_no_longer_a_client_shows_no_partners(
        self, api: Caller, host: ContractHost, company: str
    ) -> None:
        partner = create(api, company)
        assert summary(api, company)["partners"] == [partner]
        if host.has_own_client_profiles:
            host.lacks("way to end a client profile through the API")
        api.delete(f"/companies/{company}/client-profile")
        assert summary(api, company)["partners"] == []
        api.put(f"/companies/{company}/client-profile", 201)
        assert summary(api, company)["partners"] == [partner]

    def test_a_summary_s_partners_and_last_messages(self, api: Caller, host: ContractHost, company: str) -> None:
        """Partners, and recent messages (last 10)."""
        partner = create(api, company)
        ada = host.contact(company=company)
        api.patch(f"/contacts/{ada}/relationship", {"twilio_opt_in": True, "phone_number": "+44 20 7946 0018"})
        most = host.state.settings.recent_messages
        for number in range(most + 1):
            api.post(f"/contacts/{ada}/messages", {**MESSAGE, "body": str(number)})
        found = summary(api, company)
        assert found["partners"] == [partner]
        assert [message["body"] for message in found["messages"]] == [str(n) for n in range(most, 0, -1)]
