"""What is posted to Twilio, where to, and as whom."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from responses.matchers import request_kwargs_matcher, urlencoded_params_matcher

from flask_relationships.config import read_settings
from flask_relationships.errors import ConfigurationError
from flask_relationships.providers.base import (
    OutboundMessage,
    TransportDisabled,
    TransportNotConfigured,
)
from flask_relationships.providers.twilio.transport import TwilioTransport
from tests.transports.conftest import ACCOUNT, SID, TwilioDouble

SERVICE = "MG" + "c3" * 16
Transports = Callable[..., TwilioTransport]
Messages = Callable[..., OutboundMessage]


def posted(twilio: TwilioDouble) -> dict[str, list[str]]:
    (call,) = twilio.calls
    body = call.request.body
    assert isinstance(body, str)
    return parse_qs(body, strict_parsing=True, keep_blank_values=True)


def login(twilio: TwilioDouble) -> str:
    return b64decode(str(twilio.calls[0].request.headers["Authorization"]).removeprefix("Basic ")).decode()


def test_an_sms_is_posted_as_twilio_documents_it(
    twilio: TwilioDouble, make_transport: Transports, message: OutboundMessage
) -> None:
    form = {"To": "+447700900123", "From": "+15005550006", "Body": "Happy birthday, Ada!"}
    twilio.answer(match=[urlencoded_params_matcher(form)])
    receipt = make_transport().send(message)
    assert (receipt.provider_sid, receipt.status, receipt.from_number) == (SID, "queued", "+15005550006")
    assert login(twilio) == f"{ACCOUNT}:t0ken"


@pytest.mark.parametrize(
    ("given", "form"),
    [
        (
            {"channel": "mms", "media_url": "https://example.com/cake.png"},
            {"MediaUrl": ["https://example.com/cake.png"], "Body": ["Happy birthday, Ada!"]},
        ),
        ({"channel": "mms", "media_url": "https://example.com/cake.png", "body": ""}, {"Body": None}),
        ({"body": "Žluťoučký 🎂 & more = fun"}, {"Body": ["Žluťoučký 🎂 & more = fun"]}),
        ({}, {"StatusCallback": None, "MediaUrl": None, "ContentSid": None, "MessagingServiceSid": None}),
        (
            {"status_callback": "https://crm.example.com/status/m-1"},
            {"StatusCallback": ["https://crm.example.com/status/m-1"]},
        ),
        (
            {"channel": "whatsapp"},
            {"To": ["whatsapp:+447700900123"], "From": ["whatsapp:+14155550100"]},
        ),
        (
            {"channel": "whatsapp", "content_sid": "HX1", "media_url": "https://example.com/cake.png"},
            {"ContentSid": ["HX1"], "ContentVariables": None, "Body": None, "MediaUrl": None},
        ),
    ],
    ids=["mms", "mms without text", "not ascii", "nothing more", "callback", "whatsapp", "template"],
)
def test_the_form(
    given: dict[str, Any],
    form: dict[str, list[str] | None],
    twilio: TwilioDouble,
    make_transport: Transports,
    make_message: Messages,
) -> None:
    twilio.answer()
    make_transport(whatsapp_from="+14155550100").send(make_message(**given))
    sent = posted(twilio)
    assert {name: sent.get(name) for name in form} == form


def test_the_variables_of_a_template_are_a_json_object(
    twilio: TwilioDouble, make_transport: Transports, make_message: Messages
) -> None:
    twilio.answer()
    variables = {"1": "Ada", "2": 'a "cake" 🎂'}
    message = make_message(channel="whatsapp", content_sid="HX1", content_variables=variables)
    make_transport(whatsapp_from="+14155550100").send(message)
    assert json.loads(posted(twilio)["ContentVariables"][0]) == variables


@pytest.mark.parametrize(
    ("given", "channel", "sender"),
    [
        ({}, "sms", {"From": ["+15005550006"]}),
        ({}, "mms", {"From": ["+15005550006"]}),
        ({"messaging_service_sid": SERVICE}, "sms", {"MessagingServiceSid": [SERVICE]}),
        ({"messaging_service_sid": SERVICE, "sms_from": None}, "mms", {"MessagingServiceSid": [SERVICE]}),
        ({"messaging_service_sid": SERVICE}, "whatsapp", {"MessagingServiceSid": [SERVICE]}),
        ({"whatsapp_from": "+1415"}, "whatsapp", {"From": ["whatsapp:+1415"]}),
        ({"whatsapp_from": "whatsapp:+1415"}, "whatsapp", {"From": ["whatsapp:+1415"]}),
        (
            {"whatsapp_from": "+1415", "messaging_service_sid": SERVICE},
            "whatsapp",
            {"From": ["whatsapp:+1415"]},
        ),
        ({"sms_from": "BakerSt"}, "sms", {"From": ["BakerSt"]}),
    ],
)
def test_the_sender(
    given: dict[str, Any],
    channel: str,
    sender: dict[str, list[str]],
    twilio: TwilioDouble,
    make_transport: Transports,
    make_message: Messages,
) -> None:
    twilio.answer()
    transport = make_transport(**given)
    assert transport.connected
    transport.send(make_message(channel=channel))
    sent = posted(twilio)
    assert {name: sent[name] for name in ("From", "MessagingServiceSid") if name in sent} == sender


@pytest.mark.parametrize(
    ("given", "user"),
    [
        ({"api_key_sid": "SK1", "api_key_secret": "hidden"}, "SK1:hidden"),
        ({"api_key_sid": "SK1", "api_key_secret": "hidden", "auth_token": None}, "SK1:hidden"),
        ({"api_key_sid": "SK1"}, f"{ACCOUNT}:t0ken"),
        ({"auth_token": ("new", "old")}, f"{ACCOUNT}:new"),
    ],
)
def test_who_sends(
    given: dict[str, Any],
    user: str,
    twilio: TwilioDouble,
    make_transport: Transports,
    message: OutboundMessage,
) -> None:
    twilio.answer()  # at the address of the account, also where an API key logs in
    make_transport(**given).send(message)
    assert login(twilio) == user


def test_region_and_edge_make_the_host_name(
    twilio: TwilioDouble, make_transport: Transports, message: OutboundMessage
) -> None:
    twilio.answer(host="api.dublin.ie1.twilio.com")
    assert make_transport(region="ie1", edge="dublin").send(message).provider_sid == SID


@pytest.mark.parametrize("given", [{"region": "ie1"}, {"edge": "dublin"}])
def test_region_without_edge_is_a_mistake(given: dict[str, str], make_transport: Transports) -> None:
    with pytest.raises(ConfigurationError) as raised:
        make_transport(**given)
    assert [mistake.code for mistake in raised.value.mistakes] == ["config_region_edge"]


def test_the_client_waits_as_long_as_it_is_told(
    twilio: TwilioDouble, make_transport: Transports, message: OutboundMessage
) -> None:
    twilio.answer(match=[request_kwargs_matcher({"timeout": (1.5, 4.0)})])
    assert make_transport(timeout=(1.5, 4.0)).send(message).provider_sid == SID


def test_settings_become_a_transport(twilio: TwilioDouble, message: OutboundMessage) -> None:
    config = {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": ["new", "old"],
        "TWILIO_SMS_FROM": "+15005550006",
        "TWILIO_TIMEOUT": (2, 3),
        "TWILIO_REGION": "au1",
        "TWILIO_EDGE": "sydney",
    }
    settings, mistakes = read_settings({f"RELATIONSHIPS_{name}": value for name, value in config.items()})
    assert settings is not None
    assert mistakes == []
    twilio.answer(host="api.sydney.au1.twilio.com", match=[request_kwargs_matcher({"timeout": (2.0, 3.0)})])
    transport = TwilioTransport.from_settings(settings)
    assert transport.connected
    assert transport.send(message).provider_sid == SID
    assert login(twilio) == f"{ACCOUNT}:new"


def test_settings_without_twilio_become_a_transport_that_is_not_connected() -> None:
    settings, _ = read_settings({})
    assert settings is not None
    assert not TwilioTransport.from_settings(settings).connected


def test_the_process_environment_is_never_read(
    monkeypatch: pytest.MonkeyPatch,
    twilio: TwilioDouble,
    make_transport: Transports,
    message: OutboundMessage,
) -> None:
    for name, value in {
        "ACCOUNT_SID": "AC9",
        "AUTH_TOKEN": "theirs",
        "REGION": "ie1",
        "EDGE": "dublin",
    }.items():
        monkeypatch.setenv(f"TWILIO_{name}", value)
    twilio.answer()
    make_transport().send(message)
    assert login(twilio) == f"{ACCOUNT}:t0ken"
    empty = make_transport(account_sid="", auth_token="")
    assert not empty.connected
    with pytest.raises(TransportNotConfigured):
        empty.send(message)
    assert len(twilio.calls) == 1


NO_CREDENTIALS = [
    {"account_sid": None},
    {"account_sid": "", "api_key_sid": "SK1", "api_key_secret": "hidden"},
    {"auth_token": None},
    {"auth_token": ""},
    {"auth_token": ()},
    {"auth_token": None, "api_key_sid": "SK1"},
]


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("given", NO_CREDENTIALS)
def test_missing_credentials_come_before_disabled(
    given: dict[str, Any], enabled: bool, make_transport: Transports, message: OutboundMessage
) -> None:
    transport = make_transport(enabled=enabled, whatsapp_from="+1415", **given)
    assert not transport.connected
    for channel in ("sms", "mms", "whatsapp"):
        with pytest.raises(TransportNotConfigured):
            transport.require_ready(channel)
    with pytest.raises(TransportNotConfigured):
        transport.send(message)


@pytest.mark.parametrize(
    ("given", "ready"),
    [
        ({"sms_from": None}, set()),
        ({}, {"sms", "mms"}),
        ({"sms_from": None, "whatsapp_from": "+1415"}, {"whatsapp"}),
        ({"whatsapp_from": "+1415"}, {"sms", "mms", "whatsapp"}),
        ({"sms_from": None, "messaging_service_sid": SERVICE}, {"sms", "mms", "whatsapp"}),
    ],
)
def test_each_channel_needs_a_sender(given: dict[str, Any], ready: set[str], make_transport: Transports) -> None:
    transport = make_transport(**given)
    assert transport.connected == bool(ready)
    disabled = make_transport(enabled=False, **given)
    assert not disabled.connected
    for channel in ("sms", "mms", "whatsapp"):
        if channel in ready:
            transport.require_ready(channel)
            with pytest.raises(TransportDisabled):
                disabled.require_ready(channel)
        else:
            for one in (transport, disabled):
                with pytest.raises(TransportNotConfigured):
                    one.require_ready(channel)


def test_a_disabled_transport_sends_nothing(
    twilio: TwilioDouble, make_transport: Transports, message: OutboundMessage
) -> None:
    with pytest.raises(TransportDisabled):
        make_transport(enabled=False).send(message)
    assert len(twilio.calls) == 0
