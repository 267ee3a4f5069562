"""POST /contacts/:id/messages: sends that fail, sends nobody knows the end of, and the linked action."""

from __future__ import annotations

import pytest

from flask_relationships import TransportRefused, TransportUnavailable, TransportUnclear
from flask_relationships.testing.contract.specification import ACTION, MESSAGE
from tests.hosts.host import Caller, Host, Row
from tests.marks import one_host


def address(contact: str) -> str:
    return f"/contacts/{contact}/messages"


def listed(api: Caller, contact: str) -> list[Row]:
    found: list[Row] = api.get(address(contact))["messages"]
    return found


def status_of(api: Caller, contact: str, action: str) -> str:
    found = api.get(f"/contacts/{contact}/relationship-actions")["actions"]
    return str({row["id"]: row["status"] for row in found}[action])


@one_host
class TestFailures:
    def test_a_refusal(self, api: Caller, host: Host, willing: str) -> None:
        host.transport.failure = [TransportRefused("The number cannot receive texts.", provider_code=21614)]
        problem = api.post(address(willing), MESSAGE, 502)
        assert problem["code"] == "provider_refused"
        (message,) = listed(api, willing)
        assert (message["status"], message["provider_sid"], message["sent_at"]) == ("failed", None, None)
        assert str(message["error_code"]) == "21614"

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (400, "invalid_phone_number"),
            (403, "opted_out_by_recipient"),
            (500, "twilio_not_configured"),
            (503, "provider_unavailable"),
        ],
    )
    def test_a_refusal_may_bring_its_own_status_and_code(
        self, api: Caller, host: Host, willing: str, status: int, code: str
    ) -> None:
        host.transport.failure = [TransportRefused("No.", status=status, code=code)]
        assert api.post(address(willing), MESSAGE, status)["code"] == code
        assert [message["status"] for message in listed(api, willing)] == ["failed"]

    def test_a_provider_that_cannot_be_reached(self, api: Caller, host: Host, willing: str) -> None:
        host.transport.failure = [TransportUnavailable("connection refused", retry_after=30)]
        response = api.ask("POST", address(willing), MESSAGE)
        assert (response.status_code, response.get_json()["code"]) == (503, "provider_unavailable")
        assert response.headers["Retry-After"] == "30"
        assert [message["status"] for message in listed(api, willing)] == ["failed"]

    @pytest.mark.parametrize(
        "failure", [TransportUnclear("no answer"), RuntimeError("the transport itself is broken")], ids=repr
    )
    def test_nobody_knows_whether_it_was_sent(
        self, api: Caller, host: Host, willing: str, action: str, failure: Exception
    ) -> None:
        """202: the message is kept as unconfirmed, and so is its claim on the action: it is never sent again."""
        host.transport.failure = [failure]
        body = {**MESSAGE, "auto_action_id": action}
        message = api.post(address(willing), body, 202)["message"]
        assert (message["status"], message["auto_action_id"], message["provider_sid"]) == (
            "unconfirmed",
            action,
            None,
        )
        assert listed(api, willing) == [message]
        assert status_of(api, willing, action) == "pending"
        assert api.post(address(willing), body, 409)["code"] == "action_not_pending"
        assert host.transport.sent == []

    def test_a_recipient_who_wants_no_messages(self, api: Caller, host: Host, willing: str) -> None:
        """A refusal because of STOP suppresses the number, for every contact that has it."""
        stop = TransportRefused(
            "Opted out.", status=403, code="opted_out_by_recipient", provider_code=21610, effect="suppress"
        )
        host.transport.failure = [stop]
        assert api.post(address(willing), MESSAGE, 403)["code"] == "opted_out_by_recipient"
        assert host.transport.failure == []
        assert api.post(address(willing), MESSAGE, 403)["code"] == "opted_out_by_recipient"
        assert [row["number"] for row in host.rows("Suppression")] == ["+442079460018"]

        same_number = host.contact("Mary", "Somerville", phone="+44 20 7946 0018")
        api.patch(f"/contacts/{same_number}/relationship", {"twilio_opt_in": True})
        assert api.post(address(same_number), MESSAGE, 403)["code"] == "opted_out_by_recipient"
        assert host.transport.sent == []

        profile = api.get(f"/contacts/{willing}/relationship")["profile"]
        assert profile["messaging_blocked"]["reason"] == "opted_out_by_recipient"
        assert profile["messaging_blocked"]["since"].endswith("Z")

    def test_a_suppressed_number_comes_before_a_missing_configuration(
        self, api: Caller, host: Host, willing: str
    ) -> None:
        host.transport.failure = [TransportRefused("No.", status=403, code="opted_out_by_recipient", effect="suppress")]
        api.post(address(willing), MESSAGE, 403)
        host.transport.configured = False
        assert api.post(address(willing), MESSAGE, 403)["code"] == "opted_out_by_recipient"


