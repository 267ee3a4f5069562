"""The routes of the API, written down from the document that asked for them and not read from the package.

Permissions, bodies and statuses here are what the package is held to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PROFILE_FIELDS = {
    "communication_preference": "evenings",
    "communication_notes": "Calls back the same day.",
    "personal_notes": "Plays the cello.",
    "birthday": "05-15",
    "birthday_year": 1990,
    "home_address": "12 St James's Square, London",
    "interests": ["mathematics", "horses"],
    "dietary_requirements": "vegetarian",
    "preferred_name": "Ada",
    "assistant_name": "Charles",
    "assistant_email": "charles@example.com",
    "phone_number": "+44 7911 123456",
    "whatsapp_number": "+1 202 555 0123",
    "twilio_opt_in": True,
}
"""The fourteen fields of a profile, each with a value it accepts."""


@dataclass(frozen=True)
class Route:
    """One route. ``path`` names the rows it needs in braces; ``body`` is the smallest that is accepted."""

    method: str
    path: str
    permission: str
    status: int = 200
    body: Any = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


EVENT = {"event_type": "birthday", "title": "Birthday"}
ACTION = {"title": "Send a card", "action_type": "card"}
MESSAGE = {"channel": "sms", "body": "Many happy returns"}
WAITING = {"direction": "outbound", "channel": "sms", "body": "Good morning", "status": "queued", "status_rank": -10}
"""A message that nobody has begun to send."""
UNCONFIRMED = {"direction": "outbound", "channel": "sms", "body": "Good evening", "status": "unconfirmed"}
"""A message that may or may not have left."""
INBOUND = {
    "direction": "inbound",
    "channel": "sms",
    "body": "Who is this?",
    "status": "received",
    "from_number": "+442079460777",
}
PARTNER = {"partner_company_name": "Difference Engines"}

NO_ROW_OF_OURS = "00000000-0000-7000-8000-000000000000"

SEED_ROUTES = (
    Route("GET", "/contacts/{contact}/relationship", "view"),
    Route("PATCH", "/contacts/{contact}/relationship", "update", body={"preferred_name": "Ada"}),
    Route("GET", "/contacts/{contact}/life-events", "view"),
    Route("POST", "/contacts/{contact}/life-events", "update", 201, EVENT),
    Route("PATCH", "/contacts/{contact}/life-events/{event}", "update", body={"title": "Jubilee"}),
    Route("DELETE", "/contacts/{contact}/life-events/{event}", "manage"),
    Route("GET", "/relationship-actions", "view"),
    Route("GET", "/contacts/{contact}/relationship-actions", "view"),
    Route("POST", "/contacts/{contact}/relationship-actions", "update", 201, ACTION),
    Route("PATCH", "/relationship-actions/{action}", "update", body={"status": "done"}),
    Route("GET", "/contacts/{contact}/messages", "view"),
    Route("POST", "/contacts/{contact}/messages", "update", 201, MESSAGE),
    Route("GET", "/companies/{company}/partners", "view"),
    Route("POST", "/companies/{company}/partners", "update", 201, PARTNER),
    Route("PATCH", "/companies/{company}/partners/{partner}", "update", body={"notes": "Met in Turin"}),
    Route("DELETE", "/companies/{company}/partners/{partner}", "manage"),
    Route("GET", "/clients/{company}/relationship-summary", "view"),
)

ADDED_ROUTES = (
    Route("PUT", "/companies/{company}/client-profile", "manage"),
    Route("DELETE", "/companies/{company}/client-profile", "manage"),
    Route("POST", "/contacts/{contact}/messages/preview", "update", 200, MESSAGE),
    Route("DELETE", "/contacts/{contact}/messages/{waiting}", "update"),
    Route("PATCH", "/contacts/{contact}/messages/{unconfirmed}", "update", body={"status": "sent"}),
    Route("GET", "/contacts/{contact}/consent", "view"),
    Route("GET", "/messages/unmatched", "manage"),
    Route("PUT", "/contacts/{contact}/messages/{message}", "manage"),
    Route("POST", "/relationship-actions/{action}/reopen", "update"),
    Route("PATCH", "/contacts/{contact}/relationship-actions/{action}", "update", body={"title": "Send flowers"}),
    Route("POST", "/relationship-actions/{action}/snooze", "update", 200, {"days": 3}),
    Route("PATCH", "/relationship-actions", "update", body={"ids": [NO_ROW_OF_OURS], "status": "done"}),
    Route("GET", "/relationship-actions/{action}", "view"),
    Route("GET", "/relationship-actions/{action}/history", "view"),
    Route("GET", "/action-centre", "view"),
    Route("GET", "/contacts/neglected", "view"),
    Route("GET", "/contacts/{contact}/vcard", "view"),
    Route("GET", "/calendar-feeds", "view"),
    Route("PUT", "/calendar-feed", "view", 201),
    Route("DELETE", "/calendar-feed", "view"),
    Route("PUT", "/companies/{company}/calendar-feed", "view", 201),
    Route("DELETE", "/companies/{company}/calendar-feed", "view"),
    Route("GET", "/health", "view"),
    Route("GET", "/openapi.json", "view"),
)

ROUTES = SEED_ROUTES + ADDED_ROUTES

WRITING_ROUTES = tuple(route for route in ROUTES if route.body is not None)

EVENT_MEMBERS = {
    "event_type",
    "event_date",
    "recurs_annually",
    "title",
    "description",
    "auto_action_enabled",
    "auto_action_days_before",
}
ACTION_MEMBERS = {
    "title",
    "action_type",
    "description",
    "assigned_to_user_id",
    "due_date",
    "message_body",
    "company_id",
}
PARTNER_MEMBERS = {
    "partner_company_name",
    "partner_contact_name",
    "partner_contact_email",
    "relationship_type",
    "estimated_deal_size",
    "notes",
    "contact_id",
}

MEMBERS: dict[str, set[str]] = {
    "PATCH /contacts/{contact}/relationship": set(PROFILE_FIELDS),
    "POST /contacts/{contact}/life-events": EVENT_MEMBERS | {"company_id"},
    "PATCH /contacts/{contact}/life-events/{event}": EVENT_MEMBERS,
    "POST /contacts/{contact}/relationship-actions": ACTION_MEMBERS,
    "PATCH /relationship-actions/{action}": {"status"},
    "PATCH /contacts/{contact}/relationship-actions/{action}": ACTION_MEMBERS,
    "POST /relationship-actions/{action}/snooze": {"until", "days"},
    "PATCH /relationship-actions": {"ids", "status"},
    "PATCH /contacts/{contact}/messages/{unconfirmed}": {"status", "provider_sid"},
    "POST /contacts/{contact}/messages": {"channel", "body", "media_url", "auto_action_id"},
    "POST /contacts/{contact}/messages/preview": {"channel", "body", "media_url", "auto_action_id"},
    "POST /companies/{company}/partners": PARTNER_MEMBERS,
    "PATCH /companies/{company}/partners/{partner}": PARTNER_MEMBERS,
}
"""The members of each body."""

ADDED_MEMBERS: dict[str, set[str]] = {
    "POST /contacts/{contact}/life-events": {"further_reminders", "about"},
    "PATCH /contacts/{contact}/life-events/{event}": {"further_reminders", "about"},
    "PATCH /contacts/{contact}/relationship": {"opt_in_source", "opt_in_evidence", "cadence_days"},
    "POST /contacts/{contact}/messages": {"content_sid", "content_variables"},
    "POST /contacts/{contact}/messages/preview": {"content_sid", "content_variables"},
}
"""Those that are not the user's but ours."""
