"""What the fake Twilio posts to an application: signed as Twilio signs, in any order, as often as one likes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, request
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from werkzeug.serving import make_server

from flask_relationships.testing import FakeTwilio, SignedRequest
from tests.testing.conftest import CALLBACK, TO, Client, client_of, create

INBOUND = "https://crm.example.com/twilio/inbound"

STATUS_FIELDS = {
    *("ApiVersion", "AccountSid", "MessageSid", "SmsSid", "MessageStatus", "SmsStatus", "To", "From"),
}
INBOUND_FIELDS = {
    *("ApiVersion", "AccountSid", "MessageSid", "SmsSid", "SmsMessageSid", "SmsStatus", "From", "To", "Body"),
    *("NumMedia", "NumSegments", "FromCity", "FromState", "FromZip", "FromCountry"),
    *("ToCity", "ToState", "ToZip", "ToCountry"),
}


class Receiver:
    """An application that keeps what is posted to it, with the URL it would be signed for."""

    def __init__(self) -> None:
        self.app = Flask("receiver")
        self.got: list[tuple[str, dict[str, str]]] = []
        self.signed: list[bool] = []
        self.app.add_url_rule("/<path:path>", view_func=self.take, methods=["POST"])

    def take(self, path: str) -> tuple[str, int]:
        url = "https://crm.example.com" + request.environ.get("REQUEST_URI", request.full_path)
        validator = RequestValidator(FakeTwilio.auth_token)
        self.signed.append(validator.validate(url, request.form, request.headers["X-Twilio-Signature"]))
        self.got.append((path, request.form.to_dict()))
        return "", 204

    @property
    def statuses(self) -> list[str]:
        return [form["MessageStatus"] for _, form in self.got]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def listening(receiver: Receiver) -> Iterator[str]:
    """Where the receiver listens, as behind a proxy that speaks TLS."""
    server = make_server("127.0.0.1", 0, receiver.app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def valid(told: SignedRequest, token: str = FakeTwilio.auth_token) -> bool:
    return bool(RequestValidator(token).validate(told.url, told.form, told.headers["X-Twilio-Signature"]))


class TestStatusCallbacks:
    def test_one_has_twilio_s_fields_and_signature(self, fake: FakeTwilio, client: Client) -> None:
        made = create(client, status_callback=CALLBACK + "#rc=3")
        told = fake.status_callback(made.sid, "sent")
        assert (told.url, set(told.form)) == (CALLBACK, STATUS_FIELDS)
        assert told.form["MessageSid"] == told.form["SmsSid"] == made.sid
        assert told.form["MessageStatus"] == told.form["SmsStatus"] == "sent"
        assert (told.form["To"], told.form["From"]) == (TO, fake.sms_from)
        assert told.form["AccountSid"] == fake.account_sid
        assert valid(told)
        assert not valid(told, token="another")

    def test_a_failure_has_its_code_and_a_receipt_its_time(self, fake: FakeTwilio, client: Client) -> None:
        sid = create(client, status_callback=CALLBACK).sid
        told = fake.status_callback(sid, "undelivered", error_code=30005)
        assert told.form["ErrorCode"] == "30005"
        assert len(told.form["RawDlrDoneDate"]) == 10
        assert client.messages(sid).fetch().error_code == 30005
        assert "ErrorCode" not in fake.status_callback(sid, "delivered").form
        assert client.messages(sid).fetch().error_code is None

    def test_whatsapp_has_more(self, fake: FakeTwilio, client: Client) -> None:
        made = create(client, to=f"whatsapp:{TO}", from_=f"whatsapp:{fake.whatsapp_from}", status_callback=CALLBACK)
        told = fake.status_callback(made.sid, "read", ChannelInstallSid="XE1")
        assert {name: told.form[name] for name in set(told.form) - STATUS_FIELDS} == {
            "ChannelPrefix": "whatsapp",
            "ChannelToAddress": "+44770090XXXX",
            "EventType": "READ",
            "ChannelInstallSid": "XE1",
        }

    def test_any_order_and_as_often_as_one_likes(self, client: Client, fake: FakeTwilio, receiver: Receiver) -> None:
        fake.webhooks_to = receiver.app
        sid = create(client, status_callback=CALLBACK).sid
        assert fake.deliver(sid, "delivered", "sent", "sent") == [204, 204, 204]
        assert receiver.statuses == ["delivered", "sent", "sent"]
        assert receiver.signed == [True] * 3

    def test_by_themselves_even_where_the_answer_was_lost(self, receiver: Receiver) -> None:
        with FakeTwilio(callbacks=("sent", "delivered"), webhooks_to=receiver.app) as fake:
            fake.fail("hang_after")
            with pytest.raises(OSError, match="timed out"):
                create(client_of(fake, timeout=(5, 0.2)), status_callback=CALLBACK)
            create(client_of(fake))
            fake.settle()
            assert receiver.statuses == ["sent", "delivered"]
            assert {form["MessageSid"] for _, form in receiver.got} == {fake.messages[0].sid}

    def test_an_application_that_is_away_is_noted(self, fake: FakeTwilio) -> None:
        with FakeTwilio(callbacks=("sent",)) as other:
            other.webhooks_to = fake.url
            fake.stop()
            create(client_of(other), status_callback=CALLBACK)
            other.settle()
            assert [posted.status for posted in other.posted] == [None]
            with pytest.raises(ConnectionRefusedError):
                other.deliver(other.messages[0].sid, "delivered")

    def test_none_for_a_message_that_asked_for_none(self, fake: FakeTwilio, client: Client) -> None:
        with pytest.raises(ValueError, match="without a status callback"):
            fake.status_callback(create(client).sid, "sent")
        with pytest.raises(KeyError, match="SM1"):
            fake.status_callback("SM1", "sent")


class TestInbound:
    def test_a_text(self, fake: FakeTwilio, client: Client, receiver: Receiver) -> None:
        fake.webhooks_to = receiver.app
        assert fake.receive(INBOUND, TO, fake.sms_from, "Grüße & more", OptOutType="HELP") == 204
        ((path, form),) = receiver.got
        assert (path, receiver.signed) == ("twilio/inbound", [True])
        assert set(form) == INBOUND_FIELDS | {"OptOutType"}
        assert (form["From"], form["To"], form["Body"]) == (TO, fake.sms_from, "Grüße & more")
        (listed,) = client.messages.list(limit=5)
        assert (listed.sid, listed.direction, listed.status) == (form["MessageSid"], "inbound", "received")
        assert fake.messages == []

    def test_media_whatsapp_and_opting_out(self, fake: FakeTwilio) -> None:
        told = fake.inbound(
            INBOUND,
            f"whatsapp:{TO}",
            f"whatsapp:{fake.whatsapp_from}",
            media=["https://api.twilio.com/a.pdf", "https://api.twilio.com/b"],
            opt_out_type="STOP",
            ProfileName="Ada",
        )
        assert valid(told)
        assert (told.form["NumMedia"], told.form["Body"], told.form["OptOutType"]) == ("2", "", "STOP")
        assert told.form["MediaContentType0"] == "application/pdf"
        assert told.form["MediaUrl1"] == "https://api.twilio.com/b"
        assert (told.form["ProfileName"], told.form["WaId"]) == ("Ada", TO[1:])

    def test_one_message_posted_twice(self, fake: FakeTwilio, client: Client, receiver: Receiver) -> None:
        fake.webhooks_to = receiver.app
        told = fake.inbound(INBOUND, TO, fake.sms_from, "STOP")
        assert [fake.post(told), fake.post(told)] == [204, 204]
        fake.receive(INBOUND, TO, fake.sms_from, "STOP", sid=told.form["MessageSid"])
        assert [form for _, form in receiver.got] == [told.form] * 3
        assert len(client.messages.list(limit=5)) == 1


class TestWhereItPosts:
    def test_a_listening_application_behind_a_proxy(self, listening: str, receiver: Receiver) -> None:
        with FakeTwilio(webhooks_to=listening) as fake:
            sid = create(client_of(fake), status_callback=CALLBACK).sid
            assert fake.deliver(sid, "sent") == [204]
        assert receiver.signed == [True]

    def test_a_url_of_this_machine(self, listening: str, fake: FakeTwilio, receiver: Receiver) -> None:
        assert fake.post(fake.signed(f"{listening}/any?a=1", {"A": "b"})) == 204
        assert receiver.got == [("any", {"A": "b"})]

    @pytest.mark.parametrize("where", [None, "http://10.0.0.7", "https://127.0.0.1"])
    def test_nothing_leaves_this_machine(self, where: str | None, fake: FakeTwilio) -> None:
        fake.webhooks_to = where
        with pytest.raises(RuntimeError, match="webhooks_to"):
            fake.receive(INBOUND, TO, fake.sms_from)


COMMAND = [sys.executable, "-m", "flask_relationships.testing.twilio"]


class TestAlone:
    def test_in_a_process_of_its_own(self, tmp_path: Path) -> None:
        log = tmp_path / "messages.jsonl"
        command = [*COMMAND, "--log", str(log), "--fault-share", "1", "--faults", "empty"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
            try:
                assert process.stdout is not None
                url = f"http://127.0.0.1:{int(process.stdout.readline())}"
                client = FakeTwilio.transport_to(url)._client()
                assert create(client).sid is None
            finally:
                process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        (message,) = FakeTwilio.read_log(log)
        assert (message.to, message.body, message.times) == (TO, "Hello, Ada", 1)
        assert json.loads(log.read_text())["sid"] == message.sid

    def test_killed_it_has_written_what_it_accepted(self, tmp_path: Path) -> None:
        log = tmp_path / "messages.jsonl"
        command = [*COMMAND, "--log", str(log)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
            assert process.stdout is not None
            transport = FakeTwilio.transport_to(f"http://127.0.0.1:{int(process.stdout.readline())}")
            made = create(transport._client()).sid
            os.kill(process.pid, signal.SIGKILL)
        assert [message.sid for message in FakeTwilio.read_log(log)] == [made]


@pytest.mark.parametrize("module", ["flask_relationships.extension", "flask_relationships.providers.twilio.transport"])
def test_the_package_itself_does_not_import_it(module: str) -> None:
    check = f"import sys, {module}; sys.exit('flask_relationships.testing' in sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True, timeout=60)  # noqa: S603


def test_the_client_is_imported_only_when_it_is_used() -> None:
    use = "from flask_relationships.testing import FakeTwilio; FakeTwilio().stop()"
    check = f"import sys; {use}; sys.exit('twilio' in sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True, timeout=60)  # noqa: S603
