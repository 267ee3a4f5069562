from __future__ import annotations

from typing import Any

from flask import Blueprint

from .. import signals
from ..dumper import dump_row
from ..fields import StrictBool
from ..http import Answer, Call, operation
from ..keeping_in_touch import last_contact
from ..keeping_in_touch.early import dismiss_early
from ..messages import senders
from . import prefill, service
from .schemas import Profile, ProfileChange

blueprint = Blueprint("profiles", __name__)


def _dumped(call: Call, found: service.Found) -> dict[str, Any]:
    profile, users = found.profile, call.state.hosts.user
    by = profile.last_contact_by_user_id
    if by is not None and users.hooked and not users.seen(call.session, [by], call.user.given):
        by = None
    return dump_row(
        Profile,
        profile,
        in_touch_due=service.in_touch_due(profile),
        last_contact=last_contact.written(profile.last_contact_at, by, profile.last_contact_channel),
        birthday=service.written_birthday(profile),
        birthday_year=service.year_of(profile),
        birthday_source=prefill.shown_source("birthday", profile),
        phone_number_source=prefill.shown_source("phone_number", profile),
        messaging_blocked=service.blocked(found),
    )


def _announce_followed(call: Call, found: service.Found) -> None:
    """Tell receivers of an opt-in that lapsed because the host's number has changed."""
    if found.entry is not None:
        call.announce(signals.consent_changed, found.entry)


def _current(call: Call) -> dict[str, Any] | None:
    found = service.find(call.session, call.state.models, call.contact.key)
    return None if found is None else _dumped(call, found)


@blueprint.get("/contacts/<relationships_key:contact_id>/relationship")
@operation(
    "The relationship profile of a contact, made when first asked for",
    answers={"profile": Profile, "twilio_connected": StrictBool(nullable=False)},
)
def show(call: Call) -> Answer:
    found = service.find_or_create(call.session, call.state.models, call.contact)
    if found.created:
        call.announce(signals.profile_created, found.profile)
    _announce_followed(call, found)
    return Answer({"profile": _dumped(call, found), "twilio_connected": senders.is_connected(call.contact)})


@blueprint.patch("/contacts/<relationships_key:contact_id>/relationship")
@operation(
    "Change the relationship profile of a contact",
    body=ProfileChange,
    answers={"profile": Profile},
    current=_current,
)
def change(call: Call) -> Answer:
    found = service.find_or_create(call.session, call.state.models, call.contact)
    call.require_match(found.profile)
    if found.created:
        call.announce(signals.profile_created, found.profile)
    _announce_followed(call, found)
    if call.values:
        entry = service.change(
            call.session,
            call.state.models,
            call.contact,
            found.profile,
            call.values,
            user=call.user.key,
            revisions=call.revisions,
        )
        call.announce(signals.profile_updated, found.profile)
        if "cadence_days" in call.values:
            for action in dismiss_early(call.session, call.state.models, found.profile, call.today()):
                call.announce(signals.action_closed, action)
        if entry is not None:
            call.announce(signals.consent_changed, entry)
        numbers = service.NUMBERS.keys() & call.values.keys()
        found = service.find(call.session, call.state.models, call.contact.key) or found if numbers else found
    return Answer({"profile": _dumped(call, found)})
