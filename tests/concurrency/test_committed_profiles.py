"""A profile is committed before the rest of its request: `profile_created` is sent whatever becomes of the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flask_relationships import signals
from flask_relationships.domain.profiles import views as routes
from flask_relationships.errors import ChangedMeanwhile
from tests.hosts.host import Caller, Host

pytestmark = pytest.mark.on_hosts("ordinary")


@pytest.fixture
def announced(host: Host) -> Iterator[list[str]]:
    """The contacts of the profiles that were announced."""
    heard: list[str] = []

    def note(_app: Any, row: Any, user: Any) -> None:
        heard.append(str(row.contact_id))

    with signals.profile_created.connected_to(note, host.app):
        yield heard


def losing_once(work: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, which meets another request's change when it is called first."""
    calls = iter([True])

    def run(*given: Any, **options: Any) -> Any:
        if next(calls, False):
            raise ChangedMeanwhile
        return work(*given, **options)

    return run


def test_a_request_that_is_begun_again(
    host: Host, api: Caller, contact: str, announced: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes.service, "change", losing_once(routes.service.change))
    api.patch(f"/contacts/{contact}/relationship", {"preferred_name": "Ada"})
    assert announced == [contact]


def test_a_request_that_is_refused(host: Host, api: Caller, contact: str, announced: list[str]) -> None:
    stale = api.ask("PATCH", f"/contacts/{contact}/relationship", {"cadence_days": 30}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    assert announced == [contact]


def test_a_message_that_is_refused(host: Host, api: Caller, contact: str, announced: list[str]) -> None:
    api.post(f"/contacts/{contact}/messages", {"channel": "sms", "body": "Hello"}, 403)
    assert announced == [contact]


def test_a_profile_that_is_there_is_not_announced(host: Host, api: Caller, contact: str, announced: list[str]) -> None:
    for _ in range(2):
        api.get(f"/contacts/{contact}/relationship")
    assert announced == [contact]
