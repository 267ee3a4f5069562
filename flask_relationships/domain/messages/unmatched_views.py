"""Answer requests about unmatched messages: inbound messages without a contact."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ... import signals
from ...api.dumping import dump_row, dump_rows
from ...api.pagination import page_answer, read_page
from ...api.permissions import permit
from ...api.view import Answer, Call, OperationBlueprint, operation
from ...db.changes import reload_row
from ...db.filters import ListFilter
from ...errors import MessageMatched, NotFound, UnmatchedCallbackMissing
from . import late_match, queries, unmatched
from .schemas import Message, UnmatchedMessage

blueprint = OperationBlueprint("unmatched", __name__)


@blueprint.get("/messages/unmatched")
@operation(
    "Unmatched messages, newest first",
    permission="manage",
    answers={"messages": [UnmatchedMessage]},
    paged=True,
    problems=(UnmatchedCallbackMissing,),
)
def index(call: Call) -> Answer:
    page = read_page()
    list_filter = ListFilter([unmatched.is_shown(call.context)])
    rows, cursor = queries.read(call.context, list_filter, page)
    rows = unmatched.with_candidates(call.context, rows)
    return page_answer("messages", dump_rows(UnmatchedMessage, rows), page, cursor)


def _find(call: Call) -> tuple[Any, dict[str, Any]] | None:
    """Return the message of the path if the viewer may see it: in the list, or as that of a contact they may see."""
    ctx = call.context
    table = ctx.models.Message
    is_listed = unmatched.is_shown(ctx)
    inbound = (table.id == call.ids["message_id"], table.direction == "inbound")
    found = queries.find(ctx, *inbound, sa.or_(table.contact_id.is_not(None), is_listed))
    if found is None or found[0].contact_id is None:
        return found
    return found if ctx.hosts.contact.seen(ctx.session, [found[0].contact_id], ctx.viewer) else None


def _current(call: Call) -> dict[str, Any] | None:
    """Return the message if it is unmatched or of this contact: the caller may not see another contact's."""
    found = _find(call)
    if found is None or found[0].contact_id not in (None, call.contact.key):
        return None
    return dump_row(Message, found[0], **found[1])


@blueprint.put("/contacts/<relationships_key:contact_id>/messages/<relationships_own_id:message_id>")
@operation(
    "Match an unmatched message to this contact",
    permission="manage",
    answers={"message": Message},
    problems=(MessageMatched, UnmatchedCallbackMissing),
    current=_current,
)
def match(call: Call) -> Answer:
    found = _find(call)
    if found is None:
        raise NotFound
    message, shown = found
    permit("manage", message)
    if message.contact_id is None:
        call.require_match(message)
    attached = late_match.attach(call.context, message, call.contact.key, call.contact, revisions=call.revisions)
    if attached is None:
        raise MessageMatched
    reload_row(call.session, message)
    call.announce(signals.message_matched, message)
    if attached.entry is not None:
        call.announce(signals.consent_changed, attached.entry)
    return Answer({"message": dump_row(Message, message, **shown)})
