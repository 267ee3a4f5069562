"""The stops of the tour, in order: what each of three people asks for, and what must come of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ..clock import today
from ..sample_data import PASSWORD
from ..sample_data.names import USERS
from ..sample_data.people import email_of
from .browser import Browser
from .guide import Guide

CONTACT, OTHER_CONTACT, COMPANY = "1", "2", "1"
"""The first contact, company and client of the sample data."""


def take_all_stops(guide: Guide) -> None:
    guide.chapter("Three people log in")
    executive, manager, consultant = (
        guide.welcome(email_of(next(name for name, of, _ in USERS if of == level)), PASSWORD)
        for level in ("executive", "manager", "consultant")
    )
    guide.chapter("The manager looks up a contact and corrects the profile")
    see_the_profile(guide, manager)
    guide.chapter("A life event, with a follow-up that comes by itself and moves along")
    event = keep_a_life_event(guide, manager)
    guide.chapter("Follow-ups by hand")
    close_a_follow_up(guide, manager)
    guide.chapter("A message that completes a follow-up")
    send_a_message(guide, manager, event)
    guide.chapter("The partners of a client, and the client at a glance")
    partner = keep_partners(guide, manager)
    guide.chapter("Whose follow-ups each of the three sees")
    compare_scopes(guide, executive, manager, consultant)
    guide.chapter("What is refused")
    be_refused(guide, consultant, event, partner)
    guide.chapter("The manager may delete")
    delete_both(guide, manager, event, partner)


def see_the_profile(guide: Guide, manager: Browser) -> None:
    route = "/contacts/:id/relationship"
    shown = guide.visit(manager, "GET", route, None, CONTACT)
    guide.check(shown.get("twilio_connected") is True, "messages can be sent (to the console)")
    change = {
        "preferred_name": "Ada",
        "interests": ["sailing", "jazz"],
        "birthday": "12-05",
        "twilio_opt_in": True,
    }
    profile = guide.visit(manager, "PATCH", route, change, CONTACT).get("profile", {})
    guide.check({name: profile.get(name) for name in change} == change, "the profile says what was sent")


def keep_a_life_event(guide: Guide, manager: Browser) -> str:
    route, soon = "/contacts/:id/life-events", today() + timedelta(days=30)
    guide.visit(manager, "GET", route, None, CONTACT)
    new = {
        "event_type": "promotion",
        "title": "Promoted to Managing Director",
        "event_date": soon.isoformat(),
    }
    event = guide.visit(manager, "POST", route, new, CONTACT).get("event", {})
    guide.check(event.get("open_action_id") is not None, "the event came with a follow-up")
    later = {"event_date": (soon + timedelta(days=10)).isoformat(), "auto_action_days_before": 14}
    event_id = str(event.get("id"))
    moved = guide.visit(manager, "PATCH", f"{route}/:eventId", later, CONTACT, event_id).get("event", {})
    guide.check(moved.get("open_action_id") == event.get("open_action_id"), "the same follow-up moved along")
    return event_id


def close_a_follow_up(guide: Guide, manager: Browser) -> None:
    new = {
        "title": "Send the book about lighthouses",
        "action_type": "gift",
        "due_date": (today() + timedelta(days=3)).isoformat(),
    }
    action = guide.visit(manager, "POST", "/contacts/:id/relationship-actions", new, CONTACT).get("action", {})
    guide.check(action.get("assigned_to_name") == manager_name(), "it is assigned to the user who added it")
    done = guide.visit(manager, "PATCH", "/relationship-actions/:id", {"status": "done"}, str(action.get("id")))
    guide.check(done.get("action", {}).get("completed_at") is not None, "it is done, and says since when")


def send_a_message(guide: Guide, manager: Browser, event: str) -> None:
    actions = guide.visit(manager, "GET", "/contacts/:id/relationship-actions", None, CONTACT).get("actions", [])
    mine: dict[str, Any] = next((action for action in actions if action["life_event_id"] == event), {})
    guide.visit(manager, "GET", "/contacts/:id/messages", None, CONTACT)
    message = {
        "channel": "whatsapp",
        "body": "Congratulations, Managing Director!",
        "auto_action_id": mine.get("id"),
    }
    sent = guide.visit(manager, "POST", "/contacts/:id/messages", message, CONTACT).get("message", {})
    guide.check(sent.get("provider_sid") is not None, "the transport accepted it")
    actions = guide.visit(manager, "GET", "/contacts/:id/relationship-actions", None, CONTACT).get("actions", [])
    status = next((action["status"] for action in actions if action["id"] == mine.get("id")), None)
    guide.check(status == "done", "the follow-up it was linked to is done")


def keep_partners(guide: Guide, manager: Browser) -> str:
    route = "/companies/:id/partners"
    guide.visit(manager, "GET", route, None, COMPANY)
    new = {
        "partner_company_name": "Lighthouse & Daughters",
        "relationship_type": "Supplier",
        "contact_id": CONTACT,
    }
    partner = str(guide.visit(manager, "POST", route, new, COMPANY).get("partner", {}).get("id"))
    change = {"estimated_deal_size": 120000, "partner_contact_email": "ida@lighthouse-daughters.example"}
    changed = guide.visit(manager, "PATCH", f"{route}/:partnerId", change, COMPANY, partner).get("partner", {})
    guide.check(changed.get("estimated_deal_size") == 120000, "the deal is what was sent")
    summary = guide.visit(manager, "GET", "/clients/:companyId/relationship-summary", None, COMPANY)
    guide.check(partner in [known["id"] for known in summary.get("partners", [])], "the summary knows the partner")
    return partner


def compare_scopes(guide: Guide, *people: Browser) -> None:
    seen: list[set[Any]] = []
    for level, browser in zip(("executive", "manager", "consultant"), people, strict=True):
        actions = guide.visit(browser, "GET", "/relationship-actions").get("actions", [])
        assignees = {action["assigned_to_name"] for action in actions}
        seen.append({action["id"] for action in actions})
        guide.check(bool(actions), f"the {level} sees {len(actions)} follow-ups of {len(assignees)} people")
    guide.check(seen[0] > seen[1] > seen[2], "each level sees less than the one above it")


def be_refused(guide: Guide, consultant: Browser, event: str, partner: str) -> None:
    one_event, one_partner = "/contacts/:id/life-events/:eventId", "/companies/:id/partners/:partnerId"
    messages, profile = "/contacts/:id/messages", "/contacts/:id/relationship"
    text = {"channel": "sms", "body": "Hello!"}
    guide.refused(consultant, "DELETE", one_event, None, CONTACT, event, status=403, code="forbidden")
    guide.refused(consultant, "DELETE", one_partner, None, COMPANY, partner, status=403, code="forbidden")
    consultant.call("PATCH", f"/api/relationships/contacts/{OTHER_CONTACT}/relationship", {"twilio_opt_in": False})
    guide.refused(consultant, "POST", messages, text, OTHER_CONTACT, status=403, code="not_opted_in")
    wrong = {"birthday": "31 February", "twilio_opt_in": "yes", "nickname": "Sam"}
    guide.refused(consultant, "PATCH", profile, wrong, CONTACT, status=422, code="validation_failed")
    guide.refused(consultant, "GET", profile, None, "999999", status=404, code="not_found")
    guide.refused(consultant, "PATCH", profile, {}, CONTACT, status=400, code="http_400", with_token=False)
    guide.refused(guide.stranger(), "GET", profile, None, CONTACT, status=401, code="not_authenticated")


def delete_both(guide: Guide, manager: Browser, event: str, partner: str) -> None:
    guide.visit(manager, "DELETE", "/contacts/:id/life-events/:eventId", None, CONTACT, event)
    guide.visit(manager, "DELETE", "/companies/:id/partners/:partnerId", None, COMPANY, partner)


def manager_name() -> str:
    return next(name for name, level, _ in USERS if level == "manager")
