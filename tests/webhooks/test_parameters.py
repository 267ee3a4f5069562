"""What was signed is read in one way: no text is lost, and no other cut of a signed request gets in."""

from __future__ import annotations

import itertools
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from flask_relationships.testing import FakeTwilio
from tests.hosts.host import Host
from tests.marks import databases, one_host
from tests.webhooks.conftest import INBOUND

pytestmark = [one_host, databases("sqlite")]

PATH = "/api/relationships/webhooks/twilio/inbound"
NUMBER = "+442079460018"
SID = "SM" + "3" * 32


def post(host: Host, form: dict[str, str], signed: Any) -> int:
    return host.app.test_client().post(PATH, data=urlencode(form).encode(), headers=dict(signed.headers)).status_code


def canonical(form: dict[str, str]) -> str:
    return "".join(f"{name}{form[name]}" for name in sorted(form))


@pytest.mark.parametrize(
    "body",
    [
        *("call From+447400999999", "seeFrom+447400999999", "…To+447400999999", "To+447400999999", "From+447400999999"),
        *(f"MessageSidSM{'1' * 32}", f"the log says MessageSidSM{'1' * 32}.", "Fromwhatsapp:+447400999999"),
        *("HiFrom+15550001000FromCityX", "ButtonText", "From", "FromCity", "SmsStatusreceived", "OptOutTypeSTOP"),
    ],
)
@pytest.mark.parametrize("whatsapp", [False, True])
def test_no_text_is_lost(host: Host, twilio: FakeTwilio, body: str, whatsapp: bool) -> None:
    scheme, to = ("whatsapp:", twilio.whatsapp_from) if whatsapp else ("", twilio.sms_from)
    assert twilio.receive(INBOUND, scheme + NUMBER, scheme + to, body) == 200
    (row,) = host.rows("Message")
    assert (row["body"], row["from_number"], row["to_number"]) == (body, NUMBER, to)


def test_a_text_whose_beginning_became_part_of_its_name_is_refused(host: Host, twilio: FakeTwilio) -> None:
    genuine = twilio.inbound(INBOUND, NUMBER, twilio.sms_from, "hi", sid=SID)
    form = {name: value for name, value in genuine.form.items() if name != "Body"} | {"Bodyh": "i"}
    assert canonical(form) == canonical(dict(genuine.form))
    assert post(host, form, genuine) == 403
    assert post(host, dict(genuine.form), genuine) == 200
    assert [row["body"] for row in host.rows("Message")] == ["hi"]


def test_no_other_cut_of_a_text_blocks_or_changes_the_real_one(host: Host, twilio: FakeTwilio) -> None:
    """Every name that could be cut out of the text is tried."""
    body = "Dear Bob, Can we meet at Claridges on Friday? Ever yours"
    for number, found in enumerate(re.finditer(r"[A-Z][A-Za-z]*", body)):
        sid = f"SM{number:032x}"
        genuine = twilio.inbound(INBOUND, NUMBER, twilio.sms_from, body, sid=sid)
        for end in range(found.start() + 1, found.end() + 1):
            form = dict(genuine.form) | {"Body": body[: found.start()], body[found.start() : end]: body[end:]}
            if canonical(form) == canonical(dict(genuine.form)):
                post(host, form, genuine)
        assert post(host, dict(genuine.form), genuine) == 200
    assert {row["body"] for row in host.rows("Message")} == {body}


def test_stop_is_heeded_before_a_parameter_that_is_new_at_twilio(host: Host, twilio: FakeTwilio) -> None:
    assert twilio.receive(INBOUND, NUMBER, twilio.sms_from, "STOP", Carrier="Acme") == 200
    assert len(host.rows("Suppression")) == 1


@pytest.mark.parametrize("name", ["Zone", "MessageQuality", "SmsKind", "ToKind", "WaName", "ApiKind", "FromKind"])
def test_a_parameter_that_is_new_at_twilio_is_let_in(host: Host, twilio: FakeTwilio, name: str) -> None:
    assert twilio.receive(INBOUND, NUMBER, twilio.sms_from, "Hello", **{name: "something new"}) == 200
    assert [row["body"] for row in host.rows("Message")] == ["Hello"]


