"""GET and PATCH /contacts/:id/relationship."""

from __future__ import annotations

from typing import Any

import pytest

from flask_relationships.testing.contract.specification import PROFILE_FIELDS
from tests.contract.problems import members
from tests.hosts.host import Caller
from tests.marks import input_only, one_host

OURS = {"id", "revision", "contact_id", "phone_e164", "whatsapp_e164", "messaging_blocked", "created_at", "updated_at"}
TEXTS = sorted(set(PROFILE_FIELDS) - {"birthday", "birthday_year", "interests", "twilio_opt_in"})


def address(contact: str) -> str:
    return f"/contacts/{contact}/relationship"


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


@one_host
class TestBirthday:
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
    @pytest.mark.parametrize("year", [-1, 10_000, 10**17])
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
