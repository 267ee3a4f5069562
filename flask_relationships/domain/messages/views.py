from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from ... import signals
from ...api.dumping import dump_row, dump_rows
from ...api.pagination import page_answer, read_page
from ...api.permissions import permit
from ...api.view import Answer, Call, OperationBlueprint, operation, referred_id
from ...db.changes import reload_row
from ...db.filters import Narrowing
from ...errors import (
    ActionNotPending,
    BlockedByRecipient,
    CountryNotAllowed,
    InvalidPhoneNumber,
    MessageNotSent,
    MessageNotWaiting,
    MessageSettled,
    MessageVetoed,
    NoPhoneNumber,
    NotFound,
    NotOptedIn,
    OptedOutByRecipient,
    OutsideWhatsappWindow,
    ProviderRefused,
    ProviderUnavailable,
    TooManyMessages,
    TwilioDisabled,
    TwilioNotConfigured,
    place_of,
)
from ...hosts.joins import ShownKeys
from ..actions import service as actions
from ..actions.models import ActionTable
from ..profiles.announcements import announcing
from . import service, settlement, waiting
from .delivery import NOTHING
from .models import MessageTable
from .preview import preview as preview_of
from .recovery import lapse_one, lease
from .schemas import Message, NewMessage, Preview, SettledMessage
from .transport_problems import refusal_of

blueprint = OperationBlueprint("messages", __name__)

logger = logging.getLogger(__name__)


@blueprint.get("/contacts/<relationships_key:contact_id>/messages")
@operation("The messages of a contact, newest first", permission="view", answers={"messages": [Message]}, paged=True)
def index(call: Call) -> Answer:
    page, narrowing = read_page(), Narrowing([])
    narrowing.equal("of_contact", call.state.models.Message.contact_id, call.contact.key)
    rows, cursor = service.read(call.context, narrowing, page)
    return page_answer("messages", dump_rows(Message, rows), page, cursor)


def _resume(call: Call, message_id: UUID) -> Answer | None:
    """Answer a repeated request from the message that it wrote before, as it is now."""
    models = call.state.models
    lapse_one(call.context, message_id)
    keys = ShownKeys(call.state.hosts, call.user.given, models.Message)
    mine = (models.Message.id == message_id, models.Message.contact_id == call.contact.key)
    found = service.find(call.context, keys, *mine)
    if found is None:
        return None
    message, shown = found
    refusal = refusal_of(message)
    if refusal is not None:
        raise refusal
    unclear = message.status in ("sending", "unconfirmed")
    return Answer({"message": dump_row(Message, message, **shown)}, 202 if unclear else 201)


@blueprint.post("/contacts/<relationships_key:contact_id>/messages")
@operation(
    "Send an SMS, a WhatsApp message or an MMS to a contact",
    permission="update",
    body=NewMessage,
    answers={"message": Message},
    status=201,
    also={202: "The provider's answer is unclear: the message may have been sent, and is never sent again by itself"},
    problems=(
        NotOptedIn,
        OptedOutByRecipient,
        BlockedByRecipient,
        NoPhoneNumber,
        InvalidPhoneNumber,
        TwilioNotConfigured,
        TwilioDisabled,
        CountryNotAllowed,
        OutsideWhatsappWindow,
        ActionNotPending,
        TooManyMessages,
        MessageVetoed,
        ProviderRefused,
        ProviderUnavailable,
        MessageNotSent,
    ),
    resume=_resume,
)
def send(call: Call) -> Answer:
    models, linked = call.state.models, _linked_action(call)
    action_id = None if linked is None else linked.id
    message = service.prepare(
        call.context, call.contact, call.values, action_id, user=call.user.key, announce=announcing(call)
    )
    keys = ShownKeys(call.state.hosts, call.user.given, models.Message)
    call.ask(signals.message_sending, message)
    message_id, due = message.id, message.not_before is None
    committed = dump_row(Message, message, **service.unread_members(keys))
    call.remember_message(message_id, lease(call.context))
    call.session.commit()
    call.lasting = True
    try:
        problem, action, entry = call.state.dispatcher.kick(message_id) if due else NOTHING
        found = service.find(call.context, keys, models.Message.id == message_id)
    except SQLAlchemyError as error:
        # It may have left, and an error would have it sent again: what is not known is said to be unconfirmed.
        call.session.rollback()
        logger.error("what came of message %s could not be saved: %s", message_id, place_of(error))
        return Answer({"message": {**committed, "status": "unconfirmed"}}, 202)
    sent, shown = found or (None, {})
    if problem is not None:
        call.announce_now(signals.message_failed, sent)
        if entry is not None:
            call.announce_now(signals.consent_changed, entry)
        problem.extra["message_id"] = str(message_id)
        raise problem
    if sent is None:  # the contact was deleted meanwhile, and the message with it
        raise NotFound
    if sent.provider_sid is not None and call.state.dispatcher.immediate:  # else whoever sent it has told
        call.announce(signals.message_sent, sent)
    if action is not None:
        call.announce(signals.action_closed, action)
    return Answer({"message": dump_row(Message, sent, **shown)}, 202 if sent.status == "unconfirmed" else 201)


