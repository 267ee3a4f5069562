from __future__ import annotations

from typing import Any

from flask import Blueprint

from .. import signals
from ..access import action_scope, current_user, in_scope, permit
from ..dumper import dump_rows
from ..errors import CompaniesNotMapped, NotFound
from ..http import Answer, Call, operation, referred
from ..listing import page_answer, read_page, read_query
from ..paging import Page
from ..state import state
from . import service
from .schemas import Action, ActionChange, ActionFilter, NewAction

blueprint = Blueprint("actions", __name__)


def _one(call: Call, action_id: Any) -> dict[str, Any]:
    table = call.state.models.Action
    rows, _ = service.read(
        call.session,
        call.state.models,
        call.state.hosts,
        call.user.given,
        lambda statement: statement.where(table.id == action_id),
    )
    if not rows.rows:
        raise NotFound
    return dump_rows(Action, rows)[0]


@blueprint.get("/relationship-actions")
@operation("The actions in the caller's scope", answers={"actions": [Action]}, query=ActionFilter, paged=True)
def index(call: Call) -> Answer:
    """Executive and head see all actions, a manager their own and the squad's, others their own."""
    asked, filters, scope = read_page(), read_query(ActionFilter), action_scope()
    table, most = call.state.models.Action, call.state.settings.max_rows
    narrow = service.narrowed(call.state.models, call.state.hosts, call.session, call.user.given, filters)
    rows, cursor = service.read(
        call.session,
        call.state.models,
        call.state.hosts,
        call.user.given,
        lambda statement: narrow(statement).where(in_scope(table.assigned_to_user_id, scope)),
        sort=filters.get("sort") or "due_date",
        page=Page(most if asked.limit is None else asked.limit, asked.cursor),
    )
    # Without a limit the answer is the seed's bare envelope, unless there is more than one answer may hold.
    shown = Page(most, asked.cursor) if asked.limit is None and cursor is not None else asked
    return page_answer("actions", dump_rows(Action, rows), shown, cursor)


@blueprint.get("/contacts/<contact_id>/relationship-actions")
@operation("The actions of a contact", answers={"actions": [Action]}, query=ActionFilter, paged=True)
def of_contact(call: Call) -> Answer:
    page, filters = read_page(), read_query(ActionFilter)
    narrow = service.narrowed(call.state.models, call.state.hosts, call.session, call.user.given, filters)
    table = call.state.models.Action
    rows, cursor = service.read(
        call.session,
        call.state.models,
        call.state.hosts,
        call.user.given,
        lambda statement: narrow(statement).where(table.contact_id == call.contact.key),
        sort=filters.get("sort") or "due_date",
        page=page,
    )
    return page_answer("actions", dump_rows(Action, rows), page, cursor)


@blueprint.post("/contacts/<contact_id>/relationship-actions")
@operation(
    "Add an action by hand, mirrored in the action centre",
    body=NewAction,
    answers={"action": Action},
    status=201,
    problems=(CompaniesNotMapped,),
)
def create(call: Call) -> Answer:
    values = dict(call.values)
    values["company_id"] = referred(state.hosts.company, values, "company_id")
    if "assigned_to_user_id" in values:
        values["assigned_to_user_id"] = referred(state.hosts.user, values, "assigned_to_user_id")
    else:
        values["assigned_to_user_id"] = call.user.key
    values |= {"contact_id": call.contact.key, "created_by_user_id": call.user.key, "status": "pending"}
    action = service.add(call.session, call.state.models, values, now=state.now())
    call.announce(signals.action_created, action)
    return Answer({"action": _one(call, action.id)}, 201)


@blueprint.patch("/relationship-actions/<action_id>")
@operation("Mark an action done or dismissed", body=ActionChange, answers={"action": Action})
def change(call: Call) -> Answer:
    action = service.find(call.session, call.state.models, call.ids["action_id"])
    if action is None:
        raise NotFound
    contact = call.state.hosts.contact.find(call.session, str(action.contact_id), current_user().given)
    if contact is None:
        raise NotFound
    permit("update", contact.row)
    permit("update", action)
    closed = service.close(
        call.session,
        call.state.models,
        action,
        call.values["status"],
        user=call.user.key,
        closed_by="user",
        now=state.now(),
    )
    if closed:
        call.announce(signals.action_closed, action)
    return Answer({"action": _one(call, action.id)})
