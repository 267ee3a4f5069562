from __future__ import annotations

from typing import Any

from ... import signals
from ...api.dumping import dump_row, dump_rows
from ...api.pagination import page_answer, read_page
from ...api.view import Answer, Call, OperationBlueprint, operation, refer, referred
from ...db.changes import delete_row
from ...errors import CompaniesNotMapped, NotAClient, NotFound
from . import queries, service
from .models import PartnerTable
from .schemas import NewPartner, Partner, PartnerChange

blueprint = OperationBlueprint("partners", __name__)

PROBLEMS = (NotAClient, CompaniesNotMapped)


def _require_client(call: Call) -> None:
    if not queries.is_client(call.context, call.company.key):
        raise NotAClient


def _found(call: Call) -> tuple[PartnerTable, dict[str, Any]]:
    _require_client(call)
    found = queries.find(call.context, call.company.key, call.ids["partner_id"])
    if found is None:
        raise NotFound
    return found


def _current(call: Call) -> dict[str, Any] | None:
    found = queries.find(call.context, call.company.key, call.ids["partner_id"])
    return None if found is None else dump_row(Partner, found[0], **found[1])


@blueprint.get("/companies/<relationships_key:company_id>/partners")
@operation(
    "The partners of a client company, by name",
    permission="view",
    answers={"partners": [Partner]},
    paged=True,
    problems=PROBLEMS,
)
def index(call: Call) -> Answer:
    page = read_page()
    _require_client(call)
    rows, cursor = queries.read(call.context, call.company.key, page)
    return page_answer("partners", dump_rows(Partner, rows), page, cursor)


@blueprint.post("/companies/<relationships_key:company_id>/partners")
@operation(
    "Add a partner to a client company",
    permission="update",
    body=NewPartner,
    answers={"partner": Partner},
    status=201,
    problems=PROBLEMS,
)
def create(call: Call) -> Answer:
    _require_client(call)
    values = dict(call.values)
    values["contact_id"] = referred(call.state.hosts.contact, values, "contact_id")
    values["company_id"], call.subject = call.company.key, values["contact_id"]
    partner = service.create(call.context, values, call.state.now())
    call.announce(signals.partner_created, partner)
    return Answer({"partner": dump_row(Partner, partner)}, 201)


@blueprint.patch("/companies/<relationships_key:company_id>/partners/<partner_id>")
@operation(
    "Edit a partner",
    permission="update",
    body=PartnerChange,
    answers={"partner": Partner},
    problems=PROBLEMS,
    current=_current,
)
def change(call: Call) -> Answer:
    partner, shown = _found(call)
    call.require_match(partner)
    values = dict(call.values)
    if "contact_id" in values:
        refer(call, call.state.hosts.contact, values, "contact_id", partner)
    if "contact_id" in values:
        shown = {}  # what the caller named is what they may see
    service.change(call.context, partner, values, call.state.now(), call.revisions)
    call.announce(signals.partner_updated, partner)
    return Answer({"partner": dump_row(Partner, partner, **shown)})


@blueprint.delete("/companies/<relationships_key:company_id>/partners/<partner_id>")
@operation("Delete a partner", permission="manage", answers={"ok": True}, problems=PROBLEMS, current=_current)
def remove(call: Call) -> Answer:
    partner, _ = _found(call)
    call.require_match(partner)
    delete_row(call.session, partner, call.revisions)
    call.announce(signals.partner_deleted, partner)
    return Answer({"ok": True})