def test_whatever_is_cut_out_of_a_signed_request_the_sender_and_the_id_are_the_real_ones(
    host: Host, twilio: FakeTwilio
) -> None:
    """Texts before and behind the sender hold addresses, ids and names; every two of them are cut out."""
    texts = (
        "HiFrom+15550001000FromCityX",
        f"HiFrom+15550001000MessageSidSM{'1' * 32}NumMedia0To+12025550100",
        "HiFromwhatsapp:+15550001000Label",
    )
    names = ("From", "FromCity", "Label", "MessageSid", "NumMedia", "To", "ToCity", "Body", "Zed")
    let_in = []
    for number, text in enumerate(itertools.product(texts, ("Body", "Label", "ProfileName"))):
        sid = f"SM{number:032x}"
        genuine = twilio.inbound(INBOUND, NUMBER, twilio.sms_from, "Hi", sid=sid, FromCity="LONDON", Label="Cafe")
        genuine = twilio.signed(INBOUND, {**genuine.form, text[1]: text[0]})
        for form in recut(dict(genuine.form), names):
            if post(host, form, genuine) == 200:
                let_in.append(form)
    assert {(row["from_number"], row["to_number"]) for row in host.rows("Message")} <= {(NUMBER, twilio.sms_from)}
    assert {form["From"] for form in let_in} <= {NUMBER}


def recut(form: dict[str, str], names: tuple[str, ...]) -> Any:
    """Other forms with the same canonical text: with one, two or three names more, or one name less."""
    text = canonical(form)
    starts = {}
    at = 0
    for name in sorted(form):
        starts[at] = name
        at += len(name) + len(form[name])
    more = [(found.start(), name) for name in names for found in re.finditer(name, text) if found.start() not in starts]
    for size in (1, 2, 3):
        for added in itertools.combinations(sorted(more), size):
            for dropped in ((), *((start,) for start in starts)):
                cuts = sorted({start: name for start, name in starts.items() if start not in dropped} | dict(added))
                named = {**starts, **dict(added)}
                if cuts and cuts[0] == 0:
                    ends = [*cuts[1:], len(text)]
                    parts = {named[a]: text[a + len(named[a]) : b] for a, b in zip(cuts, ends, strict=True)}
                    if len(parts) == len(cuts) and canonical(parts) == text:
                        yield parts


def test_a_form_in_chunks_is_read_up_to_the_same_limit(host: Host, twilio: FakeTwilio) -> None:
    genuine = twilio.inbound(INBOUND, NUMBER, twilio.sms_from, "Hello")

    def chunked(content: bytes) -> int:
        import io

        environ = {
            "wsgi.input_terminated": True,
            "HTTP_TRANSFER_ENCODING": "chunked",
            "wsgi.input": io.BytesIO(content),
        }
        client = host.app.test_client()
        headers = {**genuine.headers}
        return client.post(PATH, headers=headers, environ_overrides=environ).status_code

    assert chunked(genuine.body) == 200
    assert chunked(b"a=" + b"b" * 70_000) == 413
    assert [row["body"] for row in host.rows("Message")] == ["Hello"]


@pytest.mark.parametrize(
    ("signed", "called"),
    [
        (f"{INBOUND}/", f"{PATH}/"),
        (f"{INBOUND}?", PATH),
        (f"{INBOUND}?", f"{PATH}?"),
        (INBOUND, f"{PATH}?"),
        (INBOUND.replace("crm.example", "CRM.Example"), PATH),
    ],
)
def test_other_spellings_of_the_same_address_fit_the_signature(
    host: Host, twilio: FakeTwilio, signed: str, called: str
) -> None:
    form = twilio.inbound(INBOUND, NUMBER, twilio.sms_from, "Hello").form
    request = twilio.signed(signed, form)
    headers = {**request.headers, "Host": signed.split("/")[2]}
    assert host.app.test_client().post(called, data=request.body, headers=headers).status_code == 200


def test_a_fragment_of_the_inbound_address_is_not_signed(host: Host, twilio: FakeTwilio) -> None:
    request = twilio.inbound(f"{INBOUND}#rc=3&rp=5xx,ct,rt", NUMBER, twilio.sms_from, "Hello")
    assert host.app.test_client().post(PATH, data=request.body, headers=dict(request.headers)).status_code == 200


@pytest.mark.parametrize("sender", [f"whatsapp:{NUMBER}", f"rcs:{NUMBER}", "whatsapp:US.13491208655302741918", "72345"])
@pytest.mark.parametrize("body", ["Hi", "HiFrom+15550001000FromCityX", "HiFromwhatsapp:+15550001000MessageTypeX"])
def test_no_cut_changes_a_sender_of_another_form(host: Host, twilio: FakeTwilio, sender: str, body: str) -> None:
    place = {"Label": "Cafe", "Latitude": "51.5", "Longitude": "0"}
    genuine = twilio.inbound(INBOUND, sender, twilio.sms_from, body, **place)
    names = ("From", "FromCity", "Label", "Latitude", "MessageSid", "MessageType", "Body")
    for form in recut(dict(genuine.form), names):
        post(host, form, genuine)
    assert post(host, dict(genuine.form), genuine) == 200
    (row,) = host.rows("Message")
    assert (row["from_number"], row["body"]) == (sender.removeprefix("whatsapp:").removeprefix("rcs:"), body)
