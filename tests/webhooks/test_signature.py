"""Only what the provider signed for this address and this account comes in."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask_wtf import CSRFProtect

from flask_relationships import Relationships
from flask_relationships.testing import FakeTwilio
from tests.benchmarks.forgeries import forge
from tests.hosts.host import Host
from tests.hosts.made import Models
from tests.marks import databases, one_host
from tests.webhooks.conftest import INBOUND, PUBLIC_URL, STATUS

pytestmark = [one_host, databases("sqlite")]

PATH = "/api/relationships/webhooks/twilio/inbound"


def post(host: Host, request: Any, path: str = PATH, **headers: str) -> int:
    client = host.app.test_client()
    return client.post(path, data=request.body, headers={**request.headers, **headers}).status_code


@pytest.fixture
def request_(twilio: FakeTwilio) -> Any:
    return twilio.inbound(INBOUND, "+442079460018", twilio.sms_from, "Hello")


def test_a_signed_request_is_let_in_whatever_the_proxy_says(host: Host, request_: Any) -> None:
    assert post(host, request_) == 200
    assert post(host, request_, Host="elsewhere.example", **{"X-Forwarded-Proto": "http"}) == 200


def test_a_public_address_may_have_a_path(make_host: Callable[..., Host], twilio: FakeTwilio) -> None:
    """A proxy serves the application below it, and takes it away."""
    public = "https://example.com/crm"
    host = make_host(**twilio.config(PUBLIC_URL=public))
    assert post(host, twilio.inbound(f"{public}{PATH}", "+442079460018", twilio.sms_from, "Hello")) == 200


def test_a_query_is_part_of_what_is_signed(host: Host, twilio: FakeTwilio, request_: Any) -> None:
    signed = twilio.signed(f"{INBOUND}?a=%2F&b=%C3%A9", request_.form)
    assert post(host, signed, f"{PATH}?a=%2F&b=%C3%A9") == 200
    assert post(host, signed, f"{PATH}?a=/&b=%C3%A9") == 403


@pytest.mark.parametrize(
    "signature", [None, "", "A" * 28, "é" * 28, "AAAA\x7f", "a" * 4000, "' OR 1=1 --"], ids=lambda s: repr(s)[:12]
)
def test_a_signature_that_is_none_is_refused(host: Host, request_: Any, signature: str | None) -> None:
    client = host.app.test_client()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if signature is not None:
        headers["X-Twilio-Signature"] = signature.encode().decode("latin-1")
    assert client.post(PATH, data=request_.body, headers=headers).status_code == 403
    assert host.rows("Message") == []


def test_a_thousand_forgeries(host: Host, request_: Any) -> None:
    drawn = random.Random(4)
    client = host.app.test_client()
    statuses = {
        client.post(PATH, data=body, headers=headers).status_code
        for body, headers in (forge(request_, drawn) for _ in range(1000))
    }
    assert statuses == {403}
    assert host.rows("Message") == []


@pytest.mark.parametrize(
    "cut",
    [
        {"MessageSid": "SM" + "0" * 32 + "NumMedia0"},
        {"AccountSidAC": "1"},
        {"MessageSid": "SM1"},
        {"AccountSid": "AC" + "f" * 32},
        {"From": "+442079460018FromCityLondon"},
        {"To": ""},
        {"To": "+12025550100ToCity"},
        {"NumMedia": "0NumSegments1"},
        {"OptOutType": "STOPSmsSidSM1"},
    ],
    ids=str,
)
def test_parameters_cut_elsewhere_are_refused_though_they_are_signed(
    host: Host, twilio: FakeTwilio, request_: Any, cut: dict[str, str]
) -> None:
    form = {**request_.form, **cut}
    for name in ("AccountSid",) if "AccountSidAC" in cut else ():
        del form[name]
    assert post(host, twilio.signed(INBOUND, form)) == 403


@pytest.mark.parametrize(
    "cut", [{"MessageStatus": "deliveredSmsSidSM1"}, {"MessageStatus": ""}, {"ErrorCode": "0x1F"}], ids=str
)
def test_a_report_is_read_as_strictly(host: Host, twilio: FakeTwilio, request_: Any, cut: dict[str, str]) -> None:
    absent = "00000000-0000-7000-8000-000000000000"
    form = {**request_.form, "MessageStatus": "sent", **cut}
    signed = twilio.signed(f"{STATUS}{absent}", form)
    assert post(host, signed, f"/api/relationships/webhooks/twilio/status/{absent}") == 403


def canonical(form: dict[str, str]) -> str:
    """What is signed of a form: names and values, one after the other."""
    return "".join(f"{name}{form[name]}" for name in sorted(form))


THEIRS = {"From": "+442079460018", "FromCity": "LONDON"}
"""The sender, and what stands behind the sender in what is signed."""

CUT_ELSEWHERE = {
    "the sender is part of the text": (
        {"Body": "HiFrom+15550001000FromCityX"},
        {"Body": "Hi", "From": "+15550001000", "FromCity": "XFrom+442079460018FromCityLONDON"},
    ),
    "the sender is part of a name": (
        {"Body": "Greetings From Mary"},
        {"Body": "Greetings ", "From": " Mary", "FromCity": None, "From+442079460018FromCity": "LONDON"},
    ),
    "the sender is the value of another name": (
        {"Body": "HiFrom+15550001000G"},
        {"Body": "Hi", "From": "+15550001000", "FromCity": None, "GFrom": "+442079460018FromCityLONDON"},
    ),
    "the text holds the true sender": (
        {"Body": "Hi", "Label": "AFrom+15550001000"},
        {"Body": "HiFrom+442079460018FromCityLONDONLabelA", "From": "+15550001000", "FromCity": None, "Label": None},
    ),
    "the sender is somebody on WhatsApp": (
        {"Body": "HiFromwhatsapp:+15550001000FromCityX", "From": "whatsapp:+442079460018"},
        {"Body": "Hi", "From": "whatsapp:+15550001000", "FromCity": "XFromwhatsapp:+442079460018FromCityLONDON"},
    ),
    "the id is part of the text": (
        {"Label": f"AMessageSidSM{'1' * 32}MessageX"},
        {"Label": "A", "MessageSid": f"SM{'1' * 32}", "MessageX": "MessageSid{MessageSid}"},
    ),
}
"""Of each: what somebody wrote, and how a request with its signature is cut instead. None: the name is not there."""


@pytest.mark.parametrize(("written", "cut"), CUT_ELSEWHERE.values(), ids=CUT_ELSEWHERE)
def test_no_other_sender_comes_in_with_the_signature_of_somebody_s_message(
    host: Host, twilio: FakeTwilio, request_: Any, written: dict[str, str], cut: dict[str, str | None]
) -> None:
    form = {**{name: value for name, value in request_.form.items() if value}, **THEIRS, **written}
    signed = twilio.signed(INBOUND, form)
    values = {name: value and value.format_map(form) for name, value in cut.items()}
    changed = {name: value for name, value in {**form, **values}.items() if value is not None}
    assert canonical(changed) == canonical(form)
    client = host.app.test_client()
    answer = client.post(PATH, data=urlencode(changed).encode(), headers=dict(signed.headers))
    assert (answer.status_code, host.rows("Message")) == (403, [])


@pytest.mark.parametrize(
    "cut",
    [
        {"MessageSid": lambda form: f"{form['MessageSid']}MessageStatus{form['MessageStatus']}", "MessageStatus": None},
        {"MessageStatus": lambda form: f"{form['MessageStatus']}SmsSid{form['SmsSid']}", "SmsSid": None},
        {"AccountSid": lambda form: f"{form['AccountSid']}ApiVersion{form['ApiVersion']}", "ApiVersion": None},
        {"AccountSid": None, "Account": lambda form: f"Sid{form['AccountSid']}"},
    ],
    ids=["id", "status", "account", "name"],
)
def test_a_report_cut_elsewhere_is_refused_with_its_own_signature(
    host: Host, twilio: FakeTwilio, request_: Any, cut: dict[str, Any]
) -> None:
    absent = "00000000-0000-7000-8000-000000000000"
    sid, account = request_.form["MessageSid"], request_.form["AccountSid"]
    form = {"AccountSid": account, "ApiVersion": "2010-04-01", "MessageSid": sid, "SmsSid": sid}
    form["MessageStatus"] = "delivered"
    signed = twilio.signed(f"{STATUS}{absent}", form)
    values = {name: value(form) if callable(value) else value for name, value in cut.items()}
    changed = {name: value for name, value in {**form, **values}.items() if value is not None}
    assert canonical(changed) == canonical(form)
    path = f"/api/relationships/webhooks/twilio/status/{absent}"
    client = host.app.test_client()
    assert client.post(path, data=urlencode(changed).encode(), headers=dict(signed.headers)).status_code == 403
    assert client.post(path, data=signed.body, headers=dict(signed.headers)).status_code == 204


@pytest.mark.parametrize(
    "body", ["From +442079460018", "I come From+442079460018", "To whatsapp: hello", "From Mary To John", "To+44 20"]
)
def test_what_people_write_of_numbers_comes_in(host: Host, twilio: FakeTwilio, body: str) -> None:
    assert post(host, twilio.inbound(INBOUND, "+442079460018", twilio.sms_from, body)) == 200
    assert [row["body"] for row in host.rows("Message")] == [body]


def test_an_answer_to_a_message_names_that_one_too(host: Host, twilio: FakeTwilio) -> None:
    from_, to = "whatsapp:+442079460018", f"whatsapp:{twilio.whatsapp_from}"
    replied = {"OriginalRepliedMessageSid": "SM" + "9" * 32, "OriginalRepliedMessageSender": to}
    assert post(host, twilio.inbound(INBOUND, from_, to, "Yes, I got it", **replied)) == 200


@pytest.mark.parametrize("sender", ["whatsapp:US.13491208655302741918", "72345", "Acme Bank"])
def test_a_sender_need_not_be_a_phone_number(host: Host, twilio: FakeTwilio, request_: Any, sender: str) -> None:
    assert post(host, twilio.signed(INBOUND, {**request_.form, "From": sender})) == 200
    assert [row["from_number"] for row in host.rows("Message")] == [sender.removeprefix("whatsapp:")]


def test_a_parameter_said_twice_is_refused(host: Host, request_: Any) -> None:
    body = request_.body + b"&MessageSid=" + request_.form["MessageSid"].encode()
    client = host.app.test_client()
    assert client.post(PATH, data=body, headers=dict(request_.headers)).status_code == 403


def test_only_a_form_is_read(host: Host, request_: Any) -> None:
    assert post(host, request_, **{"Content-Type": "application/json"}) == 415
    assert post(host, request_, **{"Content-Type": "multipart/form-data; boundary=x"}) == 415
    large = host.app.test_client().post(PATH, data=b"a=" + b"b" * 70_000, headers=dict(request_.headers))
    assert large.status_code == 413
    assert host.app.test_client().get(PATH).status_code in (401, 405)


def test_a_shared_key_that_nobody_knows_is_refused(host: Host, request_: Any) -> None:
    assert post(host, request_, **{"X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=HMAC_SHA256"}) == 403


def test_either_of_two_tokens_while_one_is_exchanged(make_host: Callable[..., Host], twilio: FakeTwilio) -> None:
    tokens = {"RELATIONSHIPS_TWILIO_AUTH_TOKEN": ("another token", twilio.auth_token)}
    host = make_host(**{**twilio.config(PUBLIC_URL=PUBLIC_URL), **tokens})
    assert post(host, twilio.inbound(INBOUND, "+442079460018", twilio.sms_from, "Hello")) == 200


@pytest.mark.parametrize("missing", ["PUBLIC_URL", "TWILIO_AUTH_TOKEN"])
def test_what_cannot_be_checked_is_refused_and_logged_once(
    make_host: Callable[..., Host], twilio: FakeTwilio, missing: str, caplog: pytest.LogCaptureFixture
) -> None:
    config = twilio.config(PUBLIC_URL=PUBLIC_URL)
    del config[f"RELATIONSHIPS_{missing}"]
    host = make_host(**config)
    called = twilio.inbound(INBOUND, "+442079460018", twilio.sms_from, "Hello")
    assert [post(host, called) for _ in range(3)] == [403] * 3
    assert caplog.text.count("webhooks are refused") == 1


@pytest.mark.parametrize("order", ["before", "after"])
def test_no_token_of_the_host_s_forms_is_asked_for(twilio: FakeTwilio, order: str) -> None:
    """CSRFProtect lets the webhooks through, whether it was initialised before us or after."""
    models, csrf = Models(), CSRFProtect()
    app = Flask(f"csrf_{order}")
    app.config.update(twilio.config(PUBLIC_URL=PUBLIC_URL), SECRET_KEY="for tests", SQLALCHEMY_DATABASE_URI="sqlite://")
    relationships = Relationships(db=models.db, permission=lambda *_: True, **models.mappings())
    for initialise in (csrf.init_app, relationships.init_app)[:: 1 if order == "before" else -1]:
        initialise(app)
    models.db.init_app(app)
    with app.app_context():
        models.db.create_all()
    request = twilio.inbound(INBOUND, "+442079460018", twilio.sms_from, "Hello")
    client = app.test_client()
    assert client.post(PATH, data=request.body, headers=dict(request.headers)).status_code == 200
    assert client.put("/api/relationships/companies/1/client-profile").status_code in (400, 401)
