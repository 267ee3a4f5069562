from __future__ import annotations

from ..access import action_scope, members
from ..dumper import dump_rows
from ..http import Answer, Call, OperationBlueprint, operation
from ..listing import page_answer, read_page
from . import service
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
    rows, cursor = service.read(call.context, members(scope), call.today(), page)
    return page_answer("contacts", dump_rows(Neglected, rows), page, cursor)
