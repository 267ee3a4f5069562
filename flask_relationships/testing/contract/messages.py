"""GET and POST /contacts/:id/messages."""

from __future__ import annotations

import pytest

from ...providers.base import TransportRefused, TransportUnclear
from ..caller import Caller
from ..host import ContractHost, Row
from .specification import ACTION, MESSAGE

FIELDS = {
    "revision",
    "id", "contact_id", "direction", "channel", "body", "media_url", "from_number", "to_number",
    "status", "error_code", "error_message", "provider_sid", "num_segments", "auto_action_id", "sent_by_user_id",
    "sent_by_name", "candidates", "media", "location", "payload", "delivered_via",
    "content_sid", "outside_whatsapp_window", "not_before", "created_at", "sent_at", "delivered_at", "read_at",
}  # fmt: skip


def address(contact: str) -> str:
    return f"/contacts/{contact}/messages"


def listed(api: Caller, contact: str) -> list[Row]:
    found: list[Row] = api.get(address(contact))["messages"]
    return found


def status_of(api: Caller, contact: str, action: str) -> str:
    found = api.get(f"/contacts/{contact}/relationship-actions")["actions"]
    return str({row["id"]: row["status"] for row in found}[action])


class MessageContract:
    @pytest.mark.parametrize(
        ("channel", "extra"), [("sms", {}), ("whatsapp", {}), ("mms", {"media_url": "https://example.com/card.png"})]
    )
    def test_a_message_leaves_by_each_channel(
        self, api: Caller, host: ContractHost, willing: str, channel: str, extra: dict[str, str]
    ) -> None:
        """Sends an SMS, WhatsApp, or MMS message. Response: { message } (201)."""
        answer = api.post(address(willing), {"channel": channel, "body": "Many happy returns", **extra})
        assert set(answer) == {"message"}
        message = answer["message"]
        assert set(message) == FIELDS
        (sent,) = host.transport.sent
        assert (sent.channel, sent.to, sent.body) == (channel, "+442079460018", "Many happy returns")
        assert sent.media_url == extra.get("media_url")
        expected = {
            "contact_id": willing,
            "direction": "outbound",
            "channel": channel,
            "body": "Many happy returns",
            "media_url": extra.get("media_url"),
            "to_number": "+442079460018",
            "from_number": host.transport.from_number,
            "status": "queued",
            "error_code": None,
            "auto_action_id": None,
            "sent_by_user_id": api.id,
        }
        assert expected.items() <= message.items()
        assert message["provider_sid"]
        assert listed(api, willing) == [message]

    def test_messages_come_most_recent_first(self, api: Caller, host: ContractHost, willing: str) -> None:
        """Returns all messages for a contact, ordered by most recent first."""
        for body in ("first", "second", "third"):
            api.post(address(willing), {**MESSAGE, "body": body})
        assert [message["body"] for message in listed(api, willing)] == ["third", "second", "first"]
        assert listed(api, host.contact("Mary", "Somerville")) == []

    def test_a_contact_who_has_not_opted_in_gets_no_message(
        self, api: Caller, host: ContractHost, willing: str
    ) -> None:
        """403: Contact has not opted in."""
        assert api.post(address(host.contact()), MESSAGE, 403)["code"] == "not_opted_in"
        api.patch(f"/contacts/{willing}/relationship", {"twilio_opt_in": False})
        assert api.post(address(willing), MESSAGE, 403)["code"] == "not_opted_in"
        assert host.transport.sent == []

    def test_no_number_on_record(self, api: Caller, willing: str) -> None:
        """400: No phone number on record."""
        for phone in (None, "ask Charles"):
            api.patch(f"/contacts/{willing}/relationship", {"phone_number": phone})
            assert api.post(address(willing), MESSAGE, 400)["code"] == "no_phone_number"

    def test_twilio_that_is_not_configured_or_disabled(self, api: Caller, host: ContractHost, willing: str) -> None:
        """500: Twilio not configured. 503: Twilio is disabled."""
        host.transport.configured = False
        assert api.post(address(willing), MESSAGE, 500)["code"] == "twilio_not_configured"
        host.transport.configured, host.transport.disabled = True, True
        assert api.post(address(willing), MESSAGE, 503)["code"] == "twilio_disabled"
        assert listed(api, willing) == []

    def test_a_channel_and_a_body_are_needed(self, api: Caller, host: ContractHost, willing: str) -> None:
        problem = api.post(address(willing), {}, 422)
        assert {error["pointer"] for error in problem["errors"]} == {"#/channel", "#/body"}
        assert api.post(address(willing), {**MESSAGE, "channel": "fax"}, 422)["code"] == "validation_failed"
        media = {**MESSAGE, "media_url": "https://example.com/card.png"}
        assert api.post(address(willing), media, 422)["code"] == "validation_failed"
        assert host.transport.sent == []

    def test_a_message_the_provider_refuses_is_kept_as_failed(
        self, api: Caller, host: ContractHost, willing: str
    ) -> None:
        host.transport.failure = [TransportRefused("The number cannot receive texts.", provider_code=21614)]
        assert api.post(address(willing), MESSAGE, 502)["code"] == "provider_refused"
        assert [message["status"] for message in listed(api, willing)] == ["failed"]

    def test_an_unconfirmed_message_is_not_sent_again(
        self, api: Caller, host: ContractHost, willing: str, action: str
    ) -> None:
        host.transport.failure = [TransportUnclear("no answer")]
        body = {**MESSAGE, "auto_action_id": action}
        assert api.post(address(willing), body, 202)["message"]["status"] == "unconfirmed"
        assert api.post(address(willing), body, 409)["code"] == "action_not_pending"
        assert host.transport.sent == []

    def test_a_message_does_its_action(self, api: Caller, host: ContractHost, willing: str, action: str) -> None:
        """auto_action_id: link to auto-action (marks it done on send)."""
        body = {**MESSAGE, "auto_action_id": action}
        host.transport.failure = [TransportRefused("No.")]
        api.post(address(willing), body, 502)
        assert status_of(api, willing, action) == "pending"
        assert api.post(address(willing), body)["message"]["auto_action_id"] == action
        assert status_of(api, willing, action) == "done"
        assert api.post(address(willing), body, 409)["code"] == "action_not_pending"

    def test_an_action_of_another_contact_is_not_done_by_a_message(
        self, api: Caller, host: ContractHost, willing: str
    ) -> None:
        other = host.contact("Mary", "Somerville")
        foreign = api.post(f"/contacts/{other}/relationship-actions", ACTION)["action"]["id"]
        assert api.post(address(willing), {**MESSAGE, "auto_action_id": foreign}, 422)["code"] == "validation_failed"
        assert host.transport.sent == []

    def test_a_message_with_a_key_is_sent_once(self, api: Caller, host: ContractHost, willing: str) -> None:
        headers = {"Idempotency-Key": "5f3c1c52"}
        first = api.ask("POST", address(willing), MESSAGE, headers=headers)
        again = api.ask("POST", address(willing), MESSAGE, headers=headers)
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.get_json() == again.get_json()
        assert len(host.transport.sent) == 1
