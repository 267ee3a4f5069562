"""The fake Twilio, asked by Twilio's real client as a host's tests would ask it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]

from flask_relationships.testing import FakeTwilio
from flask_relationships.testing.twilio.validation import MAGIC_FROM, MAGIC_TO
from tests.testing.conftest import CALLBACK, TO, Client, ask, client_of, create

MEMBERS = {
    *("account_sid", "api_version", "body", "date_created", "date_sent", "date_updated", "direction", "error_code"),
    *("error_message", "from", "messaging_service_sid", "num_media", "num_segments", "price", "price_unit", "sid"),
    *("status", "subresource_uris", "to", "uri"),
}
"""Those of the schema ``api.v2010.account.message`` that Twilio publishes."""


def asked(fake: FakeTwilio, path: str = "", **query: Any) -> Any:
    answer = ask("GET", fake, f"/Messages{path}.json", params=query)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    return answer.json()


class TestCreating:
    def test_what_the_client_reads_is_what_fetch_and_list_say(self, fake: FakeTwilio, client: Client) -> None:
        before = datetime.now(UTC).replace(microsecond=0)
        made = create(client, body="Ж" * 71, media_url=["https://example.com/a.png"])
        fetched = asked(fake, f"/{made.sid}")
        assert asked(fake)["messages"] == [fetched]
        assert set(fetched) == MEMBERS
        assert made.sid.startswith("MM")
        read = {name: getattr(made, {"from": "from_"}.get(name, name)) for name in MEMBERS}
        for name in ("date_created", "date_updated"):
            fetched[name] = parsedate_to_datetime(fetched[name])
            assert before <= read[name] <= datetime.now(UTC)
        assert read == fetched
        assert {name: read[name] for name in ("status", "direction", "num_segments", "num_media", "price", "to")} == {
            "status": "queued",
            "direction": "outbound-api",
            "num_segments": "2",
            "num_media": "1",
            "price": None,
            "to": TO,
        }
        assert client.messages(made.sid).fetch().body == "Ж" * 71
        assert (read["date_sent"], read["error_code"], read["account_sid"]) == (None, None, fake.account_sid)

    def test_it_remembers_what_it_accepted_and_how_often(self, fake: FakeTwilio, client: Client) -> None:
        first = create(client, status_callback=CALLBACK, media_url=["https://example.com/a.png"])
        second = create(client, status_callback=CALLBACK, media_url=["https://example.com/a.png"])
        other = create(client, body="Another")
        one, two, three = fake.messages
        assert [one.sid, two.sid, three.sid] == [first.sid, second.sid, other.sid]
        assert [one.times, two.times, three.times] == [1, 2, 1]
        assert (one.to, one.from_, one.body) == (TO, fake.sms_from, "Hello, Ada")
        assert (one.media, one.status_callback) == (("https://example.com/a.png",), CALLBACK)
        assert one.received_at <= two.received_at <= datetime.now(UTC)
        assert [attempt.form["To"] for attempt in fake.attempts] == [[TO]] * 3

    def test_a_messaging_service_chooses_the_sender_later(self, fake: FakeTwilio, client: Client) -> None:
        made = create(client, from_=None, messaging_service_sid=fake.messaging_service_sid, status_callback=CALLBACK)
        assert (made.status, made.from_, made.num_segments) == ("accepted", None, "0")
        assert made.messaging_service_sid == fake.messaging_service_sid
        told = fake.status_callback(made.sid, "sent")
        assert told.form["From"] == fake.sms_from
        assert told.form["MessagingServiceSid"] == fake.messaging_service_sid
        later = client.messages(made.sid).fetch()
        assert (later.status, later.from_, later.num_segments) == ("sent", fake.sms_from, "1")

    def test_a_message_for_later_is_scheduled(self, fake: FakeTwilio, client: Client) -> None:
        later = {"send_at": datetime.now(UTC) + timedelta(hours=1), "schedule_type": "fixed"}
        assert create(client, messaging_service_sid=fake.messaging_service_sid, **later).status == "scheduled"

    def test_whatsapp_with_a_template(self, fake: FakeTwilio, client: Client) -> None:
        made = create(
            client,
            to=f"whatsapp:{TO}",
            from_=f"whatsapp:{fake.whatsapp_from}",
            body=None,
            content_sid="HX" + "0a" * 16,
            content_variables='{"1": "Ada"}',
        )
        assert (made.to, made.from_) == (f"whatsapp:{TO}", f"whatsapp:{fake.whatsapp_from}")
        assert (fake.messages[0].content_sid, fake.messages[0].content_variables) == ("HX" + "0a" * 16, '{"1": "Ada"}')

    def test_threads_get_a_message_each(self, fake: FakeTwilio) -> None:
        client = client_of(fake)
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda number: create(client, body=str(number)).sid, range(40)))
        assert sorted(made) == sorted(message.sid for message in fake.messages)
        assert len(set(made)) == 40


REFUSED: list[tuple[dict[str, Any], int]] = [
    ({"body": "a" * 1601}, 21617),
    ({"body": None}, 21619),
    ({"to": ""}, 21604),
    ({"to": "020 7946 0123"}, 21211),
    ({"to": "whatsapp:somebody", "from_": f"whatsapp:{FakeTwilio.whatsapp_from}"}, 21211),
    ({"to": FakeTwilio.sms_from}, 21266),
    ({"from_": None}, 21603),
    ({"from_": "+12025550199"}, 21606),
    ({"to": f"whatsapp:{TO}", "from_": "whatsapp:+12025550199"}, 63007),
    ({"to": f"whatsapp:{TO}"}, 21910),
    ({"from_": f"whatsapp:{FakeTwilio.whatsapp_from}"}, 21910),
    ({"from_": None, "messaging_service_sid": "MG" + "0" * 32}, 21705),
    ({"media_url": ["https://example.com/a.png"] * 11}, 21623),
    ({"media_url": ["ftp://example.com/a.png"]}, 21620),
    ({"media_url": ["a.png"]}, 21620),
    ({"status_callback": "/twilio/status"}, 21609),
    ({"status_callback": "https://my_crm.example.com/status"}, 21609),
    ({"status_callback": "https://[::1/status"}, 21609),
    ({"status_callback": "https://example.com/" + "a" * 4000}, 21609),
    ({"content_sid": "HX1"}, 21655),
    ({"content_sid": "HX" + "0a" * 16, "content_variables": "[1"}, 21656),
    *(({"to": number}, code) for number, code in MAGIC_TO.items()),
    *(({"from_": number}, code) for number, code in MAGIC_FROM.items()),
]


class TestRefusing:
    @pytest.mark.parametrize(("form", "code"), REFUSED)
    def test_what_twilio_refuses_is_refused_with_its_code(
        self, form: dict[str, Any], code: int, fake: FakeTwilio, client: Client
    ) -> None:
        with pytest.raises(TwilioRestException) as raised:
            create(client, **form)
        assert (raised.value.status, raised.value.code) == (400, code)
        assert fake.messages == []
        assert len(fake.attempts) == 1

    @pytest.mark.parametrize(
        "form",
        [
            {"body": "a" * 1600},
            {"media_url": ["http://example.com/a.png"] * 10, "body": None},
            {"status_callback": "http://127.0.0.1:5000/status#rc=3"},
        ],
    )
    def test_what_is_just_allowed_is_taken(self, form: dict[str, Any], fake: FakeTwilio, client: Client) -> None:
        assert create(client, **form).sid == fake.messages[0].sid

    @pytest.mark.parametrize(
        "login",
        [
            {"auth_token": "another"},
            {"api_key_sid": FakeTwilio.api_key_sid, "api_key_secret": "another"},
            {"account_sid": "AC" + "0" * 32},
        ],
    )
    def test_a_wrong_log_in(self, login: dict[str, str], fake: FakeTwilio) -> None:
        with pytest.raises(TwilioRestException) as raised:
            create(client_of(fake, **login))
        assert (raised.value.status, raised.value.code) == (401, 20003)
        assert fake.attempts == []

    def test_no_log_in_at_all(self, fake: FakeTwilio) -> None:
        answer = ask("POST", fake, "/Messages.json", login=False, data={"To": TO})
        assert (answer.status_code, answer.json()["code"]) == (401, 20003)
        assert set(answer.json()) == {"code", "message", "more_info", "status"}

    def test_an_api_key_is_as_good_as_the_token(self, fake: FakeTwilio) -> None:
        create(client_of(fake, auth_token=None, api_key_sid=fake.api_key_sid, api_key_secret=fake.api_key_secret))
        assert len(fake.messages) == 1

    def test_what_is_not_there(self, fake: FakeTwilio, client: Client) -> None:
        with pytest.raises(TwilioRestException) as raised:
            client.messages("SM" + "0" * 32).fetch()
        assert (raised.value.status, raised.value.code) == (404, 20404)
        with pytest.raises(TwilioRestException) as raised:
            client.calls("CA" + "0" * 32).fetch()
        assert (raised.value.status, raised.value.code) == (404, 20404)
        with pytest.raises(TwilioRestException) as raised:
            client.messages("SM" + "0" * 32).delete()
        assert (raised.value.status, raised.value.code) == (405, 20004)


class TestListing:
    def test_newest_first_by_recipient_and_sender(self, fake: FakeTwilio, client: Client) -> None:
        first, second = create(client), create(client)
        other = create(client, to="+447700900456")
        service = create(client, from_=None, messaging_service_sid=fake.messaging_service_sid)
        listed = client.messages.list(to=TO, limit=50)
        assert [message.sid for message in listed] == [service.sid, second.sid, first.sid]
        listed = client.messages.list(from_=fake.sms_from, limit=50)
        assert [message.sid for message in listed] == [other.sid, second.sid, first.sid]

    def test_pages_follow_one_another_though_messages_come_on_top(self, fake: FakeTwilio, client: Client) -> None:
        made = [create(client, body=str(number)).sid for number in range(7)]
        page = client.messages.page(to=TO, page_size=3)
        read = [message.sid for message in page]
        create(client, body="new")
        while (page := page.next_page()) is not None:
            read += [message.sid for message in page]
        assert read == made[::-1]
        assert [message.body for message in client.messages.list(to=TO, page_size=3)] == ["new", *"6543210"]

    def test_a_page_says_where_it_is(self, fake: FakeTwilio, client: Client) -> None:
        for number in range(5):
            create(client, body=str(number))
        first = asked(fake, PageSize=2)
        assert (first["page"], first["page_size"], first["start"], first["end"]) == (0, 2, 0, 1)
        assert first["previous_page_uri"] is None
        second = ask("GET", fake, first["next_page_uri"]).json()
        assert [message["body"] for message in second["messages"]] == ["2", "1"]
        third = ask("GET", fake, second["next_page_uri"]).json()
        assert ([message["body"] for message in third["messages"]], third["next_page_uri"]) == (["0"], None)
        back = ask("GET", fake, third["previous_page_uri"]).json()
        assert back["messages"] == second["messages"]

    def test_a_page_that_nobody_can_turn_to(self, fake: FakeTwilio) -> None:
        answer = ask("GET", fake, "/Messages.json", params={"PageSize": "1001"})
        assert (answer.status_code, answer.json()["code"]) == (400, 20001)

    def test_the_list_may_lag_behind(self, fake: FakeTwilio, client: Client) -> None:
        fake.list_lag = 60
        made = create(client)
        assert client.messages.list(limit=5) == []
        assert client.messages(made.sid).fetch().sid == made.sid
        fake.list_lag = 0
        assert [message.sid for message in client.messages.list(limit=5)] == [made.sid]

    def test_a_search_by_the_day_of_sending_leaves_out_what_was_not_sent(
        self, fake: FakeTwilio, client: Client
    ) -> None:
        create(client)
        sent = create(client, status_callback=CALLBACK)
        fake.status_callback(sent.sid, "sent")
        today = datetime.now(UTC)
        assert [message.sid for message in client.messages.list(date_sent=today, limit=5)] == [sent.sid]
        assert client.messages.list(date_sent_after=today + timedelta(days=2), limit=5) == []
