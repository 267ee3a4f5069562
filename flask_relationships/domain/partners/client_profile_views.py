"""Which companies are clients, where the plugin keeps that itself."""

from __future__ import annotations

from typing import Any

from ...api.dumping import dump_row
from ...api.view import Answer, Call, OperationBlueprint, operation
from ...errors import ChangedMeanwhile, ClientProfilesElsewhere, CompaniesNotMapped, NotAClient
from . import queries, service
from .models import ClientProfileTable
from .schemas import ClientProfile

blueprint = OperationBlueprint("client_profiles", __name__)

PROBLEMS = (CompaniesNotMapped, ClientProfilesElsewhere)


def _require_own_table(call: Call) -> None:
    if call.state.hosts.client_profile is not None:
        raise ClientProfilesElsewhere


def _found(call: Call) -> ClientProfileTable | None:
    return queries.client_profile(call.context, call.company.key)


def _current(call: Call) -> dict[str, Any] | None:
    found = _found(call)
    return None if found is None else dump_row(ClientProfile, found)


@blueprint.put("/companies/<relationships_key:company_id>/client-profile")
@operation(
    "Make a company a client: 201 where it was none, 200 where it was",
    permission="manage",
    answers={"client_profile": ClientProfile},
    status=201,
    also={200: "The company was a client already"},
    problems=(*PROBLEMS, ChangedMeanwhile),
    current=_current,
)
def put(call: Call) -> Answer:
    _require_own_table(call)
    if call.precondition is not None:
        call.require_match(_found(call))
    profile, new = service.create_client(call.context, call.company.key, call.state.now())
    return Answer({"client_profile": dump_row(ClientProfile, profile)}, 201 if new else 200)


@blueprint.delete("/companies/<relationships_key:company_id>/client-profile")
@operation(
    "Make a company no client any more; its partners are kept",
    permission="manage",
    answers={"ok": True},
    problems=(*PROBLEMS, NotAClient, ChangedMeanwhile),
    current=_current,
)
def remove(call: Call) -> Answer:
    _require_own_table(call)
    if call.precondition is not None and (found := _found(call)) is not None:
        call.require_match(found)
    if not service.delete_client(call.context, call.company.key, call.revisions):
        raise NotAClient if call.revisions is None or _found(call) is None else ChangedMeanwhile
    return Answer({"ok": True})
