"""Tenants and senders: whose a message is that came in, and who may know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships import ConfigurationError, Receipt, Sender
from flask_relationships.domain.messages.statuses import WAITING_RANK
from flask_relationships.testing import FakeTwilio
from tests.databases import Databases
from tests.webhooks.agency import NORTH, PERSON, SERVICE, SOUTH, Agency, bodies, unmatched

MakeAgency = Callable[..., Agency]

SENDERS = {"north": Sender(number=NORTH, whatsapp=NORTH), "south": Sender(number=SOUTH, whatsapp=SOUTH)}


@pytest.fixture
def make(database: str, databases: Databases, twilio: FakeTwilio) -> Iterator[MakeAgency]:
    made: list[Agency] = []

    def build(**options: Any) -> Agency:
        made.append(Agency(twilio, databases.url(database, "agency"), **options))
        return made[-1]

    yield build
    for agency in made:
        agency.close()


sqlite = pytest.mark.on_databases("sqlite")


def test_each_tenant_writes_from_its_sender(make: MakeAgency, twilio: FakeTwilio) -> None:
    agency = make(senders=SENDERS)
    for tenant, number in (("north", NORTH), ("south", SOUTH)):
        member = agency.member(tenant)
        contact = agency.person(member, tenant)
        agency.write(member, contact)
        assert twilio.messages[-1].from_ == number
        assert agency.write(member, contact, channel="whatsapp")["from_number"] == number
        assert twilio.messages[-1].from_ == f"whatsapp:{number}"
    other = agency.member("west")
    agency.write(other, agency.person(other, "west"))
    assert twilio.messages[-1].from_ == twilio.sms_from


def test_a_reply_is_that_of_the_tenant_whose_number_it_came_to(make: MakeAgency) -> None:
    """Two tenants know the same person: the reply to the diagnosis is not shown to the shop."""
    agency = make(senders=SENDERS)
    north, south = agency.member("north"), agency.member("south")
    patient, customer = agency.person(north, "north"), agency.person(south, "south")
    agency.write(north, patient, "Your diagnosis is in")
    agency.write(south, customer, "Sale this week")
    agency.reply(NORTH, "Re: my diagnosis")
    assert (bodies(north, patient), bodies(south, customer)) == (["Re: my diagnosis"], [])
    agency.reply(SOUTH, "Which day?")
    assert (bodies(north, patient), bodies(south, customer)) == (["Re: my diagnosis"], ["Which day?"])
    assert unmatched(north) == unmatched(south) == []


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_a_number_in_a_contact_of_one_s_own_captures_no_reply(make: MakeAgency, channel: str) -> None:
    """Neither across tenants, nor within one: whoever was written to from that sender gets the reply."""
    agency = make(senders=SENDERS)
    north, south = agency.member("north"), agency.member("south")
    victim = agency.person(south, "south")
    prefix = "whatsapp:" if channel == "whatsapp" else ""
    agency.write(south, victim, channel=channel)
    numbers = {"whatsapp_number": PERSON, "phone_number": PERSON}
    theirs, colleague = agency.person(north, "north", None), agency.person(south, "south", None)
    north.patch(f"/contacts/{theirs}/relationship", numbers)
    south.patch(f"/contacts/{colleague}/relationship", numbers)
    agency.reply(f"{prefix}{SOUTH}", "SECRET", f"{prefix}{PERSON}")
    assert bodies(south, victim) == ["SECRET"]
    assert bodies(north, theirs) == bodies(south, colleague) == []
    south.patch(f"/contacts/{victim}/relationship", {"phone_number": "+44 20 7946 0999"})
    agency.reply(f"{prefix}{SOUTH}", "SECRET 2", f"{prefix}{PERSON}")
    assert bodies(south, victim) == ["SECRET 2", "SECRET"], "the conversation is with whoever was written to there"


def test_of_several_nobody_has_written_to_none_is_guessed(make: MakeAgency) -> None:
    agency = make(senders=SENDERS)
    south = agency.member("south")
    first, second = agency.person(south, "south"), agency.person(south, "south")
    agency.reply(SOUTH, "Who?")
    (message,) = unmatched(south)
    assert [one["contact_id"] for one in message["candidate_contacts"]] == sorted([first, second])
    assert message["candidate_contacts"][0]["first_name"] == "south"
    assert bodies(south, first) == bodies(south, second) == []
    agency.write(south, second)
    agency.reply(SOUTH, "You wrote to me")
    assert (bodies(south, first), bodies(south, second)) == ([], ["You wrote to me"])
    agency.write(south, first)
    agency.reply(SOUTH, "And you")
    assert (bodies(south, first), bodies(south, second)) == (["And you"], ["You wrote to me"])


@sqlite
def test_a_message_that_never_left_begins_no_conversation(make: MakeAgency, twilio: FakeTwilio) -> None:
    agency = make(senders=SENDERS)
    south = agency.member("south")
    victim, other = agency.person(south, "south"), agency.person(south, "south")
    agency.write(south, victim)
    twilio.fail("refuse", code=30007)
    south.post(f"/contacts/{other}/messages", {"channel": "sms", "body": "Hello"}, 502)
    agency.reply(SOUTH)
    assert bodies(south, victim) == ["A reply"]


def test_the_unmatched_messages_are_those_of_one_s_own_tenant(make: MakeAgency) -> None:
    agency = make(senders=SENDERS)
    north, south, nobody = agency.member("north"), agency.member("south"), agency.member(None)
    mine, theirs = agency.person(north, "north", None), agency.person(south, "south", None)
    agency.reply(SOUTH, "For the south")
    (message,) = unmatched(south)
    assert message["candidate_contacts"] == []
    assert unmatched(north) == unmatched(nobody) == []
    absent = north.ask("PUT", f"/contacts/{mine}/messages/11111111-1111-7111-8111-111111111111", {})
    hidden = north.ask("PUT", f"/contacts/{mine}/messages/{message['id']}", {})
    assert (hidden.status_code, hidden.data) == (404, absent.data)
    south.put(f"/contacts/{theirs}/messages/{message['id']}", 200)
    assert bodies(south, theirs) == ["For the south"]
    matched = north.ask("PUT", f"/contacts/{mine}/messages/{message['id']}", {})
    assert (matched.status_code, matched.data) == (404, absent.data), "409 would say that the message exists"
    assert south.ask("PUT", f"/contacts/{theirs}/messages/{message['id']}", {}).status_code == 409


@sqlite
def test_the_candidates_are_those_that_the_viewer_sees(make: MakeAgency) -> None:
    agency = make(senders=SENDERS)
    north, south = agency.member("north"), agency.member("south")
    agency.person(north, "north")
    first, second = agency.person(south, "south"), agency.person(south, "south")
    agency.reply(SOUTH)
    (message,) = unmatched(south)
    assert [one["contact_id"] for one in message["candidate_contacts"]] == sorted([first, second])


@sqlite
def test_without_a_sender_of_their_own_unmatched_messages_are_shown_to_nobody(
    make: MakeAgency, twilio: FakeTwilio
) -> None:
    """The sender of the configuration has no tenant: it is matched among all contacts."""
    agency = make()
    north = agency.member("north")
    agency.reply(twilio.sms_from, "From a stranger")
    assert unmatched(north) == unmatched(agency.member("south")) == unmatched(agency.member(None)) == []
    contact = agency.person(north, "north")
    agency.reply(twilio.sms_from, "I know you")
    assert bodies(north, contact) == ["I know you"]


@sqlite
def test_a_message_to_a_number_of_nobody_is_matched_by_its_conversation_alone(make: MakeAgency) -> None:
    agency = make(senders=SENDERS)
    north = agency.member("north")
    contact = agency.person(north, "north")
    agency.reply("+442079460777", "To a number that is not configured")
    assert (bodies(north, contact), unmatched(north)) == ([], [])


@sqlite
def test_a_messaging_service_and_its_pool_say_whose_a_message_is(make: MakeAgency) -> None:
    pool = ("+442079460201", "+442079460202")
    service = Sender(messaging_service_sid=SERVICE, pool=pool)
    agency = make(senders={"north": service, "south": SENDERS["south"]})
    north, south = agency.member("north"), agency.member("south")
    mine, theirs = agency.person(north, "north"), agency.person(south, "south")
    agency.write(north, mine)
    assert agency.twilio.messages[-1].messaging_service_sid == SERVICE
    agency.write(south, theirs)
    agency.reply("+442079460299", "By the service", MessagingServiceSid=SERVICE)
    agency.reply(pool[1], "To the pool")
    assert (bodies(north, mine), bodies(south, theirs)) == (["To the pool", "By the service"], [])


@sqlite
def test_two_numbers_of_one_service_keep_two_conversations_apart(make: MakeAgency, twilio: FakeTwilio) -> None:
    """A reply to the number that wrote to one contact is not that of the one written to last."""
    agency = make(mapping={}, user={}, config={"RELATIONSHIPS_TWILIO_MESSAGING_SERVICE_SID": SERVICE})
    member = agency.member(None)
    ada, bob = agency.person(member, None), agency.person(member, None)
    for contact, number in ((ada, NORTH), (bob, SOUTH)):
        sid = agency.write(member, contact)["provider_sid"]
        twilio.deliver(sid, "sent", From=number)
    assert {row.from_number for row in agency.rows("Message")} == {NORTH, SOUTH}
    agency.reply(NORTH, "To Ada's number")
    assert (bodies(member, ada), bodies(member, bob)) == (["To Ada's number"], [])


def test_a_stop_is_for_all_tenants_and_its_message_for_one(make: MakeAgency) -> None:
    agency = make(senders=SENDERS)
    north, south = agency.member("north"), agency.member("south")
    mine, theirs = agency.person(north, "north"), agency.person(south, "south")
    agency.write(south, theirs)
    agency.reply(SOUTH, "STOP")
    for member, contact in ((north, mine), (south, theirs)):
        blocked = member.get(f"/contacts/{contact}/relationship")["profile"]["messaging_blocked"]
        assert blocked["reason"] == "opted_out_by_recipient"
        assert blocked.keys() == {"channel", "reason", "since"}
    told, known = north.get(f"/contacts/{mine}/consent"), south.get(f"/contacts/{theirs}/consent")
    assert [entry["event"] for entry in told["entries"]] == ["opt_in"]
    assert [entry["event"] for entry in known["entries"]] == ["stop", "opt_in"]
    assert known["entries"][0]["evidence"].startswith("SM")
    assert [one["number"] for one in told["suppressions"]] == [PERSON], "that it exists is told"
    assert known["entries"][0]["evidence"] not in str(told)


@sqlite
def test_a_callback_names_the_sender_of_a_contact(make: MakeAgency, twilio: FakeTwilio) -> None:
    def sender(contact: Any) -> Sender | None:
        return SENDERS.get(contact.tenant)

    agency = make(mapping={}, user={}, sender=sender)
    member = agency.member(None)
    north, south = agency.person(member, "north"), agency.person(member, "south")
    agency.reply(NORTH, "Before anybody wrote")
    assert (bodies(member, north), bodies(member, south)) == (["Before anybody wrote"], [])
    agency.write(member, south)
    assert twilio.messages[-1].from_ == SOUTH
    agency.reply(SOUTH, "To the south")
    agency.reply(NORTH, "To the north")
    assert bodies(member, north) == ["To the north", "Before anybody wrote"]
    assert bodies(member, south) == ["To the south"]
    other = agency.person(member, "west", "+442079460555")
    agency.write(member, other)
    assert twilio.messages[-1].from_ == twilio.sms_from
    agency.reply(twilio.sms_from, "To the configuration's", "+442079460555")
    assert bodies(member, other) == ["To the configuration's"]


@sqlite
@pytest.mark.parametrize("answer", [lambda _: 1 / 0, lambda _: "+442079460101"])
def test_a_sender_callback_that_fails_sends_nothing(make: MakeAgency, twilio: FakeTwilio, answer: Any) -> None:
    agency = make(mapping={}, user={}, sender=answer)
    member = agency.member(None)
    contact = agency.person(member, None)
    refused = member.ask("POST", f"/contacts/{contact}/messages", {"channel": "sms", "body": "Hello"})
    assert (refused.status_code, refused.get_json()["code"]) == (500, "twilio_not_configured")
    assert twilio.messages == []
    profile = member.get(f"/contacts/{contact}/relationship")
    assert profile["twilio_connected"] is False


@sqlite
def test_a_tenant_without_a_number_cannot_send(make: MakeAgency) -> None:
    nowhere = {"RELATIONSHIPS_TWILIO_SMS_FROM": None, "RELATIONSHIPS_TWILIO_WHATSAPP_FROM": None}
    agency = make(senders={"north": SENDERS["north"]}, config=nowhere)
    for tenant, connected in (("north", True), ("south", False)):
        member = agency.member(tenant)
        contact = agency.person(member, tenant)
        assert member.get(f"/contacts/{contact}/relationship")["twilio_connected"] is connected
        asked = member.ask("POST", f"/contacts/{contact}/messages", {"channel": "sms", "body": "Hello"})
        assert asked.status_code == (201 if connected else 500)


class TestVisibleOnly:
    """Contacts with `visible` and no tenant: the application says who may see unmatched messages."""

    def mapping(self) -> dict[str, Any]:
        return {"visible": lambda select, user: select.filter_by(tenant=user.tenant)}

    @sqlite
    def test_without_a_callback_they_are_refused(self, make: MakeAgency) -> None:
        agency = make(mapping=self.mapping(), user={})
        member = agency.member("north")
        contact = agency.person(member, "north", None)
        agency.reply(NORTH)
        (message,) = agency.rows("Message")
        for method, path in (
            ("GET", "/messages/unmatched"),
            ("PUT", f"/contacts/{contact}/messages/{message.id}"),
            ("PUT", f"/contacts/{contact}/messages/11111111-1111-7111-8111-111111111111"),
        ):
            answer = member.ask(method, path, {} if method == "PUT" else None)
            assert (answer.status_code, answer.get_json()["code"]) == (403, "unmatched_callback_missing")

    def test_the_callback_narrows_the_list_and_the_matching(self, make: MakeAgency) -> None:
        numbers = {"north": NORTH, "south": SOUTH}

        def unmatched_of(select: Any, user: Any) -> Any:
            return select.filter_by(to_number=numbers[user.tenant])

        agency = make(mapping=self.mapping(), user={}, unmatched=unmatched_of)
        north, south = agency.member("north"), agency.member("south")
        contact = agency.person(north, "north", None)
        agency.reply(SOUTH, "For the south")
        (message,) = unmatched(south)
        assert unmatched(north) == []
        absent = north.ask("PUT", f"/contacts/{contact}/messages/11111111-1111-7111-8111-111111111111", {})
        hidden = north.ask("PUT", f"/contacts/{contact}/messages/{message['id']}", {})
        assert (hidden.status_code, hidden.data) == (404, absent.data)

    @sqlite
    @pytest.mark.parametrize("callback", [lambda _select, _user: 1 / 0, lambda _select, _user: None])
    def test_a_callback_that_fails_refuses(self, make: MakeAgency, callback: Any) -> None:
        agency = make(mapping=self.mapping(), user={}, unmatched=callback)
        assert agency.member("north").ask("GET", "/messages/unmatched").status_code == 403

    @sqlite
    def test_a_number_set_in_another_squad_captures_no_reply(self, make: MakeAgency, twilio: FakeTwilio) -> None:
        agency = make(mapping=self.mapping(), user={}, unmatched=lambda select, _user: select)
        north, south = agency.member("north"), agency.member("south")
        victim, own = agency.person(south, "south"), agency.person(north, "north", None)
        north.patch(f"/contacts/{own}/relationship", {"phone_number": PERSON})
        agency.reply(twilio.sms_from, "To whom?")
        (message,) = unmatched(north)
        assert [one["contact_id"] for one in message["candidate_contacts"]] == [own], "the other is hidden from them"
        agency.write(south, victim)
        agency.reply(twilio.sms_from, "SECRET")
        assert (bodies(south, victim), bodies(north, own)) == (["SECRET"], [])


@sqlite
def test_a_queued_message_leaves_from_the_sender_it_was_written_for(make: MakeAgency, twilio: FakeTwilio) -> None:
    agency = make(senders=SENDERS)
    south = agency.member("south")
    contact = agency.person(south, "south")
    twilio.fail("busy", times=9)
    refused = south.ask("POST", f"/contacts/{contact}/messages", {"channel": "sms", "body": "Hello"})
    assert refused.status_code == 503
    twilio.recover()
    with agency.app.app_context():
        session = agency.db.session
        (row,) = session.scalars(sa.select(agency.relationships.models.Message))
        row.status, row.status_rank, row.not_before = "queued", WAITING_RANK, None
        session.commit()
    assert agency.app.test_cli_runner().invoke(args=["relationships", "run-due"]).exit_code == 0
    assert [message.from_ for message in twilio.messages] == [SOUTH]


@sqlite
def test_a_lost_message_is_found_at_the_sender_it_was_written_from(make: MakeAgency, twilio: FakeTwilio) -> None:
    agency = make(senders=SENDERS)
    south = agency.member("south")
    contact = agency.person(south, "south")
    twilio.fail("drop_after")
    message = south.post(f"/contacts/{contact}/messages", {"channel": "sms", "body": "Hello"}, 202)["message"]
    assert message["status"] == "unconfirmed"
    assert agency.app.test_cli_runner().invoke(args=["relationships", "run-due"]).exit_code == 0
    (found,) = south.get(f"/contacts/{contact}/messages")["messages"]
    assert found["provider_sid"] == twilio.messages[0].sid
    assert twilio.messages[0].from_ == SOUTH


@sqlite
def test_a_transport_that_knows_no_senders_still_sends(make: MakeAgency) -> None:
    """As one of version 0.1 does: it has `send`, `connected` and `require_ready`."""

    class Old:
        connected = True

        def require_ready(self, channel: str) -> None:
            """Always ready."""

        def send(self, message: Any) -> Receipt:
            return Receipt("SM" + "1" * 32, "queued", "+442079460999")

    agency = make(senders=SENDERS)
    agency.app.extensions["relationships"].transport = Old()
    south = agency.member("south")
    contact = agency.person(south, "south")
    assert south.get(f"/contacts/{contact}/relationship")["twilio_connected"] is True
    assert agency.write(south, contact)["from_number"] == "+442079460999"


@pytest.mark.parametrize(
    "given",
    [
        {"number": "07400 999999"},
        {"number": "whatsapp:+442071838750"},
        {"number": "A name of thirteen"},
        {"number": ""},
        {"whatsapp": "+44"},
        {"whatsapp": "Acme"},
        {"messaging_service_sid": "SKfa"},
        {"messaging_service_sid": "MG" + "5" * 31},
        {"pool": "+442071838750"},
        {"pool": ("07400 999999",)},
        {"pool": (None,)},
    ],
    ids=str,
)
def test_a_sender_that_cannot_be_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Sender(**given)
    (mistake,) = raised.value.mistakes
    assert mistake.code == "sender_unfit"
    assert next(iter(given)) in mistake.message


def test_a_sender_takes_every_form_of_its_numbers() -> None:
    sender = Sender(number="B&B-Shop", whatsapp="whatsapp:+442071838750", pool=["12345", "+442071838751"])  # type: ignore[arg-type]
    assert sender.pool == ("12345", "+442071838751")
    assert sender.address_for("whatsapp") == ("+442071838750", None)
    assert sender.owns("b&b-shop", None)
    assert sender.owns("+442071838750", None)
    assert not sender.owns("+442071838752", "MG" + "5" * 32)


@sqlite
def test_the_text_of_another_tenant_is_no_candidate(make: MakeAgency, twilio: FakeTwilio) -> None:
    """Two answers were lost, of two tenants to one person: each sees what its own sender sent."""
    agency = make(senders=SENDERS)
    for name in ("north", "south"):
        member = agency.member(name)
        contact = agency.person(member, name)
        twilio.fail("drop_after")
        member.post(f"/contacts/{contact}/messages", {"channel": "sms", "body": f"SECRET of the {name}"}, 202)
    with agency.app.app_context():  # what the provider shows is altered, so that neither is found
        for row in agency.db.session.scalars(sa.select(agency.relationships.models.Message)):
            row.body = "Another text"
        agency.db.session.commit()
    agency.app.test_cli_runner().invoke(args=["relationships", "run-due"])
    told = {row.tenant: [one["body"] for one in row.candidates or ()] for row in agency.rows("Message")}
    assert told == {"north": ["SECRET of the north"], "south": ["SECRET of the south"]}
