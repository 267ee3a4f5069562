from __future__ import annotations

from typing import Any

from flask import request

from ... import signals
from ...api.dumping import dump_row
from ...api.fields import StrictBool
from ...api.view import Answer, Call, OperationBlueprint, operation
from ..keeping_in_touch import last_contact
from ..keeping_in_touch.early import dismiss_early
from ..messages import late_match, policy, senders
from . import prefill, queries, service
from .announcements import announcing
from .schemas import Profile, ProfileChange

blueprint = OperationBlueprint("profiles", __name__)


def _dumped(call: Call, found: queries.Found) -> dict[str, Any]:
    profile, users = found.profile, call.state.hosts.user
    by = profile.last_contact_by_user_id
    if by is not None and users.hooked and not users.seen(call.session, [by], call.user.given):
        by = None
    return dump_row(
        Profile,
        profile,
        in_touch_due=queries.in_touch_due(profile),
        last_contact=last_contact.written(profile.last_contact_at, by, profile.last_contact_channel),
        birthday=queries.written_birthday(call.context, profile),
        birthday_year=queries.year_of(call.context, profile),
        birthday_source=prefill.shown_source("birthday", profile),
        phone_number_source=prefill.shown_source("phone_number", profile),
        phone_number_problem=policy.number_problem(call.context, profile.phone_number, profile.phone_e164),
        whatsapp_number_problem=policy.number_problem(call.context, profile.whatsapp_number, profile.whatsapp_e164),
        messaging_blocked=policy.blocked(call.context, found),
    )


def _match_waiting(call: Call, found: queries.Found) -> queries.Found:
    """Match the inbound messages that waited for the profile's numbers, and return the profile as it is then."""
    keys = filter(None, (found.profile.phone_key, found.profile.whatsapp_key))
    matched = late_match.join_waiting(call.context, list(keys))
    if not matched:
        return found
    if request.method == "GET":
        call.context.commit()
    for attached in matched:
        call.announce(signals.message_matched, attached.message)
        if attached.entry is not None:
            call.announce(signals.consent_changed, attached.entry)
    return queries.find(call.context, call.contact.key) or found


def _current(call: Call) -> dict[str, Any] | None:
    found = queries.find(call.context, call.contact.key)
    return None if found is None else _dumped(call, found)


@blueprint.get("/contacts/<relationships_key:contact_id>/relationship")
@operation(
    "The relationship profile of a contact, made when first asked for",
    permission="view",
    answers={"profile": Profile, "twilio_connected": StrictBool(nullable=False)},
)
def show(call: Call) -> Answer:
    found = service.find_or_create(call.context, call.contact, announcing(call))
    if found.got_number:
        found = _match_waiting(call, found)
    return Answer(
        {"profile": _dumped(call, found), "twilio_connected": senders.is_connected(call.context, call.contact)}
    )


@blueprint.patch("/contacts/<relationships_key:contact_id>/relationship")
@operation(
    "Change the relationship profile of a contact",
    permission="update",
    body=ProfileChange,
    answers={"profile": Profile},
    current=_current,
)
def change(call: Call) -> Answer:
    found = service.find_or_create(call.context, call.contact, announcing(call))
    call.require_match(found.profile)
    if found.got_number:
        found = _match_waiting(call, found)
    if not call.values:
        return Answer({"profile": _dumped(call, found)})
    entry = service.change(
        call.context, call.contact, found.profile, call.values, user=call.user.key, revisions=call.revisions
    )
    call.announce(signals.profile_updated, found.profile)
    if "cadence_days" in call.values:
        for action in dismiss_early(call.context, found.profile, call.today()):
            call.announce(signals.action_closed, action)
    if entry is not None:
        call.announce(signals.consent_changed, entry)
    if service.NUMBERS.keys() & call.values.keys():
        found = _match_waiting(call, queries.find(call.context, call.contact.key) or found)
    return Answer({"profile": _dumped(call, found)})
