from __future__ import annotations

from ...api.dumping import dump_rows
from ...api.pagination import page_answer, read_page
from ...api.view import Answer, Call, OperationBlueprint, operation
from . import queries
from .schemas import ConsentEntry, Suppression

blueprint = OperationBlueprint("consent", __name__)


@blueprint.get("/contacts/<relationships_key:contact_id>/consent")
@operation(
    "The consent ledger of a contact, newest first, and the suppressions of their numbers",
    permission="view",
    answers={"entries": [ConsentEntry], "suppressions": [Suppression]},
    paged=True,
)
def index(call: Call) -> Answer:
    ctx, page = call.context, read_page()
    rows, cursor = queries.read(ctx, call.contact.key, page)
    answer = page_answer("entries", dump_rows(ConsentEntry, rows), page, cursor)
    answer.body["suppressions"] = dump_rows(Suppression, queries.suppressions(ctx, call.contact.key))
    return answer
