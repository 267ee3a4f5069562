"""Hooks that are forgotten, and hooks that let everything through."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships import Sender
from tests.check.conftest import MakeSmall
from tests.check.small import Small


@pytest.mark.parametrize(
    ("name", "kind", "option"),
    [
        ("deleted_at", sa.DateTime, 'deleted="deleted_at"'),
        ("is_deleted", sa.Boolean, 'deleted="is_deleted"'),
        ("archived_at", sa.DateTime, 'deleted="archived_at"'),
        ("deleted", sa.Integer, 'deleted=("deleted", 1)'),
        ("removed_on", sa.String, "present=lambda select: select.where(Contact.removed_on.is_(None))"),
    ],
)
def test_a_column_that_looks_like_soft_delete_and_no_present(
    make: MakeSmall, name: str, kind: Any, option: str
) -> None:
    small = make(contact_columns={name: sa.Column(kind)}).create_tables().with_rows()
    assert small.wrong() == {"soft_delete_ignored"}
    found = small.found("soft_delete_ignored")
    assert found["message"].startswith(f"Contact has {name}")
    assert found["fix"] == f"Write ContactMapping(Contact, {option})."


@pytest.mark.parametrize(
    "option",
    [
        lambda small: {"present": lambda select: select.where(small.Contact.deleted_at.is_(None))},
        lambda _small: {"deleted": "deleted_at"},
    ],
)
def test_what_the_fix_says_puts_it_right(make: MakeSmall, option: Any) -> None:
    columns = {"deleted_at": sa.Column(sa.DateTime)}
    assert make(contact_columns=columns, contact=option).create_tables().with_rows().wrong() == set()


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


def as_given(select: Any, _user: Any) -> Any:
    return select


def test_nobody_says_who_may_see_messages_that_belong_to_no_contact(make: MakeSmall) -> None:
    narrowed = {"visible": lambda select, user: select.where(sa.literal(user.id) == 1)}
    small = make(contact=narrowed).create_tables().with_rows()
    assert small.wrong() == {"unmatched_callback_missing"}
    assert "unmatched_callback" in small.found("unmatched_callback_missing")["fix"]
    assert make(contact=narrowed, unmatched=as_given).create_tables().with_rows().wrong() == set()


@pytest.mark.parametrize("callback", [lambda _select, _user: 1 / 0, lambda _select, _user: None])
def test_an_unmatched_callback_that_fails(make: MakeSmall, callback: Any) -> None:
    assert make(unmatched=callback).create_tables().with_rows().wrong() == {"unmatched_callback_fails"}


def test_a_tenant_callback_that_fails(make: MakeSmall) -> None:
    small = make(user={"tenant": "name"}, tenant=lambda user: user["tenant"]).create_tables().with_rows()
    assert "tenant_callback_fails" in small.wrong()


TENANTS = ["tenant_id", "agency_id", "workspace_id", "organisation_id", "account_id"]


def with_tenants(make: MakeSmall, name: str, **options: Any) -> Small:
    """Contacts and users have a column that looks like a tenant's."""
    columns = {"contact_columns": {name: sa.Column(sa.Integer)}, "user_columns": {name: sa.Column(sa.Integer)}}
    return make(**columns, **options).create_tables().with_rows()


@pytest.mark.parametrize("name", TENANTS)
def test_a_column_that_looks_like_a_tenant_s_and_no_tenant(make: MakeSmall, name: str) -> None:
    small = with_tenants(make, name)
    small.execute(f"UPDATE contact SET {name} = 1")
    small.execute(f"UPDATE user SET {name} = 1")
    assert small.wrong() == {"tenants_ignored"}
    told = [finding for finding in small.check() if finding["code"] == "tenants_ignored"]
    fixes = {finding["message"].split(",")[0]: finding["fix"] for finding in told}
    contact = f'Write ContactMapping(Contact, tenant="{name}") and UserMapping(User, tenant="{name}").'
    assert fixes[f"Contact has {name}"] == contact


@pytest.mark.parametrize("name", TENANTS)
def test_a_column_whose_values_no_user_has_is_no_tenant_s(make: MakeSmall, name: str) -> None:
    """To follow the advice would hide every contact from every user."""
    small = with_tenants(make, name)
    assert small.wrong() == set()
    small.execute(f"UPDATE contact SET {name} = 1")
    assert small.wrong() == set()
    small.execute(f"UPDATE user SET {name} = 2")
    assert {
        finding["message"].split(" has ")[0] for finding in small.check() if finding["code"] == "tenants_ignored"
    } <= {"User"}


@pytest.mark.parametrize("name", TENANTS)
def test_a_column_that_users_do_not_have_is_no_tenant_s(make: MakeSmall, name: str) -> None:
    small = make(contact_columns={name: sa.Column(sa.Integer)}).create_tables().with_rows()
    small.execute(f"UPDATE contact SET {name} = 1")
    assert small.wrong() == set()


def test_what_the_fix_for_tenants_says_puts_it_right(make: MakeSmall) -> None:
    mapped = {"tenant": "tenant_id"}
    small = with_tenants(make, "tenant_id", contact=mapped, user=mapped)
    small.execute("UPDATE contact SET tenant_id = 1")
    small.execute("UPDATE user SET tenant_id = 1")
    assert small.wrong() == {"tenants_share_sender"}
    sender = Sender(number="+12025550199")
    named = with_tenants(make, "tenant_id", contact=mapped, user=mapped, senders={1: sender})
    assert named.wrong() == set()


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
    small.with_rows()
    small.execute("UPDATE contact SET account_id = 1")
    small.execute("UPDATE user SET account_id = 1")
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
    small = make(contact={"visible": visible}, log_in=True, unmatched=as_given).create_tables().with_rows()
    assert small.wrong() == {"hook_fails"}
    assert "Every request for its rows is refused" in small.found("hook_fails")["message"]


def test_a_visible_that_wants_another_kind_of_user_is_no_finding(make: MakeSmall) -> None:
    """A current user callback of the host's may return something else than a row."""
    hooks = {"visible": lambda select, user: select.where(user["tenant"])}
    options: dict[str, Any] = {"log_in": False, "current_user": lambda: None, "unmatched": as_given}
    small = make(contact=hooks, **options).create_tables().with_rows()
    assert small.wrong() == set()
    assert "called with a row of the users" in small.found("hook_untried")["message"]
