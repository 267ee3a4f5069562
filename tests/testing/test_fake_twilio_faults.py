"""How the fake Twilio goes wrong, keeps its log, begins and ends."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException  # type: ignore[import-untyped]

from flask_relationships.testing import FakeTwilio
from flask_relationships.testing.twilio.faults import FAULTS, Fault
from tests.testing.conftest import CALLBACK, Client, ask, client_of, create

OUTCOMES: dict[Fault, tuple[type[Exception] | None, int | None, int]] = {
    "busy": (TwilioRestException, 429, 0),
    "refuse": (TwilioRestException, 400, 0),
    "problem": (TwilioServiceException, 400, 0),
    "drop_before": (requests.ConnectionError, None, 0),
    "drop_after": (requests.ConnectionError, None, 1),
    "reset": (requests.ConnectionError, None, 1),
    "cut": (requests.exceptions.ChunkedEncodingError, None, 1),
    "hang_before": (requests.ReadTimeout, None, 0),
    "hang_after": (requests.ReadTimeout, None, 1),
    "error_before": (TwilioRestException, 500, 0),
    "error_after": (TwilioRestException, 500, 1),
    "html": (json.JSONDecodeError, None, 1),
    "html_error": (TwilioRestException, 502, 0),
    "empty": (None, None, 1),
}
"""What the client makes of each fault: the exception, its HTTP status, and how many messages were taken."""


class TestFailing:
    @pytest.mark.parametrize("fault", FAULTS)
    def test_a_fault_strikes_one_request(self, fault: Fault, fake: FakeTwilio) -> None:
        kind, status, taken = OUTCOMES[fault]
        client = client_of(fake, timeout=(5, 0.3 if fault.startswith("hang") else 10))
        fake.fail(fault)
        if kind is None:
            assert create(client).sid is None
        else:
            with pytest.raises(kind) as raised:
                create(client)
            assert getattr(raised.value, "status", None) == status
        assert len(fake.messages) == taken
        assert create(client_of(fake)).sid == fake.messages[-1].sid
        assert len(fake.attempts) == 2

    def test_a_connection_is_really_reset(self, fake: FakeTwilio) -> None:
        fake.fail("reset")
        with pytest.raises(requests.ConnectionError, match="reset by peer"):
            create(client_of(fake))

    @pytest.mark.parametrize(
        ("given", "expected"), [({}, "1"), ({"retry_after": 7}, "7"), ({"retry_after": None}, None)]
    )
    def test_busy_says_when_to_come_again(self, given: dict[str, Any], expected: str | None, fake: FakeTwilio) -> None:
        fake.fail("busy", **given)
        answer = ask("POST", fake, "/Messages.json")
        assert (answer.status_code, answer.json()["code"]) == (429, 20429)
        assert answer.headers.get("Retry-After") == expected

    @pytest.mark.parametrize("fault", ["refuse", "problem"])
    @pytest.mark.parametrize(("code", "status"), [(21610, 400), (20003, 401)])
    def test_any_refusal(self, fault: Fault, code: int, status: int, fake: FakeTwilio, client: Client) -> None:
        fake.fail(fault, code=code)
        with pytest.raises((TwilioRestException, TwilioServiceException)) as raised:
            create(client)
        assert (raised.value.status, raised.value.code) == (status, code)

    def test_a_late_answer_is_a_whole_one(self, fake: FakeTwilio, client: Client) -> None:
        fake.fail("hang_after", seconds=0.2)
        begun = time.monotonic()
        assert create(client).status == "queued"
        assert time.monotonic() - begun >= 0.2

    def test_what_hangs_ends_with_the_fake(self) -> None:
        with FakeTwilio() as fake:
            fake.fail("hang_after", seconds=60)
            failed: list[Exception] = []

            def send() -> None:
                try:
                    create(client_of(fake))
                except requests.ConnectionError as error:
                    failed.append(error)

            sender = threading.Thread(target=send)
            sender.start()
            while not fake.messages:
                time.sleep(0.005)
        sender.join(5)
        assert len(failed) == 1

    def test_a_number_of_requests(self, fake: FakeTwilio, client: Client) -> None:
        fake.fail("error_before", times=2)
        for _ in range(2):
            with pytest.raises(TwilioRestException):
                create(client)
        assert create(client).status == "queued"

    def test_a_share_of_requests_is_the_same_with_the_same_seed(self) -> None:
        def struck(seed: int) -> list[bool]:
            with FakeTwilio(seed=seed) as fake:
                fake.fail("empty", "error_before", share=0.2)
                client = client_of(fake)
                return [failed(client) for _ in range(200)]

        def failed(client: Client) -> bool:
            try:
                return create(client).sid is None
            except TwilioRestException:
                return True

        assert struck(1) == struck(1) != struck(2)
        assert 20 <= sum(struck(1)) <= 60

    def test_until_it_recovers(self, fake: FakeTwilio, client: Client) -> None:
        fake.fail("empty", share=1.0)
        assert [create(client).sid for _ in range(3)] == [None] * 3
        fake.recover()
        assert create(client).sid

    def test_the_list_and_the_fetching_fail_on_their_own(self, fake: FakeTwilio, client: Client) -> None:
        fake.fail("error_after", on="list")
        fake.fail("problem", on="fetch")
        made = create(client)
        with pytest.raises(TwilioException):  # the client has no finer one for a list
            client.messages.list(limit=1)
        with pytest.raises(TwilioServiceException):
            client.messages(made.sid).fetch()
        assert client.messages.list(limit=1)[0].sid == client.messages(made.sid).fetch().sid

    @pytest.mark.parametrize(
        ("faults", "given", "told"),
        [
            (("explode",), {}, "'explode'; there are busy, "),
            ((), {}, "Name a fault"),
            (("busy",), {"on": "delete"}, "'delete'; there are create, list, fetch"),
        ],
    )
    def test_a_word_that_it_does_not_know(self, faults: Any, given: Any, told: str, fake: FakeTwilio) -> None:
        with pytest.raises(ValueError, match=told):
            fake.fail(*faults, **given)


class TestLog:
    def test_what_was_accepted_is_on_the_disk(self, tmp_path: Path) -> None:
        path = tmp_path / "messages.jsonl"
        with FakeTwilio(log=path) as fake:
            fake.fail("drop_after")
            with pytest.raises(requests.ConnectionError):
                create(client_of(fake), media_url=["https://example.com/a.png"], status_callback=CALLBACK)
            assert FakeTwilio.read_log(path) == fake.messages

    def test_it_is_continued_after_a_restart(self, tmp_path: Path) -> None:
        path = tmp_path / "messages.jsonl"
        with FakeTwilio(log=path) as fake:
            made = create(client_of(fake))
        with path.open("a") as torn:
            torn.write('{"sid": "SM')
        assert [message.sid for message in FakeTwilio.read_log(path)] == [made.sid]
        with FakeTwilio(log=path) as fake:
            client = client_of(fake)
            assert client.messages(made.sid).fetch().date_created == made.date_created
            create(client)
            assert [message.times for message in fake.messages] == [1, 2]
        assert [message.times for message in FakeTwilio.read_log(path)] == [1, 2]


class TestLife:
    def test_it_listens_on_this_machine_only(self, fake: FakeTwilio) -> None:
        assert fake._server.server_address[0] == "127.0.0.1"

    def test_a_port_may_be_asked_for(self) -> None:
        with FakeTwilio() as fake:
            port = fake.port
        with FakeTwilio(port=port) as fake:
            assert create(client_of(fake)).status == "queued"

    def test_it_may_be_stopped_before_and_after_it_was_started(self) -> None:
        FakeTwilio().stop()
        fake = FakeTwilio().start()
        fake.stop()
        fake.stop()

    @pytest.mark.parametrize("url", ["https://api.twilio.com", "http://10.0.0.7:80", "http://127.0.0.1.example.com"])
    def test_its_transport_leads_to_this_machine_only(self, url: str) -> None:
        with pytest.raises(ValueError, match=r"127\.0\.0\.1"):
            FakeTwilio.transport_to(url)

    def test_region_and_edge_lead_nowhere_else(self, fake: FakeTwilio) -> None:
        create(client_of(fake, region="ie1", edge="dublin"))
        assert len(fake.messages) == 1
