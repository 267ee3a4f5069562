from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from ... import signals
from ...api.application import state
from ...api.dumping import dump_rows
from ...api.pagination import page_answer, read_page, read_query
from ...api.permissions import action_scope, members, permit
from ...api.view import (
    Answer,
    Call,
    OperationBlueprint,
    find_row,
    operation,
    refer,
    referred,
    required_permission,
)
from ...db.filters import ListFilter
from ...db.rows import Rows
from ...errors import (
    ActionClosed,
    ChangedMeanwhile,
    Forbidden,
    InvalidMember,
    LifeEventDeleted,
    NotFound,
    ValidationFailed,
)
from ...hosts.bound import HostRow
from ...hosts.keys import is_uuid
from ..life_events.freshness import refresh_listed
from . import queries, service
from .history import read as read_history
from .models import ActionTable
from .schemas import (
    Action,
    ActionChange,
    ActionEdit,
    ActionFilter,
    ClosedAction,
    HistoryEntry,
    ManyActionsChange,
    NewAction,
    Snooze,
)

blueprint = OperationBlueprint("actions", __name__)


def _rows(call: Call, *conditions: Any) -> list[dict[str, Any]]:
    """Return the actions of these conditions, also those of inactive contacts."""
    rows, _ = queries.read(call.context, ListFilter(list(conditions)), outlived=True)
    return dump_rows(Action, rows)


def _read_fresh(call: Call, conditions: ListFilter, **how: Any) -> tuple[Rows, str | None]:
    """Read a list, with the present names and texts of actions that fell due since the last scheduled job."""
    rows, cursor = queries.read(call.context, conditions, **how)
    if refresh_listed(call.context, rows, call.today()):
        rows, cursor = queries.read(call.context, conditions, **how)
    return rows, cursor


def _one(call: Call, action_id: Any) -> dict[str, Any]:
    rows = _rows(call, call.state.models.Action.id == action_id)
    if not rows:
        raise NotFound
    return rows[0]


def _found(call: Call, contact: HostRow | None = None) -> ActionTable:
    """Return the action of the path, if the user has the permission for it and its contact.

    :param contact: the contact of the path, if the path has one.
    """
    action = service.find(call.context, call.ids["action_id"])
    if action is None or (contact is not None and action.contact_id != contact.key):
        raise NotFound
    call.subject, needed = action.contact_id, required_permission()
    if contact is None:
        permit(needed, find_row(call.state.hosts.contact, str(action.contact_id)).row)
    permit(needed, action)
    return action


def _current(call: Call) -> dict[str, Any] | None:
    rows = _rows(call, call.state.models.Action.id == call.ids["action_id"])
    return rows[0] if rows else None


@blueprint.get("/relationship-actions")
@operation(
    "The actions in the caller's scope",
    permission="view",
    answers={"actions": [Action]},
    query=ActionFilter,
    paged=True,
)
def index(call: Call) -> Answer:
    """List all actions for executives and heads, those of their squad for managers, and their own for others."""
    page, filters, users = read_page(), read_query(ActionFilter), members(action_scope())
    conditions = queries.filtered(call.context, filters, user=call.user.key)
    if users is not None and any(filters.get(name) for name in queries.SELECTIVE_FILTERS):
        if filters.get("assignee") != "me" or call.user.key not in users:
            conditions.within("in_scope", call.state.models.Action.assigned_to_user_id, users)
        users = None
    rows, cursor = _read_fresh(call, conditions, users=users, sort=filters.get("sort") or "due_date", page=page)
    return page_answer("actions", dump_rows(Action, rows), page, cursor)


@blueprint.get("/contacts/<relationships_key:contact_id>/relationship-actions")
@operation("The actions of a contact", permission="view", answers={"actions": [Action]}, query=ActionFilter, paged=True)
def of_contact(call: Call) -> Answer:
    page, filters = read_page(), read_query(ActionFilter)
    conditions = queries.filtered(call.context, filters, user=call.user.key)
    conditions.equal("of_contact", call.state.models.Action.contact_id, call.contact.key)
    rows, cursor = _read_fresh(call, conditions, sort=filters.get("sort") or "due_date", page=page)
    return page_answer("actions", dump_rows(Action, rows), page, cursor)


@blueprint.post("/contacts/<relationships_key:contact_id>/relationship-actions")
@operation(
    "Add an action by hand, mirrored in the action centre",
    permission="update",
    body=NewAction,
    answers={"action": Action},
    status=201,
)
def create(call: Call) -> Answer:
    values = dict(call.values)
    values["company_id"] = referred(state.hosts.company, values, "company_id")
    if "assigned_to_user_id" in values:
        values["assigned_to_user_id"] = referred(state.hosts.user, values, "assigned_to_user_id")
    else:
        values["assigned_to_user_id"] = call.user.key
    values |= {"contact_id": call.contact.key, "created_by_user_id": call.user.key, "status": "pending"}
    action = service.add(call.context, values, now=state.now())
    call.announce(signals.action_created, action)
    return Answer({"action": _one(call, action.id)}, 201)


@blueprint.get("/relationship-actions/<action_id>")
@operation("One action", permission="view", answers={"action": Action})
def show(call: Call) -> Answer:
    rows, _ = _read_fresh(call, ListFilter([call.state.models.Action.id == _found(call).id]))
    if not rows.rows:
        raise NotFound
    return Answer({"action": dump_rows(Action, rows)[0]})


