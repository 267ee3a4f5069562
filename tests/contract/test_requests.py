"""What every request is held to: its content type, its body, its method, its address."""

from __future__ import annotations

from typing import Any

import pytest

from flask_relationships.testing.contract.specification import EVENT
from tests.hosts.host import Caller, Host

pytestmark = pytest.mark.on_databases("sqlite")


def address(contact: str) -> str:
    return f"/contacts/{contact}/life-events"


def refusal(api: Caller, contact: str, status: int, **options: Any) -> str:
    response = api.ask("POST", address(contact), **options)
    assert response.status_code == status, response.get_data(as_text=True)
    return str(response.get_json()["code"])


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/jsonp",
        "text/json",
        "",
        None,
    ],
)
def test_only_json_is_read(api: Caller, host: Host, contact: str, content_type: str | None) -> None:
    code = refusal(api, contact, 415, data=b'{"event_type": "a", "title": "b"}', content_type=content_type)
    assert code == "unsupported_content_type"
    assert host.rows("LifeEvent") == []


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"])
def test_json_by_any_of_its_names(api: Caller, contact: str, content_type: str) -> None:
    data = b'{"event_type": "a", "title": "b"}'
    assert api.ask("POST", address(contact), data=data, content_type=content_type).status_code == 201


@pytest.mark.parametrize("data", [b"", b" \n"])
def test_a_body_is_needed(api: Caller, contact: str, data: bytes) -> None:
    assert refusal(api, contact, 400, data=data, content_type="application/json") == "empty_body"


@pytest.mark.parametrize("data", [b"{", b"[]", b"null", b'"text"', b"7", b"{'a': 1}", b'{"a": 1,}', b"\xff\xfe{}"])
def test_a_body_is_a_json_object(api: Caller, contact: str, data: bytes) -> None:
    assert refusal(api, contact, 400, data=data, content_type="application/json") == "unreadable_body"


def test_a_body_may_have_256_kib(api: Caller, contact: str) -> None:
    padding = b" " * (256 * 1024)
    assert refusal(api, contact, 413, data=b"{}" + padding, content_type="application/json") == "body_too_large"


def test_a_body_whose_length_nobody_tells(api: Caller, contact: str) -> None:
    """Without Content-Length, as with chunked transfer, the limit holds all the same."""
    from io import BytesIO

    response = api.ask(
        "POST",
        address(contact),
        input_stream=BytesIO(b'{"title": "' + b"a" * 300_000 + b'"}'),
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert response.status_code in {400, 413}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods(api: Caller, contact: str, method: str) -> None:
    response = api.ask(method, address(contact), EVENT)
    if response.is_json:
        assert (response.status_code, response.get_json()["code"]) == (405, "method_not_allowed")
    else:
        assert response.status_code in {302, 405}, "the host may answer for addresses that are nobody's"


@pytest.mark.on_hosts("ordinary", "peculiar", "documented")
def test_the_allowed_methods_are_told(api: Caller, contact: str) -> None:
    response = api.ask("PUT", address(contact), EVENT)
    assert response.status_code == 405
    assert {"GET", "POST"} <= set(response.headers["Allow"].replace(" ", "").split(","))


@pytest.mark.parametrize("path", ["", "/", "/contacts", "/contacts/"])
def test_an_address_without_a_route_is_told_in_json(api: Caller, path: str) -> None:
    response = api.ask("GET", path)
    assert (response.status_code, response.get_json()["code"]) == (404, "not_found")


def test_reading_and_deleting_read_no_body(api: Caller, contact: str) -> None:
    event = api.post(address(contact), EVENT)["event"]
    nonsense = {"data": b"\x00", "content_type": "text/plain"}
    assert api.ask("GET", address(contact), **nonsense).status_code == 200
    assert api.ask("DELETE", f"{address(contact)}/{event['id']}", **nonsense).status_code == 200


def test_the_address_is_configured(make_host: Any) -> None:
    host = make_host(RELATIONSHIPS_URL_PREFIX="/crm/v1/people")
    caller = host.person()
    assert caller.prefix == "/crm/v1/people"
    caller.get(f"/contacts/{host.contact()}/relationship")


def test_the_host_s_own_errors_stay_its_own(host: Host) -> None:
    """An address that is not ours is answered by the host, in its own way."""
    response = host.app.test_client().get("/nothing-here")
    assert response.mimetype == "text/html"


def test_ids_are_text(api: Caller, contact: str) -> None:
    event = api.post(address(contact), EVENT)["event"]
    ids = [value for name, value in event.items() if name.endswith("id") and value is not None]
    assert ids
    assert all(isinstance(value, str) for value in ids)


class TestMalformedIds:
    def test_text_that_is_no_key_names_nobody(self, api: Caller, host: Host) -> None:
        for id in host.malformed_ids:
            problem = api.get(f"/contacts/{id}/relationship", 404)
            assert problem == api.get(f"/contacts/{host.absent_id()}/relationship", 404)

    @pytest.mark.on_hosts("ordinary")
    @pytest.mark.parametrize("spelling", ["0{}", "{}.0", "+{}", " {}", "{} "])
    def test_only_the_canonical_spelling_names_a_row(self, api: Caller, contact: str, spelling: str) -> None:
        api.get(f"/contacts/{contact}/relationship")
        api.get(f"/contacts/{spelling.format(contact)}/relationship", 404)
