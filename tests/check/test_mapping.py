"""The mapping as it was understood, and fields that a real row breaks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import relationship

from flask_relationships import ContactMapping
from flask_relationships.hosts.mapping import LEFT_OUT
from tests.check.conftest import MakeSmall
from tests.check.small import Small


def understood(small: Small, model: str = "Contact", *options: str) -> dict[str, tuple[str, Any]]:
    """Each field of one mapping: how it is read, and the value shown of it."""
    (found,) = [one for one in small.check(*options) if one["code"] == "mapping" and model in one["message"]]
    return {field["field"]: (field["read"], field.get("value")) for field in found["fields"]}


def test_every_form_is_told_in_words_with_the_first_row_as_the_sample(make: MakeSmall) -> None:
    def contact(small: Small) -> dict[str, Any]:
        model = small.Contact
        model.company = relationship(small.Company)
        model.badges = relationship(small.db.Model.registry._class_registry["Badge"])
        model.shout = lambda self: self.last_name.upper()
        model.half = hybrid_property(lambda self: self.first_name + "!")
        model.plain = property(lambda self: self.email[:3])
        return {
            "first_name": model.half,
            "last_name": "shout",
            "email": lambda row: row.email.upper(),
            "phone": ["badges.number", "phone"],
            "company": "company",
            "company_name": "company.name",
            "birthday": sa.func.lower(model.first_name),
            "active": "plain",
        }

    small = make(contact=lambda small: badged(small, contact)).create_tables().with_rows()
    assert understood(small, "Contact", "--sample") == {
        "first_name": ("SQL expression", "Ada!"),
        "last_name": ("method Contact.shout() of the row", "LOVELACE"),
        "email": ("function (lambda) of the row", "ADA@EXAMPLE.COM"),
        "phone": ("first not empty of: path badges.number, first not empty, column Contact.phone", "020 7946 0018"),
        "company": ("relationship Contact.company to Company", "1"),
        "company_name": ("path company.name", "Analytical Engines"),
        "owner": ("absent", None),
        "birthday": ("SQL expression", "ada"),
        "active": ("property Contact.plain of the row", "ada"),
    }
    assert understood(small)["phone"][1] is None


def badged(small: Small, contact: Any) -> Any:
    """Gives the contacts badges with numbers first."""
    key = sa.Column(sa.ForeignKey("contact.id", ondelete="CASCADE"))
    small._model("Badge", contact_id=key, number=sa.Column(sa.String(20)))
    return contact(small)


def test_one_column_for_the_whole_name(make: MakeSmall) -> None:
    small = make(contact={"name": "first_name"}).create_tables().with_rows()
    small.execute("UPDATE contact SET first_name = 'Ada Marie King'")
    told = understood(small, "Contact", "--sample")
    assert told["first_name"] == ("column Contact.first_name, the first word of it", "Ada")
    assert told["last_name"] == ("column Contact.first_name, the rest of it", "Marie King")
    of_users = {"name": ("column User.name", "Grace Hopper"), "time_zone": ("absent", None)}
    assert understood(small, "User", "--sample") == of_users


def test_the_sample_is_the_first_row_that_present_lets_through(make: MakeSmall) -> None:
    small = make(contact=lambda small: {"present": lambda select: select.where(small.Contact.id > 1)})
    small.create_tables().with_rows().add(small.ada(2, first_name="Second"), small.ada(3, first_name="Third"))
    assert understood(small, "Contact", "--sample")["first_name"][1] == "Second"


def test_a_long_or_unprintable_value_does_not_break_the_table(make: MakeSmall) -> None:
    small = make().create_tables().with_rows()
    small.execute("UPDATE contact SET first_name = 'A' || char(27) || '[31m', last_name = '" + "x" * 90 + "'")
    told = understood(small, "Contact", "--sample")
    assert told["first_name"][1] == "A\ufffd[31m"
    assert told["last_name"][1] == "x" * 37 + "..."


def test_the_table_is_aligned(make: MakeSmall) -> None:
    lines = make().create_tables().with_rows().run("--sample").output.splitlines()
    rows = [line for line in lines if line.startswith("          ") and "column Contact." in line]
    assert {line.index("column") for line in rows} == {rows[0].index("column")}
    assert {line.index(value) for line, value in zip(rows, ("Ada", "Lovelace", "ada@"), strict=False)} == {
        rows[0].index("Ada")
    }


def fails(row: Any) -> str:
    return row.middle_name  # type: ignore[no-any-return]


def test_a_function_that_fails_on_a_real_row_is_named_with_its_place(make: MakeSmall) -> None:
    small = make(contact={"email": fails}).create_tables()
    assert small.wrong() == set()  # nothing to try it on yet
    small.with_rows()
    found = small.found("field_fails")
    assert found["level"] == "error"
    assert "Contact: reading email (function fails of the row)" in found["message"]
    assert f"AttributeError at {__file__}:" in found["message"]
    assert understood(small, "Contact", "--sample")["first_name"][1] == "Ada"


def test_an_expression_that_the_database_refuses_leaves_the_others_readable(make_there: MakeSmall) -> None:
    small = make_there(contact={"email": sa.func.no_such_function(sa.literal_column("1"))}).create_tables().with_rows()
    assert small.wrong() == {"field_fails"}
    assert "reading email (SQL expression)" in small.found("field_fails")["message"]
    assert understood(small, "Contact", "--sample")["last_name"] == ("column Contact.last_name", "Lovelace")


def test_a_present_that_hides_every_row(make: MakeSmall) -> None:
    small = make(contact=lambda small: {"present": lambda select: select.where(small.Contact.first_name.is_(None))})
    assert small.create_tables().wrong() == set()
    small.with_rows()
    assert small.wrong() == {"present_hides_all"}


def test_a_field_that_is_left_out_and_absent(make: MakeSmall) -> None:
    def contact(small: Small) -> dict[str, Any]:
        return {"company": LEFT_OUT, "email": None}

    small = make(contact=contact, companies=True, company_id=sa.Column(sa.String(40))).create_tables()
    assert small.wrong() == {"field_absent"}
    assert "Contact has no company: ContactMapping(company=" in small.found("field_absent")["message"]


def test_no_companies(make: MakeSmall) -> None:
    assert make(companies=False).create_tables().found("companies_not_mapped")["level"] == "ok"


def test_models_that_cannot_be_configured(make: MakeSmall) -> None:
    small = make().create_tables()
    stray = small._model("Stray", contact=relationship("Nowhere"))
    try:
        found = {finding["code"]: finding for finding in small.check()}
        assert stray.__name__ in found["mappers_broken"]["message"]
        assert "transport" in found
    finally:
        small.db.Model.registry.dispose()


def test_start_up_mistakes_that_only_show_later_have_their_own_codes(make: MakeSmall) -> None:
    small = make().create_tables().with_rows()
    hosts = small.app.extensions["relationships"].hosts
    hosts.contact.mapping = ContactMapping(small.Contact, email="nowhere")
    found = small.found("attribute_missing")
    assert (found["level"], found["page"]) == ("error", "Errors, section Configuration errors")
