"""The contacts' phones: counted in numbers, and shown as shapes alone."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from flask_relationships.checks.host_fields import text_shape
from tests.check.conftest import MakeSmall
from tests.check.small import Small

PHONES = ["020 7946 0018", "+44 20 7946 0019", "", None, "ask for Ada", "123", "124", "0999 999"]


def with_phones(small: Small, phones: list[str | None]) -> Small:
    small.create_tables().add(small.Company(id=small.id(1), name="Engines"))
    return small.add(*(small.ada(number, phone=phone) for number, phone in enumerate(phones, 1)))


def test_phones_that_are_no_numbers_are_counted_and_drawn(make_there: MakeSmall) -> None:
    small = with_phones(make_there(), PHONES)
    assert small.wrong() == {"phones_no_numbers"}
    assert small.found("phones")["message"] == "Of 8 contacts, 2 have a valid number, 2 have none."
    found = small.found("phones_no_numbers")
    assert "4 of 6 phones are not valid numbers, such as NNN (2), xxx xxx xxx (1), 0NNN NNN (1);" in found["message"]
    assert "phone_normaliser=" in found["fix"]


def test_a_missing_region_is_the_fix_where_most_fail(make: MakeSmall) -> None:
    none = {"RELATIONSHIPS_DEFAULT_REGION": None}
    small = with_phones(make(config=none), ["020 7946 0018", "020 7946 0019", "+44 20 7946 0020"])
    found = small.found("phones_no_numbers")
    assert "2 of 3 phones" in found["message"]
    assert "RELATIONSHIPS_DEFAULT_REGION" in found["fix"]
    small = with_phones(make(config=none), ["020 7946 0018", "+44 20 7946 0019", "+44 20 7946 0020"])
    assert "RELATIONSHIPS_DEFAULT_REGION" not in small.found("phones_no_numbers")["fix"]


def test_they_are_read_in_batches_through_present(make_there: MakeSmall) -> None:
    def contact(small: Small) -> dict[str, Any]:
        return {"present": lambda select: select.where(small.Contact.last_name == "Lovelace")}

    small = with_phones(make_there(contact=contact, key=sa.Uuid), ["020 7946 0018"] * 1200)
    small.add(small.ada(2000, last_name="Gone", phone="none"))
    read: list[str] = []
    with small.app.app_context():
        sa.event.listen(small.db.engine, "before_cursor_execute", lambda *given: read.append(given[2]))
    assert small.found("phones")["message"] == "Of 1200 contacts, 1200 have a valid number, 0 have none."
    assert sum("contact.phone AS mapped_phone" in statement for statement in read) <= 5


def test_no_more_are_read_than_asked_for(make: MakeSmall) -> None:
    small = with_phones(make(), ["020 7946 0018"] * 3)
    told = small.found("phones", "--phones", "2")["message"]
    assert told.startswith("Of 2 contacts (the first ones; --phones reads more), 2 have")
    assert "phones" not in [finding["code"] for finding in small.check("--phones", "0")]
    assert small.run("--phones", "-1").exit_code == 2


def test_a_host_s_own_normaliser(make: MakeSmall) -> None:
    small = with_phones(make(phone_normaliser=lambda text: "+1" if text == "123" else None), ["123", "124"])
    assert small.wrong() == {"phones_no_numbers"}
    small = with_phones(make(phone_normaliser=lambda text: f"+{int(text)}"), ["123", "call me"])
    assert small.wrong() == {"phone_normaliser_raises"}
    message = small.found("phone_normaliser_raises")["message"]
    assert f"phone_normaliser raises ValueError at {__file__}:" in message
    assert "for a phone like xxxx xx" in message


def test_a_function_that_fails_on_a_later_row(make: MakeSmall) -> None:
    small = with_phones(make(contact={"phone": lambda row: row.phone.strip()}), ["020 7946 0018", None])
    assert small.wrong() == {"field_fails"}


def test_a_host_without_phones(make: MakeSmall) -> None:
    assert with_phones(make(contact={"phone": None}), ["123"]).wrong() == set()


def test_a_shape_tells_nothing_of_a_number() -> None:
    assert text_shape("(020) 7946-0018 ext. 4") == "(NNN) NNNN-NNNN xxx. N"
    assert text_shape(" 0800/12 ") == "0NNN/NN"
    assert text_shape("ada@example.com" + "x" * 30) == "xxx?xxxxxxx.xxx" + "x" * 9
    assert text_shape("   ") == "spaces"
    assert text_shape("٠٧٩") == "NNN"
