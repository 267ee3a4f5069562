"""Who may, on which rows: permissions, and rows that are hidden, deleted or not there."""

from __future__ import annotations

from importlib.util import find_spec
from typing import get_args
from weakref import WeakKeyDictionary

import pytest

from ...domain.messages.senders import tenant_text
from ...hosts.bound import SYSTEM
from ..caller import Caller
from ..host import ContractHost, Permission
from .specification import ACTION, EVENT, INBOUND, MESSAGE, NO_ROW_OF_OURS, PARTNER, ROUTES, UNCONFIRMED, WAITING, Route

ORDER = get_args(Permission)
"""Each permission holds those before it."""

Ids = dict[str, str]

UNMATCHED = ("/messages/unmatched", "/contacts/{contact}/messages/{message}")
"""The routes of messages that belong to no contact."""


def fill(host: ContractHost, api: Caller) -> Ids:
    """A contact who has opted in, with event and action, a client with a partner, a message: their ids by name."""
    contact = host.contact()
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True, "phone_number": "+44 20 7946 0018"})
    ids = {
        "contact": contact,
        "message": unmatched(host, contact),
        "waiting": waiting(host, contact),
        "unconfirmed": unconfirmed(host, contact),
        "event": api.post(f"/contacts/{contact}/life-events", EVENT)["event"]["id"],
        "action": api.post(f"/contacts/{contact}/relationship-actions", ACTION)["action"]["id"],
    }
    if not host.has_companies:
        return ids | {"company": "1", "partner": NO_ROW_OF_OURS}
    company = host.client()
    return ids | {"company": company, "partner": api.post(f"/companies/{company}/partners", PARTNER)["partner"]["id"]}


def unmatched(host: ContractHost, contact: str) -> str:
    """A message from a number that nobody has, to the sender of the tenant that this contact belongs to."""
    contacts = host.state.hosts.contact
    with host.app.app_context():
        found = contacts.find(host.session, contact, SYSTEM)
        tenant = None if found is None else contacts.tenant_of_row(host.session, found.row, found.key)
    message = host.models.Message(**INBOUND, tenant=tenant_text(tenant), created_at=host.state.now())
    return host.add(message)


def refuses_unmatched(host: ContractHost) -> bool:
    """Whether the application does not say who may see messages that belong to no contact."""
    mapping = host.state.hosts.contact.mapping
    return mapping.visible is not None and mapping.tenant is None and host.state.callbacks.unmatched is None


_refusing_calendars: WeakKeyDictionary[ContractHost, bool] = WeakKeyDictionary()


def is_making_calendar(route: Route) -> bool:
    return route.method == "PUT" and "calendar-feed" in route.path


def refuses_calendars(host: ContractHost) -> bool:
    """Whether the application sets no reader callback although its callbacks refuse the row of a user."""
    if host.state.callbacks.reader is not None or find_spec("icalendar") is None:
        return False
    if host not in _refusing_calendars:
        caller = host.person()
        problem = caller.ask("PUT", "/calendar-feed").get_json()
        _refusing_calendars[host] = problem.get("code") == "feed_unreadable"
        caller.ask("DELETE", "/calendar-feed")
    return _refusing_calendars[host]


def expected_status(host: ContractHost, route: Route) -> int:
    """The status that a route answers to a user with the permission for it."""
    if not exists_in(host, route):
        return 404
    if is_making_calendar(route) and refuses_calendars(host):
        return 403
    return 403 if route.path in UNMATCHED and refuses_unmatched(host) else route.status


def waiting(host: ContractHost, contact: str) -> str:
    """A message to a contact that waits to be sent."""
    key = host.key(host.state.hosts.contact.mapper.class_, contact)
    return host.add(host.models.Message(**WAITING, contact_id=key, attempt=0, created_at=host.state.now()))


def unconfirmed(host: ContractHost, contact: str) -> str:
    """A message to a contact of which nobody knows whether it left."""
    key, now = host.key(host.state.hosts.contact.mapper.class_, contact), host.state.now()
    values = {**UNCONFIRMED, "contact_id": key, "to_number": "+442079460018", "attempt": 1}
    return host.add(host.models.Message(**values, status_rank=5, created_at=now, attempted_at=now))


def absent(host: ContractHost) -> Ids:
    """Return ids of the right form that no row has."""
    ours = NO_ROW_OF_OURS
    company = host.absent_id("company")
    return {
        "contact": host.absent_id(),
        "company": company,
        "event": ours,
        "action": ours,
        "partner": ours,
        "message": ours,
        "waiting": ours,
        "unconfirmed": ours,
    }


def exists_in(host: ContractHost, route: Route) -> bool:
    """Whether the application has what the route is about."""
    if "client-profile" in route.path and host.has_own_client_profiles:
        return False
    if route.path == "/action-centre" and not host.state.action_centre.listed:
        return False
    if is_making_calendar(route) and find_spec("icalendar") is None:
        return False
    return host.has_companies or "{company}" not in route.path


def answer_to(caller: Caller, route: Route, ids: Ids) -> int:
    status: int = caller.ask(route.method, route.path.format(**ids), route.body).status_code
    return status


