"""One row of everything a path can name, for the routes of the contract's specification."""

from __future__ import annotations

from flask_relationships.testing.contract.specification import ACTION, EVENT, PARTNER, Route
from tests.hosts.host import Caller, Host

NO_ROW_OF_OURS = "00000000-0000-7000-8000-000000000000"

Ids = dict[str, str]


def fill(host: Host, api: Caller) -> Ids:
    """A contact who has opted in, with an event and an action; a client with a partner: their ids by name."""
    contact = host.contact()
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    ids = {
        "contact": contact,
        "event": api.post(f"/contacts/{contact}/life-events", EVENT)["event"]["id"],
        "action": api.post(f"/contacts/{contact}/relationship-actions", ACTION)["action"]["id"],
    }
    if not host.has_companies:
        return ids | {"company": "1", "partner": NO_ROW_OF_OURS}
    company = host.client()
    partner = api.post(f"/companies/{company}/partners", PARTNER)["partner"]["id"]
    return ids | {"company": company, "partner": partner}


def absent(host: Host) -> Ids:
    """Ids that are well formed and name nothing."""
    theirs = host.absent_id()
    ours = NO_ROW_OF_OURS
    return {"contact": theirs, "company": theirs, "event": ours, "action": ours, "partner": ours}


def exists_in(host: Host, route: Route) -> bool:
    """Whether the host has what the route is about."""
    if "client-profile" in route.path and host.has_own_client_profiles:
        return False
    return host.has_companies or "{company}" not in route.path


def states(host: Host) -> tuple[str, ...]:
    """How a row may be to a caller in this host."""
    return ("visible", "invisible", "deleted", "absent") if host.has_tenants else ("visible", "deleted", "absent")


def outcome(host: Host, api: Caller, state: str) -> Ids:
    """The ids of rows that are visible, invisible, deleted or absent to the caller."""
    if state == "absent":
        return absent(host)
    ids = fill(host, api)
    if state == "invisible":
        host.hide_contact(ids["contact"])
        host.hide_company(ids["company"])
    elif state == "deleted":
        host.delete_contact(ids["contact"])
        if host.has_tenants:
            host.delete_company(ids["company"])
        else:
            ids["company"] = host.absent_id()
    return ids
