"""Messages from numbers that no contact has: kept until somebody says whose they are."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from ..access import permit
from ..binding.host_values import ShownKeys
from ..dumper import dump_row, dump_rows
from ..errors import MessageMatched, NotFound
from ..http import Answer, Call, operation
from ..listing import page_answer, read_page
from ..narrowing import Narrowing
from ..tables.rows import reload_row
from . import service
from .schemas import Message

blueprint = Blueprint("unmatched", __name__)


@blueprint.get("/messages/unmatched")
@operation("Messages from numbers that no contact has, newest first", answers={"messages": [Message]}, paged=True)
def index(call: Call) -> Answer:
    page, models, narrowing = read_page(), call.state.models, Narrowing([])
    narrowing.add("unmatched", service.is_unmatched(models.Message))
    rows, cursor = service.read(call.session, models, call.state.hosts, call.user.given, narrowing, page)
    return page_answer("messages", dump_rows(Message, rows), page, cursor)


def _current(call: Call) -> dict[str, Any] | None:
    """The message, as long as it is nobody's or this contact's: another contact's may be none of the caller's."""
    models = call.state.models
    mine = (models.Message.id == call.ids["message_id"], models.Message.direction == "inbound")
    keys = ShownKeys(call.state.hosts, call.user.given, models.Message)
    found = service.find(call.session, keys, call.state.hosts, *mine)
    if found is None or found[0].contact_id not in (None, call.contact.key):
        return None
    return dump_row(Message, found[0], **found[1])


@blueprint.put("/contacts/<relationships_key:contact_id>/messages/<message_id>")
@operation(
    "Say that an unmatched message is from this contact",
    answers={"message": Message},
    problems=(MessageMatched,),
    current=_current,
)
def match(call: Call) -> Answer:
    models, mine = call.state.models, call.state.models.Message.id == call.ids["message_id"]
    keys = ShownKeys(call.state.hosts, call.user.given, models.Message)
    found = service.find(call.session, keys, call.state.hosts, mine, models.Message.direction == "inbound")
    if found is None:
        raise NotFound
    message, shown = found
    permit("manage", message)
    if message.contact_id is None:
        call.require_match(message)
    if not service.match(call.session, models, message, call.contact.key, call.revisions):
        raise MessageMatched
    reload_row(call.session, message)
    return Answer({"message": dump_row(Message, message, **shown)})
