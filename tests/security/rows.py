"""One row of everything a path can name, for the routes of the contract's specification."""

from __future__ import annotations

from flask_relationships.testing.contract.access import Ids, absent, exists_in, fill
from tests.hosts.host import Caller, Host

__all__ = ["Ids", "absent", "exists_in", "fill", "outcome", "states"]


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
