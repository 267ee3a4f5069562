"""GET and PATCH /contacts/:id/relationship."""

from __future__ import annotations

import re
import threading

import pytest

from ..caller import Caller
from ..host import ContractHost
from .specification import PROFILE_FIELDS

OURS = {
    *("id", "revision", "contact_id", "phone_e164", "whatsapp_e164", "messaging_blocked", "created_at", "updated_at"),
    *(
        "cadence_days",
        "in_touch_due",
        "last_contact",
        "phone_number_source",
        "phone_number_problem",
        "whatsapp_number_problem",
        "birthday_source",
    ),
}


def address(contact: str) -> str:
    return f"/contacts/{contact}/relationship"


class ProfileContract:
    def test_the_first_reading_creates_the_profile(self, api: Caller, host: ContractHost, contact: str) -> None:
        """Auto-creates a profile if none exists. Response: { profile, twilio_connected }."""
        first = api.get(address(contact))
        assert set(first) == {"profile", "twilio_connected"}
        assert first["profile"]["contact_id"] == contact
        assert api.get(address(contact)) == first
        assert [row["id"] for row in host.rows("Profile")] == [first["profile"]["id"]]

    def test_a_new_profile_is_empty_but_for_the_phone(self, api: Caller, host: ContractHost) -> None:
        """Pre-populating the phone number from the contact record, as the contact has it."""
        if "phone" not in host.state.hosts.contact.fields:
            host.lacks("phones")
        profile = api.get(address(host.contact(phone="+44 (0)20 7946 0018")))["profile"]
        assert set(profile) == OURS | set(PROFILE_FIELDS)
        given = {name: profile[name] for name in PROFILE_FIELDS}
        expected = dict.fromkeys(PROFILE_FIELDS) | {"phone_number": "+44 (0)20 7946 0018"}
        assert given == expected | {"interests": [], "twilio_opt_in": False}

    def test_a_contact_without_a_phone(self, api: Caller, host: ContractHost) -> None:
        profile = api.get(address(host.contact(phone=None)))["profile"]
        assert (profile["phone_number"], profile["phone_e164"]) == (None, None)

    @pytest.mark.parametrize("connected", [True, False])
    def test_twilio_connected_is_what_the_transport_says(
        self, api: Caller, host: ContractHost, contact: str, connected: bool
    ) -> None:
        """Also returns whether Twilio is connected."""
        host.transport.configured = connected
        assert api.get(address(contact))["twilio_connected"] is connected

    def test_the_times_of_a_profile_are_utc_in_whole_seconds(self, api: Caller, contact: str) -> None:
        profile = api.get(address(contact))["profile"]
        for name in ("created_at", "updated_at"):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", profile[name])

    def test_many_first_readings_at_once_make_one_profile(self, api: Caller, host: ContractHost, contact: str) -> None:
        callers = [host.person("manage") for _ in range(4)]
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

    def test_all_fields_of_a_profile_are_kept(self, api: Caller, contact: str) -> None:
        """Body fields (all optional). Response: { profile }."""
        answer = api.patch(address(contact), PROFILE_FIELDS)
        assert set(answer) == {"profile"}
        assert {name: answer["profile"][name] for name in PROFILE_FIELDS} == PROFILE_FIELDS
        assert api.get(address(contact))["profile"] == answer["profile"]

    def test_a_change_creates_the_profile_too(self, api: Caller, host: ContractHost, contact: str) -> None:
        """Updates (or upserts). However a profile is first created, the phone is pre-filled."""
        profile = api.patch(address(contact), {"preferred_name": "Countess"})["profile"]
        assert profile["preferred_name"] == "Countess"
        assert (profile["phone_number"] is not None) == ("phone" in host.state.hosts.contact.fields)
        assert len(host.rows("Profile")) == 1

    def test_a_change_may_bring_the_phone_itself(self, api: Caller, contact: str) -> None:
        assert api.patch(address(contact), {"phone_number": None})["profile"]["phone_number"] is None

    def test_what_a_change_does_not_name_stays(self, api: Caller, contact: str) -> None:
        before = api.patch(address(contact), PROFILE_FIELDS)["profile"]
        after = api.patch(address(contact), {"personal_notes": "Left-handed."})["profile"]
        expected = {**before, "personal_notes": "Left-handed.", "revision": before["revision"] + 1}
        assert {**after, "updated_at": ""} == {**expected, "updated_at": ""}

    def test_an_empty_change_changes_nothing(self, api: Caller, contact: str) -> None:
        before = api.patch(address(contact), PROFILE_FIELDS)
        assert api.patch(address(contact), {}) == before

    def test_null_clears_what_a_profile_says(self, api: Caller, contact: str) -> None:
        names = [name for name in PROFILE_FIELDS if name != "twilio_opt_in"]
        api.patch(address(contact), PROFILE_FIELDS)
        api.patch(address(contact), dict.fromkeys(names))
        profile = api.get(address(contact))["profile"]
        assert {name: profile[name] for name in names} == dict.fromkeys(names) | {"interests": []}

    def test_a_phone_that_was_cleared_is_not_filled_again(self, api: Caller, contact: str) -> None:
        api.get(address(contact))
        api.patch(address(contact), {"phone_number": None})
        assert api.get(address(contact))["profile"]["phone_number"] is None

    @pytest.mark.parametrize(
        ("birthday", "year"), [("05-15", None), ("1990-05-15", 1990), ("02-29", None), ("2000-02-29", 2000)]
    )
    def test_a_birthday_comes_back_as_it_was_given(
        self, api: Caller, contact: str, birthday: str, year: int | None
    ) -> None:
        """Birthday (MM-DD or full date); a full date sets birthday_year."""
        api.patch(address(contact), {"birthday": birthday})
        profile = api.get(address(contact))["profile"]
        assert (profile["birthday"], profile["birthday_year"]) == (birthday, year)

    def test_text_of_any_script_comes_back_as_it_was(self, api: Caller, contact: str) -> None:
        text = "Zoë Åström \u2019 日本語 عربى 👩‍🚀\nsecond line\ttab"
        api.patch(address(contact), {"personal_notes": text, "interests": [text]})
        profile = api.get(address(contact))["profile"]
        assert (profile["personal_notes"], profile["interests"]) == (text, [text])

    def test_why_no_message_may_be_sent(self, api: Caller, contact: str) -> None:
        def blocked(**fields: object) -> object:
            return api.patch(address(contact), fields)["profile"]["messaging_blocked"]

        assert blocked() == {"channel": "all", "reason": "not_opted_in", "since": None}
        unlisted = {"channel": "all", "reason": "no_phone_number", "since": None}
        assert blocked(twilio_opt_in=True, phone_number="unlisted") == unlisted
        assert blocked(phone_number="+44 20 7946 0018") is None

    def test_every_change_of_the_opt_in_is_one_line_of_the_ledger(
        self, api: Caller, host: ContractHost, contact: str
    ) -> None:
        for opted_in in (False, True, True, False, False, True):
            api.patch(address(contact), {"twilio_opt_in": opted_in})
        api.patch(address(contact), {"preferred_name": "Ada"})
        entries = sorted(host.rows("ConsentEntry"), key=lambda entry: str(entry["id"]))
        assert [entry["event"] for entry in entries] == ["opt_in", "opt_out", "opt_in"]
        assert {entry["contact_id"] for entry in entries} == {contact}
        assert {entry["actor_user_id"] for entry in entries} == {api.id}
