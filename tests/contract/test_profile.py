"""GET and PATCH /contacts/:id/relationship."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest

from flask_relationships.testing.contract.specification import PROFILE_FIELDS
from tests.contract.problems import members
from tests.hosts.host import Caller, Host
from tests.marks import input_only, one_host

OURS = {"id", "contact_id", "phone_e164", "whatsapp_e164", "messaging_blocked", "created_at", "updated_at"}
TEXTS = sorted(set(PROFILE_FIELDS) - {"birthday", "birthday_year", "interests", "twilio_opt_in"})


def address(contact: str) -> str:
    return f"/contacts/{contact}/relationship"


class TestReading:
    def test_the_first_reading_creates_the_profile(self, api: Caller, host: Host, contact: str) -> None:
        """Auto-creates a profile if none exists. Response: { profile, twilio_connected }."""
        first = api.get(address(contact))
        assert set(first) == {"profile", "twilio_connected"}
        assert first["profile"]["contact_id"] == contact
        assert api.get(address(contact)) == first
        assert [row["id"] for row in host.rows("Profile")] == [first["profile"]["id"]]

    def test_a_new_profile_is_empty_but_for_the_phone(self, api: Caller, host: Host) -> None:
        """Pre-populating the phone number from the contact record, as the contact has it."""
        profile = api.get(address(host.contact(phone="+44 (0)20 7946 0018")))["profile"]
        assert set(profile) == OURS | set(PROFILE_FIELDS)
        given = {name: profile[name] for name in PROFILE_FIELDS}
        expected = dict.fromkeys(PROFILE_FIELDS) | {"phone_number": "+44 (0)20 7946 0018"}
        assert given == expected | {"interests": [], "twilio_opt_in": False}

    def test_a_contact_without_a_phone(self, api: Caller, host: Host) -> None:
        profile = api.get(address(host.contact(phone=None)))["profile"]
        assert (profile["phone_number"], profile["phone_e164"]) == (None, None)

    @pytest.mark.parametrize("connected", [True, False])
    def test_twilio_connected_is_what_the_transport_says(
        self, api: Caller, host: Host, contact: str, connected: bool
    ) -> None:
        """Also returns whether Twilio is connected."""
        host.transport.configured = connected
        assert api.get(address(contact))["twilio_connected"] is connected

    def test_times_are_utc_in_whole_seconds(self, api: Caller, contact: str) -> None:
        profile = api.get(address(contact))["profile"]
        for name in ("created_at", "updated_at"):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", profile[name])

    def test_many_first_readings_at_once_make_one_profile(self, api: Caller, host: Host, contact: str) -> None:
        callers = [host.person("view") for _ in range(4)]
        start = threading.Barrier(len(callers))
        statuses = []

        def read(caller: Caller) -> None:
            start.wait()
            statuses.append(caller.ask("GET", address(contact)).status_code)

        threads = [threading.Thread(target=read, args=[caller]) for caller in callers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [200] * len(callers)
        assert len(host.rows("Profile")) == 1


class TestUpdating:
    @one_host
    @pytest.mark.parametrize(("name", "value"), PROFILE_FIELDS.items(), ids=list(PROFILE_FIELDS))
    def test_each_field_is_kept(self, api: Caller, contact: str, name: str, value: Any) -> None:
        """Body fields (all optional). Response: { profile }."""
        if name == "birthday_year":
            api.patch(address(contact), {"birthday": "05-15"})
        answer = api.patch(address(contact), {name: value})
        assert set(answer) == {"profile"}
        assert answer["profile"][name] == value
        assert api.get(address(contact))["profile"] == answer["profile"]

    def test_all_fields_at_once(self, api: Caller, contact: str) -> None:
        profile = api.patch(address(contact), PROFILE_FIELDS)["profile"]
        assert {name: profile[name] for name in PROFILE_FIELDS} == PROFILE_FIELDS

    def test_it_upserts(self, api: Caller, host: Host, contact: str) -> None:
        """Updates (or upserts). However a profile is first created, the phone is pre-filled."""
        profile = api.patch(address(contact), {"preferred_name": "Countess"})["profile"]
        assert (profile["preferred_name"], profile["phone_number"]) == ("Countess", "+44 20 7946 0018")
        assert len(host.rows("Profile")) == 1

    def test_an_upsert_may_bring_the_phone_itself(self, api: Caller, contact: str) -> None:
        assert api.patch(address(contact), {"phone_number": None})["profile"]["phone_number"] is None

    def test_what_is_not_named_stays(self, api: Caller, contact: str) -> None:
        before = api.patch(address(contact), PROFILE_FIELDS)["profile"]
        after = api.patch(address(contact), {"personal_notes": "Left-handed."})["profile"]
        assert {**after, "updated_at": ""} == {**before, "personal_notes": "Left-handed.", "updated_at": ""}

    def test_an_empty_object_changes_nothing(self, api: Caller, contact: str) -> None:
        before = api.patch(address(contact), PROFILE_FIELDS)
        assert api.patch(address(contact), {}) == before

    @one_host
    @pytest.mark.parametrize("name", sorted(set(PROFILE_FIELDS) - {"twilio_opt_in"}))
    def test_null_clears(self, api: Caller, contact: str, name: str) -> None:
        api.patch(address(contact), PROFILE_FIELDS)
        api.patch(address(contact), {name: None})
        assert api.get(address(contact))["profile"][name] == ([] if name == "interests" else None)

    def test_a_phone_that_was_cleared_is_not_filled_again(self, api: Caller, contact: str) -> None:
        api.get(address(contact))
        api.patch(address(contact), {"phone_number": None})
        assert api.get(address(contact))["profile"]["phone_number"] is None

    @input_only
    def test_unknown_members_are_refused(self, api: Caller, contact: str) -> None:
        problem = api.patch(address(contact), {"nickname": "x", "preferred_name": "y"}, 422)
        assert members(problem) == {"#/nickname": "unknown_field"}
        assert api.get(address(contact))["profile"]["preferred_name"] is None

    @input_only
    @pytest.mark.parametrize("name", TEXTS)
    def test_texts_are_bounded(self, api: Caller, contact: str, name: str) -> None:
        assert members(api.patch(address(contact), {name: "a" * 200_000}, 422)) == {f"#/{name}": "too_long"}

    @input_only
    @pytest.mark.parametrize("name", TEXTS)
    @pytest.mark.parametrize("value", [7, True, ["a"], {"a": "b"}], ids=["number", "boolean", "list", "object"])
    def test_a_text_is_a_text(self, api: Caller, contact: str, name: str, value: Any) -> None:
        assert members(api.patch(address(contact), {name: value}, 422)) == {f"#/{name}": "invalid_type"}

    @input_only
    def test_everything_wrong_is_named_at_once(self, api: Caller, contact: str) -> None:
        wrong = {"interests": "horses", "birthday": "1 May", "assistant_email": "nobody", "twilio_opt_in": 1}
        assert members(api.patch(address(contact), wrong, 422)) == {
            "#/interests": "invalid_type",
            "#/birthday": "invalid_date",
            "#/assistant_email": "invalid_email",
            "#/twilio_opt_in": "invalid_type",
        }

    @input_only
    @pytest.mark.parametrize("email", ["nobody", "a@b", "@example.com", "a b@example.com", "a@b@example.com"])
    def test_an_email_address_looks_like_one(self, api: Caller, contact: str, email: str) -> None:
        assert members(api.patch(address(contact), {"assistant_email": email}, 422)) == {
            "#/assistant_email": "invalid_email"
        }

    @input_only
    @pytest.mark.parametrize("interests", [["horses", 7], [None], "horses", {"a": 1}, [["horses"]], ["a"] * 5000])
    def test_interests_are_a_list_of_texts(self, api: Caller, contact: str, interests: Any) -> None:
        (pointer,) = members(api.patch(address(contact), {"interests": interests}, 422))
        assert pointer.startswith("#/interests")

    def test_text_of_any_script_comes_back_as_it_was(self, api: Caller, contact: str) -> None:
        text = "Zoë Åström \u2019 日本語 عربى 👩‍🚀\nsecond line\ttab"
        api.patch(address(contact), {"personal_notes": text, "interests": [text]})
        profile = api.get(address(contact))["profile"]
        assert (profile["personal_notes"], profile["interests"]) == (text, [text])


@one_host
class TestBirthday:
    @pytest.mark.parametrize(
        ("birthday", "year"), [("05-15", None), ("1990-05-15", 1990), ("02-29", None), ("2000-02-29", 2000)]
    )
    def test_it_comes_back_as_it_was_given(self, api: Caller, contact: str, birthday: str, year: int | None) -> None:
        """Birthday (MM-DD or full date); a full date sets birthday_year."""
        api.patch(address(contact), {"birthday": birthday})
        profile = api.get(address(contact))["profile"]
        assert (profile["birthday"], profile["birthday_year"]) == (birthday, year)

    def test_the_year_may_come_later(self, api: Caller, contact: str) -> None:
        api.patch(address(contact), {"birthday": "05-15"})
        profile = api.patch(address(contact), {"birthday_year": 1990})["profile"]
        assert (profile["birthday"], profile["birthday_year"]) == ("05-15", 1990)

    @input_only
    @pytest.mark.parametrize(
        "birthday",
        [
            "02-30",
            "13-01",
            "00-10",
            "04-31",
            "2023-02-29",
            "1900-02-29",
            "5-15",
            "0515",
            "15.05.1990",
            "",
            "90-05-15",
        ],
    )
    def test_no_date_of_the_calendar(self, api: Caller, contact: str, birthday: str) -> None:
        assert members(api.patch(address(contact), {"birthday": birthday}, 422)) == {"#/birthday": "invalid_date"}

    @pytest.mark.parametrize(("year", "status"), [(1992, 200), (1990, 422)])
    def test_day_and_year_must_agree_after_the_change(self, api: Caller, contact: str, year: int, status: int) -> None:
        api.patch(address(contact), {"birthday": "02-29", "birthday_year": year}, status)
        api.patch(address(contact), {"birthday": "02-29", "birthday_year": None})
        api.patch(address(contact), {"birthday_year": year}, status)
        kept = api.get(address(contact))["profile"]
        assert (kept["birthday"], kept["birthday_year"]) == ("02-29", year if status == 200 else None)

    @input_only
    @pytest.mark.parametrize("year", [-1, 0, 10_000, 10**17])
    def test_a_year_is_one_of_the_calendar(self, api: Caller, contact: str, year: int) -> None:
        assert members(api.patch(address(contact), {"birthday_year": year}, 422)) == {"#/birthday_year": "out_of_range"}

    @input_only
    @pytest.mark.parametrize("year", ["1990", 1990.5, True, [1990]])
    def test_a_year_is_a_whole_number(self, api: Caller, contact: str, year: Any) -> None:
        assert members(api.patch(address(contact), {"birthday_year": year}, 422)) == {"#/birthday_year": "invalid_type"}


@one_host
class TestNumbers:
    @pytest.mark.parametrize(
        ("number", "e164"),
        [
            ("+44 20 7946 0018", "+442079460018"),
            ("+1 (202) 555-0123", "+12025550123"),
            ("020 7946 0018", None),
            ("ask Charles", None),
            ("+44 1", None),
        ],
    )
    @pytest.mark.parametrize(
        ("given", "dialled"), [("phone_number", "phone_e164"), ("whatsapp_number", "whatsapp_e164")]
    )
    def test_numbers_come_back_as_given_with_their_e164_beside_them(
        self, api: Caller, contact: str, number: str, e164: str | None, given: str, dialled: str
    ) -> None:
        profile = api.patch(address(contact), {given: number})["profile"]
        assert (profile[given], profile[dialled]) == (number, e164)

    def test_a_region_of_the_configuration_completes_numbers(self, make_host: Any) -> None:
        host = make_host(RELATIONSHIPS_DEFAULT_REGION="GB")
        profile = host.person().get(address(host.contact(phone="020 7946 0018")))["profile"]
        assert (profile["phone_number"], profile["phone_e164"]) == ("020 7946 0018", "+442079460018")


class TestMessagingBlocked:
    def test_not_opted_in(self, api: Caller, contact: str) -> None:
        blocked = api.get(address(contact))["profile"]["messaging_blocked"]
        assert blocked == {"channel": "all", "reason": "not_opted_in", "since": None}

    def test_no_number(self, api: Caller, contact: str) -> None:
        profile = api.patch(address(contact), {"twilio_opt_in": True, "phone_number": "unlisted"})["profile"]
        assert profile["messaging_blocked"] == {"channel": "all", "reason": "no_phone_number", "since": None}

    def test_nothing_in_the_way(self, api: Caller, contact: str) -> None:
        assert api.patch(address(contact), {"twilio_opt_in": True})["profile"]["messaging_blocked"] is None


class TestConsent:
    def test_every_change_of_the_opt_in_is_one_line_of_the_ledger(self, api: Caller, host: Host, contact: str) -> None:
        for opted_in in (False, True, True, False, False, True):
            api.patch(address(contact), {"twilio_opt_in": opted_in})
        entries = sorted(host.rows("ConsentEntry"), key=lambda entry: entry["id"])
        assert [entry["event"] for entry in entries] == ["opt_in", "opt_out", "opt_in"]
        assert {entry["contact_id"] for entry in entries} == {contact}
        assert {entry["actor_user_id"] for entry in entries} == {api.id}

    def test_other_changes_are_not(self, api: Caller, host: Host, contact: str) -> None:
        api.get(address(contact))
        api.patch(address(contact), {"preferred_name": "Ada"})
        assert host.rows("ConsentEntry") == []
