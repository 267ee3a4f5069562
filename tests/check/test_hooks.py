"""Hooks that are forgotten, and hooks that let everything through."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from tests.check.conftest import MakeSmall
from tests.check.small import Small


@pytest.mark.parametrize(
    ("name", "kind", "condition"),
    [
        ("deleted_at", sa.DateTime, "is_(None)"),
        ("is_deleted", sa.Boolean, "is_(False)"),
        ("archived_at", sa.DateTime, "is_(None)"),
    ],
)
def test_a_column_that_looks_like_soft_delete_and_no_present(
    make: MakeSmall, name: str, kind: Any, condition: str
) -> None:
    small = make(contact_columns={name: sa.Column(kind)}).create_tables().with_rows()
    assert small.wrong() == {"soft_delete_ignored"}
    found = small.found("soft_delete_ignored")
    assert found["message"].startswith(f"Contact has {name}")
    assert found["fix"] == f"ContactMapping(Contact, present=lambda select: select.where(Contact.{name}.{condition}))"


def test_what_the_fix_says_puts_it_right(make: MakeSmall) -> None:
    def contact(small: Small) -> dict[str, Any]:
        return {"present": lambda select: select.where(small.Contact.deleted_at.is_(None))}

    columns = {"deleted_at": sa.Column(sa.DateTime)}
    assert make(contact_columns=columns, contact=contact).create_tables().with_rows().wrong() == set()


def test_users_who_are_not_active_any_more(make: MakeSmall) -> None:
    """Only where there are such: nearly every users table has the column."""
    small = make(user_columns={"is_active": sa.Column(sa.Boolean, default=True)}).create_tables().with_rows()
    assert small.wrong() == set()
    small.execute("UPDATE user SET is_active = 0 WHERE id = 2")
    assert "User has is_active, which is false in 1 of" in small.found("soft_delete_ignored")["message"]


@pytest.mark.parametrize("mapped", ["is_active", None])
def test_a_column_that_the_mapping_reads_as_active_is_no_finding(make: MakeSmall, mapped: str | None) -> None:
    name = mapped or "active"
    contact = {"active": mapped} if mapped else {}
    small = make(contact=contact, contact_columns={name: sa.Column(sa.Boolean)}).create_tables().with_rows()
    small.execute(f"UPDATE contact SET {name} = 0")
    assert small.wrong() == set()


@pytest.mark.parametrize("name", ["tenant_id", "agency_id", "workspace_id", "organisation_id", "account_id"])
def test_a_column_that_looks_like_a_tenant_s_and_no_visible(make: MakeSmall, name: str) -> None:
    small = make(contact_columns={name: sa.Column(sa.Integer)}).create_tables().with_rows()
    assert small.wrong() == {"tenants_ignored"}
    assert small.found("tenants_ignored")["message"].startswith(f"Contact has {name}")


@pytest.mark.parametrize("companies", [True, False])
def test_a_company_s_column_is_no_tenant_s(make: MakeSmall, companies: bool) -> None:
    contact: dict[str, Any] = {"company": "organisation_id"} if companies else {"company": None}
    key = sa.Column(sa.ForeignKey("company.id"), index=True) if companies else sa.Column(sa.Integer)
    small = make(contact=contact, contact_columns={"organisation_id": key}, companies=companies)
    assert small.create_tables().with_rows().wrong() == set()


def test_tenants_of_users_make_the_contacts_column_a_tenant_s(make: MakeSmall) -> None:
    account = {"account_id": sa.Column(sa.Integer)}
    also = {"account_id": sa.Column(sa.Integer)}
    small = make(contact={"company": None}, contact_columns=account, user_columns=also, companies=False).create_tables()
    told = [finding["message"] for finding in small.check() if finding["code"] == "tenants_ignored"]
    assert [message.split(",")[0] for message in told] == ["Contact has account_id"]


def narrowing(small: Small) -> dict[str, Any]:
    """The mistake: a select is not changed in place."""

    def present(select: Any) -> Any:
        select.where(small.Contact.first_name.is_not(None))
        return select

    return {"present": present}


def test_a_present_that_forgets_to_return_what_it_narrowed(make: MakeSmall) -> None:
    small = make(contact=narrowing).create_tables().with_rows()
    assert small.wrong() == {"hook_lets_everything_through"}
    assert "ContactMapping.present" in small.found("hook_lets_everything_through")["message"]


def test_a_visible_that_shows_all_to_everybody(make: MakeSmall) -> None:
    small = make(company={"visible": lambda select, _user: select}).create_tables()
    assert small.wrong() == set()  # there is nobody to try it with
    small.with_rows()
    assert small.wrong() == {"hook_lets_everything_through"}
    assert "each of the first 2 users" in small.found("hook_lets_everything_through")["message"]


def test_a_visible_that_shows_all_to_some_is_no_finding(make: MakeSmall) -> None:
    def company(small: Small) -> dict[str, Any]:
        everything = {"Grace Hopper"}

        def visible(select: Any, user: Any) -> Any:
            return select if user.name in everything else select.where(small.Company.id == user.id)

        return {"visible": visible}

    assert make(company=company).create_tables().with_rows().wrong() == set()


@pytest.mark.parametrize(
    "visible",
    [lambda _select, _user: 1 / 0, lambda _select, _user: None, lambda select, user: select.where(user["tenant"])],
    ids=["raises", "returns nothing", "another kind of user"],
)
def test_a_visible_that_fails_for_everybody_who_logs_in(make: MakeSmall, visible: Any) -> None:
    """Flask-Login gives rows of the users, as the check does: every request would be refused."""
    small = make(contact={"visible": visible}, log_in=True).create_tables().with_rows()
    assert small.wrong() == {"hook_fails"}
    assert "every request of its rows is refused" in small.found("hook_fails")["message"]


def test_a_visible_that_wants_another_kind_of_user_is_no_finding(make: MakeSmall) -> None:
    """A current user callback of the host's may return something else than a row."""
    hooks = {"visible": lambda select, user: select.where(user["tenant"])}
    small = make(contact=hooks, log_in=False, current_user=lambda: None).create_tables().with_rows()
    assert small.wrong() == set()
    assert "may be given something else" in small.found("hook_untried")["message"]