def _find(call: Call) -> tuple[MessageTable, dict[str, Any]] | None:
    models = call.state.models
    keys = ShownKeys(call.state.hosts, call.user.given, models.Message)
    mine = (models.Message.id == call.ids["message_id"], models.Message.contact_id == call.contact.key)
    return service.find(call.context, keys, *mine)


def _require(call: Call) -> tuple[MessageTable, dict[str, Any]]:
    """Return the message of the path, once it has the revision that ``If-Match`` names. Raises `NotFound`."""
    found = _find(call)
    if found is None:
        raise NotFound
    call.require_match(found[0])
    return found


def _current(call: Call) -> dict[str, Any] | None:
    found = _find(call)
    return None if found is None else dump_row(Message, found[0], **found[1])


@blueprint.delete("/contacts/<relationships_key:contact_id>/messages/<relationships_own_id:message_id>")
@operation(
    "Cancel a message that waits to be sent",
    permission="update",
    answers={"message": Message},
    problems=(MessageNotWaiting,),
    current=_current,
)
def cancel(call: Call) -> Answer:
    message, shown = _require(call)
    cancelled = waiting.cancel(call.context, message.id, call.revisions)
    if not reload_row(call.session, message):
        raise NotFound
    if cancelled:
        call.announce(signals.message_status_changed, message)
    elif message.status != "canceled":
        call.require_match(message)
        raise MessageNotWaiting
    return Answer({"message": dump_row(Message, message, **shown)})


@blueprint.patch("/contacts/<relationships_key:contact_id>/messages/<relationships_own_id:message_id>")
@operation(
    "Say what became of an unconfirmed message: nothing is sent",
    permission="update",
    body=SettledMessage,
    answers={"message": Message},
    problems=(MessageSettled,),
    current=_current,
)
def settle(call: Call) -> Answer:
    message, shown = _require(call)
    taken = settlement.settle(call.context, message, call.values)
    if not reload_row(call.session, message):
        raise NotFound
    if taken.changed:
        call.announce(signals.message_status_changed, message)
    if taken.action is not None:
        call.announce(signals.action_closed, taken.action)
    return Answer({"message": dump_row(Message, message, **shown)})


@blueprint.post("/contacts/<relationships_key:contact_id>/messages/preview")
@operation(
    "What would become of a message: nothing is written or sent",
    permission="update",
    body=NewMessage,
    answers={"preview": Preview},
    follows_numbers=False,
)
def preview(call: Call) -> Answer:
    action = _linked_action(call)
    found = preview_of(call.context, call.contact, call.values, user=call.user.key)
    occurrence = None if action is None or action.profile_id is not None else action.occurrence_date
    early = None if occurrence is None else (occurrence - call.today()).days
    found |= {"occurrence_date": occurrence, "days_early": early}
    return Answer({"preview": dump_row(Preview, None, **found)})


def _linked_action(call: Call) -> ActionTable | None:
    """Return the action that sending this message completes. Raises 403 where the caller may not do that."""
    action_id = referred_id(call.values, "auto_action_id")
    if action_id is None:
        return None
    action = actions.find_linked(call.context, action_id, call.contact.key)
    permit("update", action)
    return action