@blueprint.patch("/relationship-actions/<action_id>")
@operation(
    "Mark an action done or dismissed",
    permission="update",
    body=ActionChange,
    answers={"action": Action},
    current=_current,
)
def change(call: Call) -> Answer:
    action = _found(call)
    call.require_match(action)
    status = call.values.get("status")
    if status is None:  # the action was sent back with the status that it has
        return Answer({"action": _one(call, action.id)})
    who: Any = {"user": call.user.key, "closed_by": "user", "now": state.now(), "revisions": call.revisions}
    if service.close(call.context, action, status, **who):
        call.announce(signals.action_closed, action)
    elif action.status != status:  # as it was read: it was changed or deleted since
        raise ChangedMeanwhile
    return Answer({"action": _one(call, action.id)})


@blueprint.patch("/relationship-actions")
@operation(
    "Mark many actions done or dismissed, each by itself, and say what became of each",
    permission="update",
    body=ManyActionsChange,
    answers={"results": [ClosedAction]},
)
def close_many(call: Call) -> Answer:
    status, given = call.values["status"], list(dict.fromkeys(call.values["ids"]))
    found = service.find_many(call.context, filter(None, map(is_uuid, given)))
    permitted, forbidden = _permitted(call, found)
    closed = service.close_many(call.context, permitted, status, user=call.user.key, closed_by="user", now=state.now())
    for action in closed:
        call.announce(signals.action_closed, action)
    ids, done = [action.id for action in permitted], {str(action.id) for action in closed}
    shown = {action["id"]: action for action in _rows(call, call.state.models.Action.id.in_(ids))}
    outcomes = (
        dict.fromkeys(forbidden, "forbidden")
        | dict.fromkeys(shown, "unchanged")
        | dict.fromkeys(done & shown.keys(), "closed")
    )
    results = [
        {"id": text, "outcome": outcomes.get(text.lower(), "not_found"), "action": shown.get(text.lower())}
        for text in given
    ]
    return Answer({"results": results})


def _permitted(call: Call, found: dict[UUID, ActionTable]) -> tuple[list[ActionTable], set[str]]:
    """Return the actions that the user may change, and the ids of those that the user may only see."""
    keys = {action.contact_id for action in found.values()}
    contacts = call.state.hosts.contact.rows_of(call.session, keys, call.user.given)
    permitted, forbidden = [], set()
    for action in found.values():
        if action.contact_id not in contacts:
            continue
        try:
            permit("update", contacts[action.contact_id])
            permit("update", action)
        except Forbidden:
            forbidden.add(str(action.id))
        else:
            permitted.append(action)
    return permitted, forbidden


@blueprint.patch("/contacts/<relationships_key:contact_id>/relationship-actions/<action_id>")
@operation(
    "Edit an open action, or give it to somebody else",
    permission="update",
    body=ActionEdit,
    answers={"action": Action},
    problems=(ActionClosed, ChangedMeanwhile),
    current=_current,
)
def edit(call: Call) -> Answer:
    action, values = _found(call, call.contact), dict(call.values)
    call.require_match(action)
    for name, host in (("company_id", state.hosts.company), ("assigned_to_user_id", state.hosts.user)):
        if name in values:
            refer(call, host, values, name, action)
    return _edited(call, action, values)


@blueprint.post("/relationship-actions/<action_id>/snooze")
@operation(
    "Put an open action off to a later day",
    permission="update",
    body=Snooze,
    answers={"action": Action},
    problems=(ActionClosed, ChangedMeanwhile),
    current=_current,
)
def snooze(call: Call) -> Answer:
    action, today = _found(call), call.today()
    call.require_match(action)
    until, days = call.values.get("until"), call.values.get("days")
    if (until is None) == (days is None):
        words = "Send either until or days."
        raise ValidationFailed(errors=[InvalidMember("#", "one_of_them", words)])
    if until is not None and until <= today:
        words = "Choose a day after today."
        raise ValidationFailed(errors=[InvalidMember("#/until", "not_after_today", words)])
    return _edited(call, action, {"due_date": until or today + timedelta(days=days or 0)}, kind="snoozed")


def _edited(call: Call, action: ActionTable, values: dict[str, Any], kind: str | None = None) -> Answer:
    who: Any = {"user": call.user.key, "now": state.now(), "kind": kind, "revisions": call.revisions}
    if service.edit(call.context, action, values, **who):
        call.announce(signals.action_updated, action)
    return Answer({"action": _one(call, action.id)})


@blueprint.post("/relationship-actions/<action_id>/reopen")
@operation(
    "Open a closed action again",
    permission="update",
    answers={"action": Action},
    problems=(LifeEventDeleted, ChangedMeanwhile),
    current=_current,
)
def reopen(call: Call) -> Answer:
    action = _found(call)
    call.require_match(action)
    if action.status in service.CLOSED_STATUSES and service.outlives_its_event(action):
        raise LifeEventDeleted
    who: Any = {"by": "user", "user": call.user.key, "now": state.now(), "revisions": call.revisions}
    if service.reopen(call.context, action, **who):
        call.announce(signals.action_reopened, action)
    elif action.status in service.CLOSED_STATUSES:  # as it was read: it was changed or deleted since
        raise ChangedMeanwhile
    return Answer({"action": _one(call, action.id)})


@blueprint.get("/relationship-actions/<action_id>/history")
@operation(
    "What was done to an action and by whom, newest first",
    permission="view",
    answers={"history": [HistoryEntry]},
    paged=True,
)
def history(call: Call) -> Answer:
    page, action = read_page(), _found(call)
    rows, cursor = read_history(call.context, action.id, page)
    return page_answer("history", dump_rows(HistoryEntry, rows), page, cursor)
