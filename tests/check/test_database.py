"""The live database against the models: the plugin's tables, and the host's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.check.conftest import MakeSmall
from tests.check.small import Small
from tests.marks import databases

Spoil = Callable[[sa.MetaData], None]


def table(made: sa.MetaData, name: str) -> sa.Table:
    return made.tables[f"relationships_{name}"]


def without(name: str) -> Spoil:
    return lambda made: made.remove(table(made, name))


def without_unique(made: sa.MetaData) -> None:
    found = table(made, "client_profiles")
    found.constraints = {one for one in found.constraints if not isinstance(one, sa.UniqueConstraint)}


def without_index(made: sa.MetaData) -> None:
    found = table(made, "idempotency_keys")
    found.indexes = {one for one in found.indexes if one.columns.keys() != ["created_at"]}


def without_foreign_key(made: sa.MetaData) -> None:
    found = table(made, "messages")
    (key,) = [one for one in found.foreign_key_constraints if [column.name for column in one.columns] == ["contact_id"]]
    found.constraints.discard(key)
    found.c.contact_id.foreign_keys = set()


def with_another_on_delete(made: sa.MetaData) -> None:
    for key in table(made, "actions").foreign_key_constraints:
        if [column.name for column in key.columns] == ["assigned_to_user_id"]:
            key.ondelete = "CASCADE"


def without_on_delete(made: sa.MetaData) -> None:
    for key in table(made, "profiles").foreign_key_constraints:
        key.ondelete = None if key.column_keys == ["contact_id"] else key.ondelete


def of_another_type(made: sa.MetaData) -> None:
    table(made, "life_events").c.event_date.type = sa.Integer()


def not_nullable(made: sa.MetaData) -> None:
    table(made, "profiles").c.home_address.nullable = False


DEFECTS: dict[str, list[tuple[Spoil, str]]] = {
    "tables_missing": [(without("suppressions"), "relationships_suppressions")],
    "unique_constraints_missing": [(without_unique, "relationships_client_profiles (company_id)")],
    "indexes_missing": [(without_index, "relationships_idempotency_keys (created_at)")],
    "foreign_keys_missing": [
        (without_foreign_key, "relationships_messages (contact_id) to contact"),
        (with_another_on_delete, "relationships_actions (assigned_to_user_id) with ON DELETE SET NULL"),
        (without_on_delete, "relationships_profiles (contact_id) with ON DELETE CASCADE"),
    ],
    "column_types_differ": [(of_another_type, "relationships_life_events.event_date is INTEGER")],
    "columns_not_nullable": [(not_nullable, "relationships_profiles.home_address")],
}


def test_what_our_tables_lack_is_told_at_once(make_there: MakeSmall) -> None:
    def spoil(made: sa.MetaData) -> None:
        for defect, _ in (pair for pairs in DEFECTS.values() for pair in pairs):
            defect(made)

    small = make_there().create_tables(spoil).with_rows()
    small.execute("ALTER TABLE relationships_profiles DROP COLUMN interests")
    assert small.wrong() == {*DEFECTS, "columns_missing"}
    assert "Missing columns: relationships_profiles.interests." in small.found("columns_missing")["message"]
    for code, pairs in DEFECTS.items():
        found = small.found(code)
        assert [named for _, named in pairs if named not in found["message"]] == []
        assert found["message"].count("relationships_") == len(pairs) + found["message"].count(" to relationships_")
        assert found["fix"]


@databases("postgresql", "mariadb")
def test_a_column_is_too_short(make_there: MakeSmall) -> None:
    def spoil(made: sa.MetaData) -> None:
        table(made, "messages").c.provider_sid.type = sa.String(20)
        table(made, "messages").c.body.type = sa.String(160)

    small = make_there().create_tables(spoil).with_rows()
    assert small.wrong() == {"columns_too_short"}
    told = small.found("columns_too_short")["message"]
    assert "provider_sid is VARCHAR(20), not VARCHAR(64)" in told
    assert "body is VARCHAR(160), not TEXT" in told


@databases("mariadb")
def test_what_mariadb_keeps_alike_is_no_finding(make_there: MakeSmall) -> None:
    def spoil(made: sa.MetaData) -> None:
        profiles = table(made, "profiles")
        profiles.c.interests.type = sa.Text(2**31)
        profiles.c.twilio_opt_in.type = sa.SmallInteger()
        table(made, "suppressions").c.id.type = sa.CHAR(32)

    assert make_there().create_tables(spoil).with_rows().wrong() == set()


def test_a_longer_column_and_more_of_everything_is_no_finding(make_there: MakeSmall) -> None:
    def spoil(made: sa.MetaData) -> None:
        profiles = table(made, "profiles")
        profiles.c.preferred_name.type = sa.String(400)
        profiles.append_column(sa.Column("note_of_the_host", sa.Text))
        profiles.c.contact_id.unique = True
        sa.Index("ix_of_the_host", profiles.c.birthday_year)

    assert make_there().create_tables(spoil).with_rows().wrong() == set()


def test_the_fix_of_missing_tables_is_the_host_s_own_way_to_make_them(make: MakeSmall) -> None:
    small = make().create_tables(without("suppressions"))
    assert "flask relationships init-db" in small.found("tables_missing")["fix"]
    small.app.extensions["migrate"] = object()
    assert "flask db migrate" in small.found("tables_missing")["fix"]


def test_a_model_that_has_changed_and_a_database_that_has_not(make_there: MakeSmall) -> None:
    small = make_there(contact_columns={"nickname": sa.Column(sa.String(50))}).create_tables().with_rows()
    small.execute("ALTER TABLE contact DROP COLUMN nickname")
    assert small.wrong() == {"host_columns_missing"}
    assert "contact of Contact lacks nickname" in small.found("host_columns_missing")["message"]


def test_a_table_of_the_host_is_missing(make: MakeSmall) -> None:
    def contact(small: Small) -> dict[str, Any]:
        key = sa.Column(sa.ForeignKey("contact.id"))
        badge = small._model("Badge", contact_id=key, number=sa.Column(sa.String(20)))
        small.Contact.badges = sa.orm.relationship(badge)
        return {"phone": "badges.number"}

    small = make(contact=contact).create_tables().with_rows()
    assert small.wrong() == set()
    small.execute("DROP TABLE badge")
    assert small.wrong() == {"host_tables_missing"}
    assert "badge of Badge" in small.found("host_tables_missing")["message"]


@databases("sqlite", "postgresql")
def test_the_column_that_links_contacts_to_companies_has_no_index(make_there: MakeSmall) -> None:
    small = make_there(company_id=sa.Column(sa.ForeignKey("company.id"))).create_tables().with_rows()
    assert small.wrong() == {"host_index_missing"}
    assert "contact.company_id" in small.found("host_index_missing")["message"]
    small.execute("CREATE INDEX found_by_company ON contact (company_id, last_name)")
    assert small.wrong() == set()


@databases("mariadb")
def test_mariadb_indexes_every_foreign_key(make_there: MakeSmall) -> None:
    assert make_there(company_id=sa.Column(sa.ForeignKey("company.id"))).create_tables().wrong() == set()


@databases("sqlite", "postgresql")
@pytest.mark.parametrize("indexed", [True, False])
def test_a_table_between_contacts_and_companies(make_there: MakeSmall, indexed: bool) -> None:
    def contact(small: Small) -> dict[str, Any]:
        between = sa.Table(
            "employments",
            small.db.metadata,
            sa.Column("contact_id", sa.ForeignKey("contact.id"), primary_key=True),
            sa.Column("firm_id", sa.ForeignKey("company.id"), primary_key=True, index=indexed),
        )
        small.Contact.companies = sa.orm.relationship(small.Company, secondary=between)
        return {"company": "companies"}

    small = make_there(contact=contact).create_tables().with_rows()
    assert small.wrong() == (set() if indexed else {"host_index_missing"})
    if not indexed:
        assert "employments.firm_id" in small.found("host_index_missing")["message"]


def test_sqlite_that_enforces_no_foreign_keys(make: MakeSmall) -> None:
    assert make(enforce=False).create_tables().wrong() == {"foreign_keys_not_enforced"}


@databases("postgresql")
def test_a_database_user_who_may_only_read(make_there: MakeSmall) -> None:
    small = make_there().create_tables().with_rows()
    with small.app.app_context():
        read_only = small.db.engine.url.update_query_dict({"options": "-c default_transaction_read_only=on"})
        url = read_only.render_as_string(hide_password=False)
    reading = Small(url)
    assert reading.wrong() == {"tables_read_only"}
    reading.close()


def test_a_second_database_is_looked_at_by_itself(make: MakeSmall, tmp_path: Path) -> None:
    def elsewhere(url: str) -> Small:
        return make(
            user={"foreign_key": False},
            user_columns={"__bind_key__": "people"},
            config={"SQLALCHEMY_BINDS": {"people": url}},
        ).create_tables()

    assert elsewhere("sqlite:////nowhere/at/all.sqlite").wrong() == {"database_unreachable"}
    small = elsewhere(f"sqlite:///{tmp_path / 'people.sqlite'}")
    assert "table user of User" in small.found("host_tables_missing")["message"]
    with small.app.app_context():
        small.db.create_all("people")
    assert small.with_rows().wrong() == set()
    with small.app.app_context():
        small.db.engines["people"].dispose()
