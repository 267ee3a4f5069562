"""Messages that came in, STOP and START, and those that no contact is known for."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

import pytest

from flask_relationships import signals
from flask_relationships.context import Context
from flask_relationships.domain.messages.sending import SendSignal, Sent
from flask_relationships.jobs.dispatch import InlineDispatcher
from flask_relationships.testing import FakeTwilio
from flask_relationships.testing.contract.specification import ACTION, MESSAGE
from tests.failures.test_database import failing
from tests.hosts.host import Caller, Host
from tests.marks import one_host
from tests.webhooks.conftest import INBOUND

pytestmark = one_host

NUMBER = "+442079460018"
STRANGER = "+442079460999"


def receive(twilio: FakeTwilio, body: str, from_: str = NUMBER, **more: Any) -> int:
    return twilio.receive(INBOUND, from_, twilio.sms_from, body, **more)


def thread(api: Caller, contact: str) -> list[dict[str, Any]]:
    return list(api.get(f"/contacts/{contact}/messages")["messages"])


def test_a_message_joins_the_thread_of_its_contact(api: Caller, twilio: FakeTwilio, willing: str) -> None:
    api.post(f"/contacts/{willing}/messages", MESSAGE)
    assert receive(twilio, "Thank you \x00so much") == 200
    newest, _ = thread(api, willing)
    expected = {
        "direction": "inbound",
        "channel": "sms",
        "body": "Thank you so much",
        "from_number": NUMBER,
        "to_number": twilio.sms_from,
        "status": "received",
        "contact_id": willing,
        "sent_by_user_id": None,
    }
    assert expected.items() <= newest.items()


def test_a_message_that_is_delivered_twice_is_kept_once(api: Caller, twilio: FakeTwilio, willing: str) -> None:
    sid = "SM" + "0" * 32
    assert [receive(twilio, "Hello", sid=sid) for _ in range(3)] == [200] * 3
    assert len(thread(api, willing)) == 1


def test_links_to_media_are_kept_and_never_fetched(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    receive(twilio, "", media=["https://api.twilio.com/media/ME1.jpg"])
    (message,) = thread(api, willing)
    assert (message["channel"], message["body"]) == ("mms", "")
    (row,) = host.rows("Message")
    assert row["media"] == [{"url": "https://api.twilio.com/media/ME1.jpg", "content_type": "image/jpeg"}]


class TestContent:
    def test_every_file_is_in_the_api(self, api: Caller, twilio: FakeTwilio, willing: str) -> None:
        urls = [f"https://api.twilio.com/media/ME{number}.{kind}" for number, kind in enumerate(("jpg", "png", "vcf"))]
        receive(twilio, "", media=urls, MediaContentType2="text/vcard")
        (message,) = thread(api, willing)
        assert [file["url"] for file in message["media"]] == urls
        assert [file["content_type"] for file in message["media"]] == ["image/jpeg", "image/png", "text/vcard"]
        assert (message["location"], message["payload"], message["sent_by_name"]) == (None, None, None)

    def test_files_are_kept_without_a_text_and_with_a_wrong_count(
        self, api: Caller, twilio: FakeTwilio, willing: str
    ) -> None:
        for count in ("0", "1"):
            genuine = twilio.inbound(INBOUND, NUMBER, twilio.sms_from, media=["https://api.twilio.com/ME1.ogg"])
            form = {**genuine.form, "NumMedia": count}
            del form["Body"]
            assert twilio.post(twilio.signed(INBOUND, form)) == 200
        assert [len(message["media"]) for message in thread(api, willing)] == [1, 1]

    def test_what_was_sent_has_no_files(self, api: Caller, willing: str) -> None:
        assert api.post(f"/contacts/{willing}/messages", MESSAGE)["message"]["media"] == []

    @pytest.mark.parametrize(
        ("fields", "location"),
        [
            (
                {"Latitude": "51.5014", "Longitude": "-0.1419", "Label": "Palace", "Address": "London SW1A 1AA"},
                {"latitude": 51.5014, "longitude": -0.1419, "label": "Palace", "address": "London SW1A 1AA"},
            ),
            (
                {"Latitude": "-33", "Longitude": "151.2"},
                {"latitude": -33, "longitude": 151.2, "label": None, "address": None},
            ),
            (
                {"Latitude": "north", "Longitude": "1e999", "Label": "Nul\x00l"},
                {"latitude": None, "longitude": None, "label": "Null", "address": None},
            ),
            ({"Latitude": "91", "Longitude": "0"}, None),
            ({"Latitude": "NaN", "Longitude": "Infinity"}, None),
        ],
        ids=["whole", "no name", "no number", "no such place", "not a number"],
    )
    def test_a_place_is_in_the_api(
        self, api: Caller, twilio: FakeTwilio, willing: str, fields: dict[str, str], location: dict[str, Any]
    ) -> None:
        twilio.receive(INBOUND, f"whatsapp:{NUMBER}", f"whatsapp:{twilio.whatsapp_from}", **fields)
        (message,) = thread(api, willing)
        assert message["location"] == location

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"Body": "Yes", "ButtonText": "Yes", "ButtonPayload": "confirm-1"}, ("Yes", "confirm-1")),
            ({"Body": "", "ButtonText": "Yes", "ButtonPayload": "confirm-1"}, ("Yes", "confirm-1")),
            ({"Body": "", "ListTitle": "Blue", "ListId": "colour-3"}, ("Blue", "colour-3")),
            ({"Body": "Yes"}, ("Yes", None)),
        ],
    )
    def test_what_was_chosen_is_in_the_api(
        self, api: Caller, twilio: FakeTwilio, willing: str, fields: dict[str, str], expected: tuple[str, str | None]
    ) -> None:
        genuine = twilio.inbound(INBOUND, f"whatsapp:{NUMBER}", f"whatsapp:{twilio.whatsapp_from}")
        assert twilio.post(twilio.signed(INBOUND, {**genuine.form, **fields})) == 200
        (message,) = thread(api, willing)
        assert (message["body"], message["payload"]) == expected

    def test_the_author_is_named(self, api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
        sent = api.post(f"/contacts/{willing}/messages", MESSAGE)["message"]
        assert sent["sent_by_name"] == api.name
        (listed,) = thread(api, willing)
        assert listed == sent


def test_whatsapp_has_a_number_of_its_own(api: Caller, twilio: FakeTwilio, willing: str) -> None:
    api.patch(f"/contacts/{willing}/relationship", {"whatsapp_number": "+1 202 555 0123"})
    twilio.receive(INBOUND, "whatsapp:+12025550123", f"whatsapp:{twilio.whatsapp_from}", "Hello")
    (message,) = thread(api, willing)
    assert (message["channel"], message["from_number"]) == ("whatsapp", "+12025550123")


def test_of_two_with_one_number_it_is_whoever_was_last_in_touch(api: Caller, host: Host, twilio: FakeTwilio) -> None:
    first, second = host.contact(), host.contact("Mary", "Somerville")
    for contact in (first, second):
        api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    api.post(f"/contacts/{second}/messages", MESSAGE)
    receive(twilio, "Who, me?")
    assert (len(thread(api, first)), len(thread(api, second))) == (0, 2)


@pytest.mark.on_hosts("peculiar")
def test_a_contact_that_is_gone_gets_no_message(api: Caller, host: Host, twilio: FakeTwilio, willing: str) -> None:
    host.delete_contact(willing)
    receive(twilio, "Hello?")
    assert [row["contact_id"] for row in host.rows("Message")] == [None]


class TestStop:
    @pytest.mark.parametrize(
        "word", ["STOP", "stop", " Stop. ", "UNSUBSCRIBE", "Cancel!", "optout", "Opt out", "“Stop”", "\u200bSTOP"]
    )
    def test_nothing_is_sent_to_somebody_who_said_stop(
        self, api: Caller, twilio: FakeTwilio, willing: str, word: str
    ) -> None:
        receive(twilio, word)
        assert api.post(f"/contacts/{willing}/messages", MESSAGE, 403)["code"] == "opted_out_by_recipient"
        whatsapp = {**MESSAGE, "channel": "whatsapp"}
        assert api.post(f"/contacts/{willing}/messages", whatsapp, 403)["code"] == "opted_out_by_recipient"
        assert twilio.messages == []
        blocked = api.get(f"/contacts/{willing}/relationship")["profile"]["messaging_blocked"]
        assert blocked["reason"] == "opted_out_by_recipient"

    @pytest.mark.parametrize("text", ["Please stop by at noon", "stop it", "Ended well", "Quit?"])
    def test_a_word_in_a_sentence_is_no_wish(self, api: Caller, twilio: FakeTwilio, willing: str, text: str) -> None:
        receive(twilio, text)
        api.post(f"/contacts/{willing}/messages", MESSAGE)

    def test_the_provider_s_own_word_for_it_counts_more(self, api: Caller, twilio: FakeTwilio, willing: str) -> None:
        receive(twilio, "Arrêt", opt_out_type="STOP")
        api.post(f"/contacts/{willing}/messages", MESSAGE, 403)
        receive(twilio, "STOP", opt_out_type="HELP")
        receive(twilio, "Encore", opt_out_type="START")
        api.post(f"/contacts/{willing}/messages", MESSAGE)

    def test_an_empty_word_of_the_provider_s_is_none(self, api: Caller, twilio: FakeTwilio, willing: str) -> None:
        receive(twilio, "STOP", opt_out_type="")
        api.post(f"/contacts/{willing}/messages", MESSAGE, 403)

    @pytest.mark.parametrize("text", ["un stop", "y e s", "s.tart", "Yes?", "yes please", "yesterday"])
    def test_what_only_resembles_start_lifts_nothing(
        self, api: Caller, twilio: FakeTwilio, willing: str, text: str
    ) -> None:
        receive(twilio, "STOP")
        receive(twilio, text)
        assert api.post(f"/contacts/{willing}/messages", MESSAGE, 403)["code"] == "opted_out_by_recipient"

    def test_start_lifts_it_and_grants_nothing(self, api: Caller, twilio: FakeTwilio, willing: str) -> None:
        receive(twilio, "STOP")
        receive(twilio, "START")
        api.post(f"/contacts/{willing}/messages", MESSAGE)
        api.patch(f"/contacts/{willing}/relationship", {"twilio_opt_in": False})
        receive(twilio, "START")
        assert api.post(f"/contacts/{willing}/messages", MESSAGE, 403)["code"] == "not_opted_in"

    def test_staff_cannot_lift_it(self, api: Caller, twilio: FakeTwilio, willing: str) -> None:
        receive(twilio, "STOP")
        for opted_in in (False, True):
            api.patch(f"/contacts/{willing}/relationship", {"twilio_opt_in": opted_in})
        api.patch(f"/contacts/{willing}/relationship", {"phone_number": "+44 (0)20 7946 0018"})
        assert api.post(f"/contacts/{willing}/messages", MESSAGE, 403)["code"] == "opted_out_by_recipient"

    def test_one_that_comes_between_writing_and_calling_is_heeded(
        self, api: Caller, host: Host, twilio: FakeTwilio, willing: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class StoppedMeanwhile(InlineDispatcher):
            def kick(self, ctx: Context, message_id: UUID, after_commit: SendSignal) -> Sent:
                receive(twilio, "STOP")
                return super().kick(ctx, message_id, after_commit)

        action = api.post(f"/contacts/{willing}/relationship-actions", ACTION)["action"]["id"]
        monkeypatch.setattr(host.state, "dispatcher", StoppedMeanwhile())
        body = {**MESSAGE, "auto_action_id": action}
        assert api.post(f"/contacts/{willing}/messages", body, 403)["code"] == "opted_out_by_recipient"
        assert twilio.attempts == []
        assert {message["status"] for message in thread(api, willing)} == {"failed", "received"}
        actions = api.get(f"/contacts/{willing}/relationship-actions")["actions"]
        assert [row["status"] for row in actions] == ["pending"]

    def test_it_holds_for_everybody_with_that_number_and_stands_in_the_ledger(
        self, api: Caller, host: Host, twilio: FakeTwilio, willing: str
    ) -> None:
        other = host.contact("Mary", "Somerville")
        api.patch(f"/contacts/{other}/relationship", {"twilio_opt_in": True})
        told: list[Any] = []

        def receiver(_app: Any, row: Any, user: Any) -> None:
            told.append((row.event, user))

        with signals.consent_changed.connected_to(receiver, host.app):
            receive(twilio, "STOP")
        api.post(f"/contacts/{other}/messages", MESSAGE, 403)
        lines = [row for row in host.rows("ConsentEntry") if row["event"] == "stop"]
        assert {row["contact_id"] for row in lines} == {willing, other}
        assert {(row["source"], row["actor_user_id"]) for row in lines} == {("recipient", None)}
        assert told == [("stop", None)] * 2


class TestUnmatched:
    def test_a_stranger_s_message_waits_until_somebody_knows_whose_it_is(
        self, api: Caller, twilio: FakeTwilio, willing: str
    ) -> None:
        receive(twilio, "It is my new number", STRANGER)
        receive(twilio, "Hello")
        (message,) = api.get("/messages/unmatched")["messages"]
        assert (message["contact_id"], message["from_number"]) == (None, STRANGER)
        matched = api.put(f"/contacts/{willing}/messages/{message['id']}")["message"]
        assert matched["contact_id"] == willing
        assert len(thread(api, willing)) == 2
        assert api.get("/messages/unmatched")["messages"] == []
        assert api.put(f"/contacts/{willing}/messages/{message['id']}", 409)["code"] == "message_matched"

    def test_what_was_sent_is_nobody_s_to_match(self, api: Caller, willing: str) -> None:
        sent = api.post(f"/contacts/{willing}/messages", MESSAGE)["message"]
        assert api.put(f"/contacts/{willing}/messages/{sent['id']}", 404)["code"] == "not_found"

    def test_a_stranger_may_say_stop(self, api: Caller, host: Host, twilio: FakeTwilio) -> None:
        receive(twilio, "STOP", STRANGER)
        contact = host.contact(phone=STRANGER)
        api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
        assert api.post(f"/contacts/{contact}/messages", MESSAGE, 403)["code"] == "opted_out_by_recipient"


def test_nothing_of_it_is_logged(twilio: FakeTwilio, willing: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "flask_relationships"):
        receive(twilio, "A canary in a text")
        receive(twilio, "A canary in a text", STRANGER)
        receive(twilio, "STOP")
    assert [secret for secret in ("canary", "7946", "Lovelace") if secret in caplog.text] == []


@pytest.mark.parametrize(
    "table", ["relationships_messages", "relationships_suppressions", "relationships_consent_entries"]
)
def test_a_stop_that_could_not_be_kept_comes_again_and_is_heeded(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str, table: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Half of it must not stay: the second one would be taken for a repetition."""
    sid = "SM" + "7" * 32
    with caplog.at_level(logging.DEBUG), failing(host, f"INSERT INTO {table}"):
        assert receive(twilio, "STOP", sid=sid, FromCity="Canary") == 503
    assert host.rows("Message") == host.rows("Suppression") == []
    assert [secret for secret in ("7946", "STOP", "Canary", "Lovelace") if secret in caplog.text] == []
    assert receive(twilio, "STOP", sid=sid) == 200
    api.post(f"/contacts/{willing}/messages", MESSAGE, 403)
    assert len(host.rows("Message")) == 1


def test_a_report_that_could_not_be_kept_is_asked_for_again(
    api: Caller, host: Host, twilio: FakeTwilio, willing: str
) -> None:
    sid = api.post(f"/contacts/{willing}/messages", MESSAGE)["message"]["provider_sid"]
    with failing(host, "UPDATE relationships_messages"):
        assert twilio.deliver(sid, "delivered") == [503]
    assert twilio.deliver(sid, "delivered") == [204]
    assert thread(api, willing)[0]["status"] == "delivered"
