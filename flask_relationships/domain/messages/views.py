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
from ...db.filters import ListFilter
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
from ..actions import service as actions
from ..actions.models import ActionTable
from ..profiles.announcements import announcing
from . import queries, service, settlement, waiting
from .models import MessageTable
from .preview import preview as preview_of
from .recovery import lapse, lease
from .schemas import Message, NewMessage, Preview, SettledMessage
from .sending import Sent
from .statuses import UNRESOLVED_STATUSES
from .transport_problems import refusal_of

blueprint = OperationBlueprint("messages", __name__)

logger = logging.getLogger(__name__)


@blueprint.get("/contacts/<relationships_key:contact_id>/messages")
@operation("The messages of a contact, newest first", permission="view", answers={"messages": [Message]}, paged=True)
def index(call: Call) -> Answer:
    page, list_filter = read_page(), ListFilter([])
    list_filter.equal("of_contact", call.state.models.Message.contact_id, call.contact.key)
    rows, cursor = queries.read(call.context, list_filter, page)
    return page_answer("messages", dump_rows(Message, rows), page, cursor)


def _resume(call: Call, message_id: UUID) -> Answer | None:
    """Answer a repeated request with the present state of the message that it created before."""
    lapse(call.context, call.context.models.Message.id == message_id)
    found = _find(call, message_id)
    if found is None:
        return None
    message, shown = found
    refusal = refusal_of(message)
    if refusal is not None:
        raise refusal
    return Answer(
        {"message": dump_row(Message, message, **shown)}, 202 if message.status in UNRESOLVED_STATUSES else 201
    )


@blueprint.post("/contacts/<relationships_key:contact_id>/messages")
@operation(
    "Send an SMS, a WhatsApp message or an MMS to a contact",
    permission="update",
    body=NewMessage,
    answers={"message": Message},
    status=201,
    also={202: "Unconfirmed: the message may have been sent. It is never sent again automatically"},
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
    ctx, linked = call.context, _linked_action(call)
    action_id = None if linked is None else linked.id
    message = service.create(ctx, call.contact, call.values, action_id, user=call.user.key, announce=announcing(call))
    call.ask(signals.message_sending, message)
    message_id, is_due = message.id, message.not_before is None
    committed = dump_row(Message, message, **queries.unread_members(ctx))
    call.remember_message(message_id, lease(ctx))
    ctx.commit()
    call.lasting = True
    try:
        sent = ctx.dispatcher.kick(ctx, message_id, call.announce) if is_due else Sent(False)
        found = sent.found if sent.is_begun else queries.find(ctx, ctx.models.Message.id == message_id)
    except SQLAlchemyError as error:
        # The message may have left, and an error would make the client repeat the request.
        call.session.rollback()
        logger.error("the result of sending message %s could not be stored: %s", message_id, place_of(error))
        return Answer({"message": {**committed, "status": "unconfirmed"}}, 202)
    if sent.problem is not None:
        sent.problem.extra["message_id"] = str(message_id)
        raise sent.problem
    if found is None:  # the contact was deleted meanwhile, and the message with it
        raise NotFound
    stored, shown = found
    return Answer({"message": dump_row(Message, stored, **shown)}, 202 if stored.status == "unconfirmed" else 201)


def _find(call: Call, message_id: UUID | None = None) -> tuple[MessageTable, dict[str, Any]] | None:
    """Return a message of the contact: that of the path, or the one with this id."""
    table = call.context.models.Message
    of_contact = table.contact_id == call.contact.key
    return queries.find(call.context, table.id == (message_id or call.ids["message_id"]), of_contact)


def _require(call: Call) -> tuple[MessageTable, dict[str, Any]]:
    """Return the message of the path.

    :raises NotFound: there is none.
    :raises PreconditionFailed: its revision is not the one that ``If-Match`` names.
    """
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
    "Cancel a queued message",
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
    "Settle an unconfirmed message; nothing is sent",
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
    "Preview a message; nothing is stored or sent",
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
