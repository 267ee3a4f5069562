from __future__ import annotations

from ...api.dumping import dump_rows
from ...api.view import Answer, Call, OperationBlueprint, operation
from ...errors import CompaniesNotMapped
from ..actions.schemas import Action
from ..life_events.freshness import refresh_listed
from ..messages.schemas import Message
from ..partners.schemas import Partner
from . import queries
from .schemas import SummaryContact, SummaryEvent

blueprint = OperationBlueprint("summary", __name__)


@blueprint.get("/clients/<relationships_key:company_id>/relationship-summary")
@operation(
    "A company's contacts, coming events, pending actions, partners and latest messages",
    permission="view",
    answers={
        "contacts": [SummaryContact],
        "events": [SummaryEvent],
        "actions": [Action],
        "partners": [Partner],
        "messages": [Message],
    },
    problems=(CompaniesNotMapped,),
)
def show(call: Call) -> Answer:
    ctx, company, today = call.context, call.company.key, call.today()
    summary = queries.read(ctx, company, today)
    if refresh_listed(ctx, summary.actions, today):
        summary = queries.read(ctx, company, today)
    return Answer(
        {
            "contacts": dump_rows(SummaryContact, summary.contacts),
            "events": dump_rows(SummaryEvent, summary.events),
            "actions": dump_rows(Action, summary.actions),
            "partners": dump_rows(Partner, summary.partners),
            "messages": dump_rows(Message, summary.messages),
        }
    )