class PermissionContract:
    @pytest.mark.parametrize("permission", ORDER)
    def test_each_permission_opens_its_routes(self, api: Caller, host: ContractHost, permission: Permission) -> None:
        """All endpoints require relationships tool permissions (view, update, or manage as noted)."""
        caller = api if permission == "manage" else host.person(permission)
        ids = fill(host, api)
        wanted = {
            str(route): 403 if ORDER.index(route.permission) > ORDER.index(permission) else expected_status(host, route)
            for route in ROUTES
        }
        assert {str(route): answer_to(caller, route, ids) for route in ROUTES} == wanted

    def test_an_anonymous_request_is_refused(self, api: Caller, host: ContractHost) -> None:
        """All endpoints require authentication: a 401 in JSON, never a redirect."""
        ids = fill(host, api)
        for route in ROUTES:
            response = host.anonymous().ask(route.method, route.path.format(**ids), route.body)
            assert (response.status_code, response.mimetype) == (401, "application/problem+json"), str(route)

    def test_what_is_not_there_is_not_found(self, api: Caller, host: ContractHost) -> None:
        ids = absent(host)
        found = {str(route): answer_to(api, route, ids) for route in ROUTES if "{" in route.path}
        assert set(found.values()) == {404}, found

    def test_an_id_in_a_body_that_names_nothing_is_an_unknown_reference(
        self, api: Caller, host: ContractHost, contact: str
    ) -> None:
        """Also where the application has no companies, and where the id could be none of this application."""
        at = f"/contacts/{contact}"
        for path, body, name in [
            (f"{at}/life-events", EVENT, "company_id"),
            (f"{at}/relationship-actions", ACTION, "company_id"),
            (f"{at}/relationship-actions", ACTION, "assigned_to_user_id"),
            (f"{at}/messages/preview", MESSAGE, "auto_action_id"),
        ]:
            for id in (NO_ROW_OF_OURS, "no key of anything"):
                problem = api.post(path, {**body, name: id}, 422)
                assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [
                    (f"#/{name}", "unknown_reference")
                ]

    def test_an_address_of_ours_that_is_no_route_is_a_problem(self, api: Caller) -> None:
        response = api.ask("GET", "/no/such/route")
        assert (response.status_code, response.mimetype) == (404, "application/problem+json")


class HiddenRowContract:
    def test_a_deleted_contact_is_gone_from_everywhere(self, api: Caller, host: ContractHost) -> None:
        ids = fill(host, api)
        host.delete_contact(ids["contact"])
        self._is_gone(api, host, ids)

    def test_a_hidden_contact_is_gone_from_everywhere(self, api: Caller, host: ContractHost) -> None:
        ids = fill(host, api)
        host.hide_contact(ids["contact"])
        self._is_gone(api, host, ids)

    def _is_gone(self, api: Caller, host: ContractHost, ids: Ids) -> None:
        """As if it had never been there, to the byte."""
        for route in ROUTES:
            if "{contact}" in route.path or "{action}" in route.path:
                gone = api.ask(route.method, route.path.format(**ids), route.body)
                never = api.ask(route.method, route.path.format(**absent(host)), route.body)
                assert (gone.status_code, gone.data) == (404, never.data), str(route)
        assert api.get("/relationship-actions")["actions"] == []
        if host.state.action_centre.listed:
            assert api.get("/action-centre")["items"] == []

    def test_a_deleted_company_is_not_found(self, api: Caller, host: ContractHost) -> None:
        ids = fill(host, api)
        host.delete_company(ids["company"])
        self._company_is_gone(api, host, ids)

    def test_a_hidden_company_is_not_found(self, api: Caller, host: ContractHost) -> None:
        ids = fill(host, api)
        host.hide_company(ids["company"])
        self._company_is_gone(api, host, ids)

    def _company_is_gone(self, api: Caller, host: ContractHost, ids: Ids) -> None:
        for route in ROUTES:
            if "{company}" in route.path:
                gone = api.ask(route.method, route.path.format(**ids), route.body)
                never = api.ask(route.method, route.path.format(**absent(host)), route.body)
                assert (gone.status_code, gone.data) == (404, never.data), str(route)
        named = {**ACTION, "company_id": ids["company"]}
        path = f"/contacts/{ids['contact']}/relationship-actions"
        gone = api.ask("POST", path, named)
        never = api.ask("POST", path, {**ACTION, "company_id": host.absent_id("company")})
        assert (gone.status_code, gone.data) == (422, never.data)
        (error,) = gone.get_json()["errors"]
        assert (error["pointer"], error["code"]) == ("#/company_id", "unknown_reference")

    def test_a_hidden_company_or_user_shows_as_null(self, api: Caller, host: ContractHost) -> None:
        company, other = host.company(host.new_company_name()), host.person()
        contact = host.contact(company=company)
        path = f"/contacts/{contact}/relationship-actions"
        api.post(path, {**ACTION, "company_id": company, "assigned_to_user_id": other.id})
        host.hide_company(company)
        if host.has("hide_user"):
            host.hide_user(other.id)
        (found,) = api.get(path)["actions"]
        assert (found["company_id"], found["company_name"], found["first_name"]) == (None, None, "Ada")
        if host.has("hide_user"):
            assert (found["assigned_to_user_id"], found["assigned_to_name"]) == (None, None)
            hidden = api.ask("POST", path, {**ACTION, "assigned_to_user_id": other.id})
            absent = api.ask("POST", path, {**ACTION, "assigned_to_user_id": host.absent_id("user")})
            assert (hidden.status_code, hidden.data) == (422, absent.data)

    def test_a_user_who_is_deleted_leaves_their_work_behind(self, api: Caller, host: ContractHost) -> None:
        other, contact = host.person("update"), host.contact()
        path = f"/contacts/{contact}/relationship-actions"
        api.post(path, {**ACTION, "assigned_to_user_id": other.id})
        host.delete_user(other.id)
        (found,) = api.get(path)["actions"]
        assert (found["assigned_to_user_id"], found["assigned_to_name"]) == (None, None)
