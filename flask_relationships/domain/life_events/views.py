from __future__ import annotations

from typing import Any
from uuid import UUID

from ... import signals
from ...api.dumping import dump_rows
from ...api.pagination import page_answer, read_page
from ...api.view import Answer, Call, OperationBlueprint, operation, referred
from ...db.filters import ListFilter
from ...db.pagination import WHOLE_LIST, Page
from ...db.rows import Rows
from ...errors import NotFound
from . import queries, service
from .models import LifeEventTable
from .schemas import LifeEvent, LifeEventChange, NewLifeEvent

blueprint = OperationBlueprint("life_events", __name__)


def _read(call: Call, name: str, column: Any, value: Any, page: Page = WHOLE_LIST) -> tuple[Rows, str | None]:
    list_filter = ListFilter([])
    list_filter.equal(name, column, value)
    return queries.read(call.context, list_filter, call.today(), page)


def _one(call: Call, event_id: UUID) -> dict[str, Any]:
    rows, _ = _read(call, "of_id", call.state.models.LifeEvent.id, event_id)
    found = dump_rows(LifeEvent, rows)
    if not found:
        raise NotFound
    return found[0]


def _current(call: Call) -> dict[str, Any] | None:
    event = queries.find(call.context, call.contact.key, call.ids["event_id"])
    return None if event is None else _one(call, event.id)


def _found(call: Call) -> LifeEventTable:
    event = queries.find(call.context, call.contact.key, call.ids["event_id"])
    if event is None:
        raise NotFound
    return event


@blueprint.get("/contacts/<relationships_key:contact_id>/life-events")
@operation("The life events of a contact, latest first", permission="view", answers={"events": [LifeEvent]}, paged=True)
def index(call: Call) -> Answer:
    page = read_page()
    rows, cursor = _read(call, "of_contact", call.state.models.LifeEvent.contact_id, call.contact.key, page)
    return page_answer("events", dump_rows(LifeEvent, rows), page, cursor)


@blueprint.post("/contacts/<relationships_key:contact_id>/life-events")
@operation(
    "Create a life event and its auto-action",
    permission="update",
    body=NewLifeEvent,
    answers={"event": LifeEvent},
    status=201,
)
def create(call: Call) -> Answer:
    values = dict(call.values)
    values["company_id"] = referred(call.state.hosts.company, values, "company_id")
    event, action = service.create(call.context, call.contact, values, user=call.user.key)
    call.announce(signals.life_event_created, event)
    if action is not None:
        call.announce(signals.action_created, action)
    return Answer({"event": _one(call, event.id)}, 201)


@blueprint.patch("/contacts/<relationships_key:contact_id>/life-events/<event_id>")
@operation(
    "Edit a life event; its open auto-action moves along",
    permission="update",
    body=LifeEventChange,
    answers={"event": LifeEvent},
    current=_current,
)
def change(call: Call) -> Answer:
    event, who = _found(call), {"user": call.user.key, "revisions": call.revisions}
    date_before = event.event_date
    call.require_match(event)
    action = service.change(call.context, event, call.contact, call.values, **who)
    call.announce(signals.life_event_updated, event)
    if event.profile_id is not None and event.event_date != date_before:
        profile = call.session.get(call.state.models.Profile, event.profile_id, populate_existing=True)
        call.announce(signals.profile_updated, profile)
    if action is not None:
        call.announce(signals.action_created, action)
    return Answer({"event": _one(call, event.id)})


@blueprint.delete("/contacts/<relationships_key:contact_id>/life-events/<event_id>")
@operation(
    "Delete a life event; its open auto-action is dismissed",
    permission="manage",
    answers={"ok": True},
    current=_current,
)
def remove(call: Call) -> Answer:
    event = _found(call)
    call.require_match(event)
    service.remove(call.context, event, call.revisions)
    call.announce(signals.life_event_deleted, event)
    return Answer({"ok": True})
