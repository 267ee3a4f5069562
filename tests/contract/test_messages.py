"""GET /contacts/:id/messages, and POST where all goes well or is refused at once."""

from __future__ import annotations

from typing import Any

import pytest

from flask_relationships.testing.contract.specification import MESSAGE
from tests.contract.problems import members
from tests.hosts.host import Caller, Host, Row
from tests.marks import input_only

FIELDS = {
    "revision",
    "id", "contact_id", "direction", "channel", "body", "media_url", "from_number", "to_number",
    "status", "error_code", "error_message", "provider_sid", "auto_action_id", "sent_by_user_id",
    "created_at", "sent_at", "delivered_at", "read_at",
}  # fmt: skip


def address(contact: str) -> str:
    return f"/contacts/{contact}/messages"


def listed(api: Caller, contact: str) -> list[Row]:
    found: list[Row] = api.get(address(contact))["messages"]
    return found


class TestSending:
    def test_whatsapp_has_a_number_of_its_own(self, api: Caller, host: Host, willing: str) -> None:
        api.patch(f"/contacts/{willing}/relationship", {"whatsapp_number": "+1 202 555 0123"})
        for channel in ("whatsapp", "sms"):
            api.post(address(willing), {**MESSAGE, "channel": channel})
        assert [sent.to for sent in host.transport.sent] == ["+12025550123", "+442079460018"]

    def test_the_number_is_the_profile_s_and_not_the_contact_s(self, api: Caller, host: Host, willing: str) -> None:
        api.patch(f"/contacts/{willing}/relationship", {"phone_number": "+44 7911 123456"})
        assert api.post(address(willing), MESSAGE)["message"]["to_number"] == "+447911123456"

    def test_no_connection_is_held_while_the_provider_is_waited_for(
        self, api: Caller, host: Host, willing: str
    ) -> None:
        held: list[Any] = []
        host.transport.during = lambda: held.append(host.db.engine.pool.checkedout())  # type: ignore[attr-defined]
        api.post(address(willing), MESSAGE)
        assert held == [0]

    def test_the_message_is_on_record_before_the_provider_is_asked(self, api: Caller, host: Host, willing: str) -> None:
        seen: list[Any] = []
        host.transport.during = lambda: seen.extend(row["status"] for row in host.rows("Message"))
        api.post(address(willing), MESSAGE)
        assert seen == ["sending"]


@input_only
class TestBody:
    def test_what_is_missing_is_named(self, api: Caller, willing: str) -> None:
        assert members(api.post(address(willing), {}, 422)) == {"#/channel": "required", "#/body": "required"}

    @pytest.mark.parametrize(
        ("name", "value", "code"),
        [
            ("channel", "fax", "invalid_choice"),
            ("channel", None, "null"),
            ("channel", ["sms"], "invalid_type"),
            ("body", "", "blank"),
            ("body", " \n", "blank"),
            ("body", 7, "invalid_type"),
            ("body", "a" * 200_000, "too_long"),
            ("auto_action_id", 7, "invalid_type"),
            ("status", "delivered", "unknown_field"),
            ("to_number", "+12025550123", "unknown_field"),
        ],
    )
    def test_what_is_wrong_is_named(
        self, api: Caller, host: Host, willing: str, name: str, value: Any, code: str
    ) -> None:
        assert members(api.post(address(willing), {**MESSAGE, name: value}, 422)) == {f"#/{name}": code}
        assert host.transport.sent == []

    @pytest.mark.parametrize(
        "url",
        [
            "http://example.com/card.png",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "ftp://example.com/a",
            "//example.com/card.png",
            "https://",
            "https:///card.png",
            "example.com/card.png",
            "data:text/plain,hello",
            " https://example.com/card.png",
            "https://exa mple.com/card.png",
        ],
    )
    def test_media_is_fetched_from_https_only(self, api: Caller, host: Host, willing: str, url: str) -> None:
        problem = api.post(address(willing), {"channel": "mms", "body": "x", "media_url": url}, 422)
        assert members(problem) == {"#/media_url": "invalid_url"}
        assert host.transport.sent == []

    @pytest.mark.parametrize("channel", ["sms", "whatsapp"])
    def test_media_is_for_mms_only(self, api: Caller, host: Host, willing: str, channel: str) -> None:
        """Media URL (MMS only)."""
        problem = api.post(address(willing), {**MESSAGE, "channel": channel, "media_url": "https://example.com/a"}, 422)
        assert list(members(problem)) == ["#/media_url"]
        assert host.transport.sent == []


class TestOrderOfChecks:
    """403 not opted in, 400 no number, 500 not configured, 503 disabled, then the rules of the channel."""

    BREAKS_A_RULE = MESSAGE | {"media_url": "http://example.com/card.png"}

    def test_one_obstacle_after_the_other(self, api: Caller, host: Host) -> None:
        contact = host.contact(phone="no number")
        host.transport.configured = False

        def refusal(status: int) -> str:
            return str(api.post(address(contact), self.BREAKS_A_RULE, status)["code"])

        assert refusal(403) == "not_opted_in"
        api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
        assert refusal(400) == "no_phone_number"
        api.patch(f"/contacts/{contact}/relationship", {"phone_number": "+44 20 7946 0018"})
        assert refusal(500) == "twilio_not_configured"
        host.transport.configured, host.transport.disabled = True, True
        assert refusal(503) == "twilio_disabled"
        host.transport.disabled = False
        assert refusal(422) == "validation_failed"
        assert host.rows("Message") == []

    def test_the_body_comes_before_the_contact(self, api: Caller, host: Host) -> None:
        assert api.post(address(host.absent_id()), {"channel": "fax"}, 422)["code"] == "validation_failed"

    def test_whatsapp_alone_needs_only_its_own_number(self, api: Caller, willing: str) -> None:
        api.patch(f"/contacts/{willing}/relationship", {"phone_number": None, "whatsapp_number": "+1 202 555 0123"})
        api.post(address(willing), {**MESSAGE, "channel": "whatsapp"})
        assert api.post(address(willing), MESSAGE, 400)["code"] == "no_phone_number"
