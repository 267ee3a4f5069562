"""Calendars and digests end with the access of their user, decided each time they are read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.feeds.test_calendars import EVENT, entries, fetch, subscribe
from tests.feeds.test_digests import act, each
from tests.hosts.host import Caller, Host
from tests.hosts.ordinary import Company, User
from tests.marks import hosts, one_host

pytestmark = one_host

DEACTIVATED: dict[str, tuple[str, Any]] = {
    "inactive": ("is_active", False),
    "inactive property": ("is_active", property(lambda _user: False)),
    "no answer": ("is_active", property(lambda _user: None)),
    "inactive method": ("is_active", lambda _user: False),
    "not authenticated": ("is_authenticated", False),
    "not authenticated property": ("is_authenticated", property(lambda _user: False)),
    "raises": ("is_active", property(lambda _user: 1 / 0)),
}


@pytest.mark.parametrize(("name", "value"), DEACTIVATED.values(), ids=DEACTIVATED)
def test_a_calendar_is_not_found_once_its_user_is_deactivated(
    host: Host, api: Caller, contact: str, monkeypatch: pytest.MonkeyPatch, name: str, value: Any
) -> None:
    api.post(f"/contacts/{contact}/life-events", EVENT)
    url = subscribe(api)
    before = fetch(host, url.replace(".ics", "x.ics"))
    with monkeypatch.context() as patched:
        patched.setattr(User, name, value)
        refused = fetch(host, url)
        assert (refused.status_code, refused.data) == (404, before.data)
    assert len(entries(host, url)) == 2, "the access came back, and the calendar with it"


def test_a_deactivated_user_gets_no_digest(
    host: Host, api: Caller, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(api, contact, "Call", 0)
    assert len(each(host)) == 1
    monkeypatch.setattr(User, "is_active", property(lambda _user: False))
    assert each(host) == []


def test_an_is_active_method_is_called(host: Host, api: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    url = subscribe(api)
    monkeypatch.setattr(User, "is_authenticated", True)
    monkeypatch.setattr(User, "is_active", lambda _user: True)
    assert fetch(host, url).status_code == 200


@hosts("ordinary")
def test_a_company_calendar_asks_the_permission_for_the_company(
    host: Host, api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = host.company()
    url = subscribe(api, company)
    assert fetch(host, url).status_code == 200
    refuse(host, monkeypatch, Company)
    api.put(f"/companies/{company}/calendar-feed", 403)
    assert fetch(host, url).status_code == 404


def refuse(host: Host, monkeypatch: pytest.MonkeyPatch, model: type[Any]) -> None:
    """Have the permission callback refuse the rows of a model."""
    callbacks = host.app.extensions["relationships"].callbacks
    allowed = callbacks.permission

    def strict(user: Any, permission: str, target: Any) -> bool:
        return not isinstance(target, model) and bool(allowed(user, permission, target))

    monkeypatch.setattr(callbacks, "permission", strict)


def test_a_calendar_that_could_never_be_read_is_not_made(
    host: Host, api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.get("/openapi.json")  # the first request settles the callbacks
    monkeypatch.setattr(host.app.extensions["relationships"].callbacks, "reader", lambda _row: None)
    problem = api.put("/calendar-feed", 403)
    assert problem["code"] == "feed_unreadable"
    assert "reader_callback" in problem["detail"]
    assert host.rows("CalendarFeed") == []
