"""The summary of a company as a function of a context."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_relationships.domain.actions import service as actions
from flask_relationships.domain.life_events import service as life_events
from flask_relationships.domain.partners import service as partners
from flask_relationships.domain.summary import queries as summary

from .office import MODELS, NOW, TODAY, Contact, Office, plain, titles


def event(office: Office, contact: Contact, title: str, day: date) -> Any:
    values = {"event_type": "birthday", "title": title, "event_date": day, "recurs_annually": True}
    values |= {"auto_action_days_before": 7, "auto_action_enabled": False}
    return life_events.create(office.ctx, office.row(contact), values, user=None)


def test_a_summary_holds_what_concerns_the_company(office: Office) -> None:
    company, other = office.company(), office.company("Other")
    grace, stranger = office.contact(company_id=company.id), office.contact(company_id=other.id)
    event(office, grace, "In July", date(1990, 7, 1))
    event(office, grace, "Leap day", date(1988, 2, 29))
    event(office, stranger, "Elsewhere", date(1990, 7, 1))
    values = {"action_type": "call", "status": "pending", "source": "manual"}
    actions.add(office.ctx, {"contact_id": grace.id, "title": "Call", **values}, now=NOW)
    actions.add(
        office.ctx, {"contact_id": stranger.id, "company_id": company.id, "title": "Names it", **values}, now=NOW
    )
    partners.create_client(office.ctx, company.id, NOW)
    partners.create(office.ctx, {"company_id": company.id, "partner_company_name": "Zuse"}, NOW)
    office.add(
        MODELS.Message(
            contact_id=grace.id, direction="inbound", channel="sms", body="Hi", status="received", created_at=NOW
        )
    )

    found = summary.read(office.seen_by(office.user()), company.id, TODAY)

    assert titles(found.events) == ["In July", "Leap day"]
    assert [row["next_occurrence"] for row in plain(found.events)] == [date(2026, 7, 1), date(2027, 2, 28)]
    assert sorted(titles(found.actions)) == ["Call", "Names it"]
    assert [row["partner_company_name"] for row in plain(found.partners)] == ["Zuse"]
    assert [row["body"] for row in plain(found.messages)] == ["Hi"]
    (contact,) = plain(found.contacts)
    assert (contact["id"], contact["next_event"]["title"], contact["last_contact"]) == (grace.id, "In July", None)


def test_a_summary_shows_nobody_of_another_tenant(office: Office) -> None:
    company = office.company()
    hidden = office.contact(company_id=company.id, tenant_id=2)
    event(office, hidden, "Hidden", date(1990, 7, 1))

    found = summary.read(office.seen_by(office.user()), company.id, TODAY)
    assert [len(rows.rows) for rows in found] == [0, 0, 0, 0, 0]


def test_events_of_inactive_contacts_are_left_out(office: Office) -> None:
    company = office.company()
    event(office, office.contact(company_id=company.id, is_active=False), "Gone", date(1990, 7, 1))
    found = summary.read(office.ctx, company.id, TODAY)
    assert titles(found.events) == []
    assert len(found.contacts.rows) == 1