class TestLinkedAction:
    """auto_action_id: link to auto-action (marks it done on send)."""

    def test_it_is_done_once_the_message_is_accepted(self, api: Caller, host: Host, willing: str, action: str) -> None:
        during: list[str] = []
        host.transport.during = lambda: during.extend(row["status"] for row in host.rows("Action"))
        message = api.post(address(willing), {**MESSAGE, "auto_action_id": action})["message"]
        assert message["auto_action_id"] == action
        assert during == ["pending"]
        (found,) = api.get(f"/contacts/{willing}/relationship-actions")["actions"]
        assert (found["status"], found["completed_by_user_id"]) == ("done", api.id)
        assert found["completed_at"] is not None
        assert [item["status"] for item in api.get("/action-centre")["items"]] == ["done"]

    def test_a_manual_action_may_be_linked_too(self, api: Caller, willing: str) -> None:
        manual = api.post(f"/contacts/{willing}/relationship-actions", ACTION)["action"]["id"]
        api.post(address(willing), {**MESSAGE, "auto_action_id": manual})
        assert status_of(api, willing, manual) == "done"

    @pytest.mark.parametrize("status", ["done", "dismissed"])
    def test_an_action_that_is_closed(self, api: Caller, host: Host, willing: str, action: str, status: str) -> None:
        api.patch(f"/relationship-actions/{action}", {"status": status})
        problem = api.post(address(willing), {**MESSAGE, "auto_action_id": action}, 409)
        assert problem["code"] == "action_not_pending"
        assert host.transport.sent == []
        assert host.rows("Message") == []

    def test_one_message_for_one_action(self, api: Caller, host: Host, willing: str, action: str) -> None:
        body = {**MESSAGE, "auto_action_id": action}
        again: list[str] = []
        host.transport.during = lambda: again.append(api.post(address(willing), body, 409)["code"])
        api.post(address(willing), body)
        assert again == ["action_not_pending"]
        assert len(host.transport.sent) == 1

    @pytest.mark.parametrize("unknown", ["abc", "00000000-0000-7000-8000-000000000000"])
    def test_no_action(self, api: Caller, host: Host, willing: str, unknown: str) -> None:
        assert (
            api.post(address(willing), {**MESSAGE, "auto_action_id": unknown}, 422)["errors"][0]["code"]
            == "unknown_reference"
        )
        assert host.transport.sent == []

    @pytest.mark.parametrize(
        ("failure", "status"),
        [(TransportRefused("No."), 502), (TransportUnavailable("busy"), 503)],
        ids=["refused", "busy"],
    )
    def test_a_message_that_did_not_leave_releases_it(
        self, api: Caller, host: Host, willing: str, action: str, failure: Exception, status: int
    ) -> None:
        host.transport.failure = [failure]
        body = {**MESSAGE, "auto_action_id": action}
        api.post(address(willing), body, status)
        assert status_of(api, willing, action) == "pending"
        api.post(address(willing), body)
        assert status_of(api, willing, action) == "done"

    def test_a_linked_action_is_asked_for_only_once_sending_is_possible(
        self, api: Caller, host: Host, willing: str, action: str
    ) -> None:
        host.transport.configured = False
        api.post(address(willing), {**MESSAGE, "auto_action_id": action}, 500)
        host.transport.configured = True
        api.post(address(willing), {**MESSAGE, "auto_action_id": action})
