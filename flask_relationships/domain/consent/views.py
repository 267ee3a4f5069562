from __future__ import annotations

from ...api.dumping import dump_rows
from ...api.pagination import page_answer, read_page
from ...api.view import Answer, Call, OperationBlueprint, operation
from ...hosts.joins import ShownKeys
from . import queries
from .schemas import ConsentEntry, Suppression

blueprint = OperationBlueprint("consent", __name__)


@blueprint.get("/contacts/<relationships_key:contact_id>/consent")
@operation(
    "What was said about messages to a contact, newest first, and the suppressions of their numbers",
    permission="view",
    answers={"entries": [ConsentEntry], "suppressions": [Suppression]},
    paged=True,
)
def index(call: Call) -> Answer:
    page, models = read_page(), call.state.models
    keys = ShownKeys(call.state.hosts, call.user.given, models.ConsentEntry)
    rows, cursor = queries.read(call.context, keys, call.contact.key, page)
    answer = page_answer("entries", dump_rows(ConsentEntry, rows), page, cursor)
    answer.body["suppressions"] = dump_rows(Suppression, queries.suppressions(call.context, call.contact.key))
    return answer
