"""How many SQL statements a list takes: the same for few rows as for many."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from ..caller import Caller
from ..host import ContractHost
from .access import Ids, exists_in
from .specification import ACTION, EVENT, MESSAGE, PARTNER, ROUTES

FEW, MANY = 1, 3


def populate(host: ContractHost, api: Caller, rows: int) -> Ids:
    """So many contacts, of a client where there are companies, with rows of every kind; the first has more of them."""
    company = host.client() if host.has_companies else None
    contacts = [host.contact(company=company) for _ in range(rows)]
    soon = (host.today() + timedelta(days=30)).isoformat()
    for contact in (*contacts, *contacts[:1] * rows):
        api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True, "phone_number": "+44 20 7946 0018"})
        api.post(f"/contacts/{contact}/life-events", {**EVENT, "event_date": soon})
        api.post(f"/contacts/{contact}/relationship-actions", {**ACTION, "assigned_to_user_id": host.person().id})
        action = api.post(f"/contacts/{contact}/relationship-actions", {**ACTION, "company_id": company})["action"]
        api.patch(f"/contacts/{contact}/relationship-actions/{action['id']}", {"title": "Send flowers"})
        api.post(f"/contacts/{contact}/messages", MESSAGE)
        if company is not None:
            api.post(f"/companies/{company}/partners", {**PARTNER, "contact_id": contact})
    return {"contact": contacts[0], "company": company or "1", "action": action["id"]}


@contextmanager
def statements(host: ContractHost) -> Iterator[list[str]]:
    """Those that reach the database of the plugin's tables meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    with host.app.app_context():
        engine = host.session.get_bind(mapper=host.models.mapper)
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


class StatementContract:
    def test_the_number_of_statements_of_a_list_is_a_constant(self, api: Caller, host: ContractHost) -> None:
        few, many = populate(host, api, FEW), populate(host, api, MANY)
        routes = [route for route in ROUTES if route.method == "GET" and exists_in(host, route)]

        def counted(ids: Ids) -> dict[str, int]:
            found = {}
            for route in routes:
                with statements(host) as seen:
                    response = api.ask("GET", route.path.format(**ids))
                if response.status_code == 200:
                    found[str(route)] = len(seen)
            return found

        counted(few)  # once, so that nothing is done for the first time below
        of_few, of_many = counted(few), counted(many)
        assert of_few == of_many
        assert len(of_few) >= 6
