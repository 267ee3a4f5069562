from __future__ import annotations

from ...api.dumping import dump_rows
from ...api.pagination import page_answer, read_page, read_query
from ...api.permissions import action_scope, members
from ...api.view import Answer, Call, OperationBlueprint, operation
from ...errors import ActionCentreElsewhere
from . import queries
from .schemas import Item, ItemFilter

blueprint = OperationBlueprint("action_centre", __name__)


@blueprint.get("/action-centre")
@operation(
    "The action centre's items in the caller's scope",
    permission="view",
    answers={"items": [Item]},
    query=ItemFilter,
    paged=True,
    problems=(ActionCentreElsewhere,),
)
def index(call: Call) -> Answer:
    if not call.state.action_centre.listed:
        raise ActionCentreElsewhere
    page, filters = read_page(), read_query(ItemFilter)
    users = members(action_scope())
    rows, cursor = queries.read(call.context, users, page, filters)
    return page_answer("items", dump_rows(Item, rows), page, cursor)
