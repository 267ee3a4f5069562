"""The people of a batch of life events: contacts, and users to whom auto-actions are assigned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...context import Context
from ...hosts.bound import SYSTEM
from ..contacts import activity
from .subjects import ContactFacts

CONTACT_FIELDS = ("first_name", "last_name", "active", "owner")


@dataclass(frozen=True, slots=True)
class People:
    """The contacts that are present, with their `CONTACT_FIELDS`, and the users that are, with their time zone."""

    contacts: Mapping[Any, tuple[Any, ...]]
    users: Mapping[Any, tuple[Any, ...]]

    def has_active_contact(self, event: Any) -> bool:
        """Return whether the contact of an event is present and active."""
        _, _, active, _ = self.contacts.get(event.contact_id, (None, None, False, None))
        return activity.is_active_value(active)

    def facts(self, event: Any) -> ContactFacts:
        """Return what the text of an auto-action depends on. The row has the profile's columns too."""
        first_name, last_name, *_ = self.contacts[event.contact_id]
        return ContactFacts(first_name, last_name, event.preferred_name, event.birthday)

    def assignee(self, event: Any) -> Any | None:
        """Return the contact's owner, else the creator of the event; None where neither is present."""
        *_, owner = self.contacts.get(event.contact_id, (None,))
        return next((user for user in (owner, event.created_by_user_id) if user in self.users), None)

    def time_zone(self, event: Any) -> str | None:
        """Return the name of the assignee's time zone."""
        zone, *_ = self.users.get(self.assignee(event), (None,))
        return zone if isinstance(zone, str) else None


def read_people(ctx: Context, events: Sequence[Any]) -> People:
    """Read the people of events, or of rows with the columns of events."""
    contact_keys = {event.contact_id for event in events}
    contacts = ctx.hosts.contact.values(ctx.session, contact_keys, CONTACT_FIELDS, SYSTEM)
    mentioned = {event.created_by_user_id for event in events} | {owner for *_, owner in contacts.values()}
    return People(contacts, ctx.hosts.user.values(ctx.session, mentioned, ("time_zone",), SYSTEM))
