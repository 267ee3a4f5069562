"""RELATIONSHIPS_COUNTRIES: whose numbers may be written to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flask_relationships.domain.contacts.addresses import region_of
from tests.hosts.host import Host
from tests.limits.conftest import LONDON, NEW_YORK, opted_in, send
from tests.marks import databases, one_host

pytestmark = [one_host, databases("sqlite")]


@pytest.mark.parametrize(
    ("countries", "phone", "status"),
    [
        ("GB", LONDON, 201),
        ("GB", NEW_YORK, 403),
        ("US, CA", NEW_YORK, 201),
        ("CA", NEW_YORK, 403),
        ("GB", "+44 7911 123456", 403),
        ("GB, GG", "+44 7911 123456", 201),
        ("GB", "+800 1234 5678", 403),
    ],
)
def test_a_number_of_another_country_is_refused(
    make_host: Callable[..., Host], countries: str, phone: str, status: int
) -> None:
    host = make_host(RELATIONSHIPS_COUNTRIES=countries)
    api, contact = host.person(), opted_in(host, phone)
    answer = send(api, contact, status)
    assert answer.get("code") == (None if status == 201 else "country_not_allowed")
    assert len(host.transport.sent) == len(host.rows("Message")) == (status == 201)
    shown = api.post(f"/contacts/{contact}/messages/preview", {"channel": "sms", "body": "Hello"}, 200)["preview"]
    assert (shown["blocked"] or {}).get("reason") == answer.get("code")


def test_a_text_that_is_no_number_is_of_no_country() -> None:
    assert region_of("a number of the host's own") is None
