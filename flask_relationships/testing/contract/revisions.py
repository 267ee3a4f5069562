"""`ETag` and `If-Match`: nobody overwrites what somebody else has changed since they read it."""

from __future__ import annotations

from typing import Any

import pytest

from ..caller import Caller
from ..host import ContractHost
from .access import Ids, exists_in, expected_status, fill
from .specification import ACTION, EVENT, PARTNER, ROUTES, Route

OF_ONE_OBJECT = tuple(
    route
    for route in ROUTES
    if (route.method in ("PATCH", "PUT", "DELETE") and route.path != "/relationship-actions")
    or route.path.endswith(("/snooze", "/reopen"))
)
"""The routes that write one object that exists, and so take ``If-Match``."""

EDITS = tuple(
    route for route in OF_ONE_OBJECT if route.method == "PATCH" and not route.path.endswith("/messages/{unconfirmed}")
)
"""Those that change a column that clients can write. A message has none: what became of it is no edit."""

STALE = '"2147483647"'
"""The entity tag of a revision that no object has."""


def prepare(host: ContractHost, api: Caller, route: Route) -> Ids:
    """Create a row of every kind. Skips the test where the application does not have what the route writes."""
    if not exists_in(host, route) or expected_status(host, route) >= 400:
        host.lacks(str(route))
    ids = fill(host, api)
    if "calendar-feed" in route.path:
        put = Route("PUT", route.path, "view")
        if not exists_in(host, put) or expected_status(host, put) >= 400:
            host.lacks(str(put))
        api.put(route.path.format(**ids), 201)
    if route.path.endswith("/relationship"):
        api.get(route.path.format(**ids))
    if route.path.endswith("/reopen"):
        api.patch(f"/relationship-actions/{ids['action']}", {"status": "done"})
    return ids


def ask(api: Caller, route: Route, ids: Ids, tag: str) -> Any:
    return api.ask(route.method, route.path.format(**ids), route.body, headers={"If-Match": tag})


def of_object(answer: Any) -> Any:
    """Return the one object that an answer is about."""
    (found,) = (member for member in answer.get_json().values() if isinstance(member, dict) and "revision" in member)
    return found


class RevisionContract:
    @pytest.mark.parametrize("route", OF_ONE_OBJECT, ids=str)
    def test_another_revision_is_refused_and_nothing_is_changed(
        self, api: Caller, host: ContractHost, route: Route
    ) -> None:
        """A 412 with the present object, twice the same."""
        ids = prepare(host, api, route)
        first, second = ask(api, route, ids, STALE), ask(api, route, ids, STALE)
        for refused in (first, second):
            assert refused.status_code == 412, refused.get_data(as_text=True)
            problem = refused.get_json()
            assert problem["code"] == "precondition_failed"
            assert refused.headers["ETag"] == f'"{problem["current"]["revision"]}"'
        assert first.get_json()["current"] == second.get_json()["current"]

    @pytest.mark.parametrize("route", OF_ONE_OBJECT, ids=str)
    def test_the_present_revision_is_accepted(self, api: Caller, host: ContractHost, route: Route) -> None:
        ids = prepare(host, api, route)
        tag = ask(api, route, ids, STALE).headers["ETag"]
        accepted = ask(api, route, ids, f'"0", {tag}')
        assert accepted.status_code in (200, 201), accepted.get_data(as_text=True)
        if "ok" not in accepted.get_json():
            assert accepted.headers["ETag"] == f'"{of_object(accepted)["revision"]}"'

    @pytest.mark.parametrize("route", EDITS, ids=str)
    def test_a_revision_is_accepted_once(self, api: Caller, host: ContractHost, route: Route) -> None:
        """Of two who have read the same object, the second is refused."""
        ids = prepare(host, api, route)
        tag = ask(api, route, ids, STALE).headers["ETag"]
        edited = ask(api, route, ids, tag)
        assert edited.status_code == 200, edited.get_data(as_text=True)
        assert edited.headers["ETag"] == f'"{int(tag.strip(chr(34))) + 1}"'
        refused = ask(api, route, ids, tag)
        assert refused.status_code == 412
        assert refused.get_json()["current"] == of_object(edited)

    def test_an_answer_about_one_object_has_its_entity_tag(self, api: Caller, host: ContractHost, contact: str) -> None:
        created = [
            api.ask("GET", f"/contacts/{contact}/relationship"),
            api.ask("POST", f"/contacts/{contact}/life-events", EVENT),
            api.ask("POST", f"/contacts/{contact}/relationship-actions", ACTION),
        ]
        created.append(api.ask("GET", f"/relationship-actions/{of_object(created[-1])['id']}"))
        if host.has_companies:
            created.append(api.ask("POST", f"/companies/{host.client()}/partners", PARTNER))
        for answer in created:
            assert answer.headers["ETag"] == '"1"' == f'"{of_object(answer)["revision"]}"'
        assert "ETag" not in api.ask("GET", "/relationship-actions").headers
