from __future__ import annotations

from ...api.dumping import dump_rows
from ...api.pagination import page_answer, read_page
from ...api.permissions import action_scope, members
from ...api.view import Answer, Call, OperationBlueprint, operation
from . import queries
from .schemas import Neglected

blueprint = OperationBlueprint("keeping_in_touch", __name__)


@blueprint.get("/contacts/neglected")
@operation(
    "Contacts in the caller's scope that nobody was in touch with for longer than their cadence, longest first",
    permission="view",
    answers={"contacts": [Neglected]},
    paged=True,
)
def neglected(call: Call) -> Answer:
    page, scope = read_page(), action_scope()
    rows, cursor = queries.read(call.context, members(scope), call.today(), page)
    return page_answer("contacts", dump_rows(Neglected, rows), page, cursor)
