"""Addresses of this application in answers, and pages in frames of other sites."""

from __future__ import annotations

from typing import Any

import pytest

from flask_relationships import translations
from tests.hosts.host import Host

pytestmark = [pytest.mark.on_hosts("ordinary"), pytest.mark.on_databases("sqlite")]


def url(host: Host, address: str) -> str:
    caller = host.person()
    cookie = caller.client.get_cookie("session")
    assert cookie is not None
    headers = {"Host": address, "Cookie": f"session={cookie.value}"}
    found: str = (
        host.app.test_client(use_cookies=False).put(f"{host.prefix}/calendar-feed", headers=headers).get_json()["url"]
    )
    return found


@pytest.mark.parametrize("address", ["evil.example", "evil.example:80", "localhost.evil.example", "[::1].evil.example"])
def test_a_host_header_that_nobody_trusts_is_in_no_address(host: Host, address: str) -> None:
    assert url(host, address).startswith(f"{host.prefix}/calendars/")


@pytest.mark.parametrize("address", ["localhost", "localhost:5000", "127.0.0.1:5000"])
def test_the_address_of_this_machine_is_trusted(host: Host, address: str) -> None:
    assert url(host, address).startswith(f"http://{address}{host.prefix}/calendars/")


def test_a_trusted_host_is_in_the_address(make_host: Any) -> None:
    host = make_host(TRUSTED_HOSTS=("crm.example.com", ".example.org", "localhost"))
    assert url(host, "crm.example.com").startswith("http://crm.example.com/")
    assert url(host, "eu.example.org").startswith("http://eu.example.org/")


def test_the_public_address_comes_first(make_host: Any) -> None:
    host = make_host(RELATIONSHIPS_PUBLIC_URL="https://crm.example.com")
    assert url(host, "evil.example").startswith(f"https://crm.example.com{host.prefix}/calendars/")


@pytest.mark.parametrize(
    ("ancestors", "policy", "options"),
    [
        (None, "frame-ancestors 'none'", "DENY"),
        ("self", "frame-ancestors 'self'", "SAMEORIGIN"),
        (
            ("https://a.example", "https://b.example:8443"),
            "frame-ancestors https://a.example https://b.example:8443",
            None,
        ),
        ("any", None, None),
    ],
)
def test_ready_pages_are_shown_in_no_frame(make_host: Any, ancestors: Any, policy: Any, options: Any) -> None:
    host = make_host(**({} if ancestors is None else {"RELATIONSHIPS_FRAME_ANCESTORS": ancestors}))
    contact = host.contact()
    for path in ("/relationships/", f"/relationships/contacts/{contact}", "/relationships/contacts/absent"):
        response = host.person().client.get(path)
        assert response.headers.get("Content-Security-Policy") == policy, path
        assert response.headers.get("X-Frame-Options") == options, path


def test_a_policy_of_the_application_is_kept_and_added_to(make_host: Any) -> None:
    """Also where its hook sets one only if there is none, and runs after a hook that was registered later."""
    host = make_host(SECRET_NAME="a policy of its own")

    def add(response: Any) -> Any:
        response.headers.setdefault("Content-Security-Policy", "script-src 'self'")
        return response

    host.app.after_request_funcs[None].append(add)

    headers = host.person().client.get("/relationships/").headers
    assert headers.getlist("Content-Security-Policy") == ["script-src 'self'", "frame-ancestors 'none'"]


def test_the_application_may_say_itself_who_may_frame(make_host: Any) -> None:
    host = make_host(SECRET_NAME="frames of its own")

    def add(response: Any) -> Any:
        response.headers["Content-Security-Policy"] = "frame-ancestors https://portal.example"
        return response

    host.app.after_request_funcs[None].append(add)

    headers = host.person().client.get("/relationships/").headers
    assert headers.getlist("Content-Security-Policy") == ["frame-ancestors https://portal.example"]
    assert "X-Frame-Options" not in headers


def test_languages_without_a_catalogue_are_not_remembered(host: Host) -> None:
    client = host.app.test_client()
    client.get("/relationships/static/x/locales/de.json")
    before = translations._catalogues.cache_info().currsize
    for number in range(50):
        answer = client.get(f"/relationships/static/x/locales/x{number:03}.json")
        assert answer.get_json()["texts"] == {}
    assert translations._catalogues.cache_info().currsize == before
