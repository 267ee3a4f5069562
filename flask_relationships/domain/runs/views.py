from __future__ import annotations

from datetime import timedelta

from ...api.dumping import dump_row, dump_rows
from ...api.view import Answer, Call, OperationBlueprint, operation
from ...db.rows import Rows
from . import queries
from .schemas import Health, Run

blueprint = OperationBlueprint("running", __name__)


@blueprint.get("/health")
@operation(
    "Whether what is due is done in time, and what runs it",
    permission="view",
    answers={"health": Health, "runs": [Run]},
)
def health(call: Call) -> Answer:
    late_after = timedelta(minutes=call.state.settings.run_late_after)
    found = queries.health(call.context, call.state.now(), late_after)
    body = dump_row(Health, found, late_after=int(late_after.total_seconds()))
    return Answer({"health": body, "runs": dump_rows(Run, Rows(queries.COLUMNS, found.runs))})
