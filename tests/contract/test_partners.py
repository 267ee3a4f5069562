"""/companies/:id/partners: GET, POST, PATCH and DELETE, and the client profile they need."""

from __future__ import annotations

from typing import Any

import pytest

from flask_relationships.testing.contract.specification import PARTNER
from tests.contract.problems import members
from tests.hosts.host import Caller, Host, Row
from tests.marks import input_only, one_host

OPTIONAL = {
    "partner_contact_name": "Luigi Menabrea",
    "partner_contact_email": "luigi@example.com",
    "relationship_type": "supplier",
    "estimated_deal_size": 125000.5,
    "notes": "Met in Turin.",
}
FIELDS = {"id", "revision", "company_id", "contact_id", "created_at", "updated_at", *PARTNER, *OPTIONAL}

NO_PARTNER = "00000000-0000-7000-8000-000000000000"

with_companies = pytest.mark.on_hosts("ordinary", "peculiar", "documented")


def address(company: str, partner: str = "") -> str:
    return f"/companies/{company}/partners" + (f"/{partner}" if partner else "")


def create(api: Caller, company: str, **fields: Any) -> Row:
    partner: Row = api.post(address(company), {**PARTNER, **fields})["partner"]
    return partner


@pytest.fixture
def client(host: Host) -> str:
    return host.client()


@with_companies
class TestPartners:
    @one_host
    @pytest.mark.parametrize("size", [0, 1, 0.01, 19.99, 125000.5, 1_000_000_000])
    def test_a_deal_size_comes_back_as_the_same_number(self, api: Caller, client: str, size: float) -> None:
        create(api, client, estimated_deal_size=size)
        assert api.get(address(client))["partners"][0]["estimated_deal_size"] == size

    @input_only
    @pytest.mark.parametrize(
        ("name", "value", "code"),
        [
            ("partner_company_name", None, "null"),
            ("partner_company_name", "", "blank"),
            ("partner_company_name", "a" * 9999, "too_long"),
            ("partner_contact_email", "nobody", "invalid_email"),
            ("estimated_deal_size", "12", "invalid_type"),
            ("estimated_deal_size", True, "invalid_type"),
            ("estimated_deal_size", -1, "out_of_range"),
            ("estimated_deal_size", 1e30, "out_of_range"),
            ("notes", "a" * 200_000, "too_long"),
            ("company", "1", "unknown_field"),
        ],
    )
    def test_what_is_wrong_is_named(self, api: Caller, client: str, name: str, value: Any, code: str) -> None:
        assert members(api.post(address(client), {**PARTNER, name: value}, 422)) == {f"#/{name}": code}
        partner = create(api, client)
        assert members(api.patch(address(client, partner["id"]), {name: value}, 422)) == {f"#/{name}": code}

    @input_only
    def test_what_is_missing_is_named(self, api: Caller, client: str) -> None:
        assert members(api.post(address(client), {}, 422)) == {"#/partner_company_name": "required"}


@with_companies
class TestClients:
    @pytest.mark.on_hosts("ordinary")
    def test_a_client_profile_is_made_once(self, api: Caller, host: Host) -> None:
        company = host.company()
        first = api.put(f"/companies/{company}/client-profile", 201)
        assert set(first) == {"client_profile"}
        assert set(first["client_profile"]) == {"id", "revision", "company_id", "created_at"}
        assert first["client_profile"]["company_id"] == company
        assert api.put(f"/companies/{company}/client-profile", 200) == first
        assert api.get(address(company)) == {"partners": []}

    @pytest.mark.on_hosts("ordinary")
    def test_a_client_profile_may_go(self, api: Caller, host: Host, client: str) -> None:
        assert api.delete(f"/companies/{client}/client-profile") == {"ok": True}
        assert api.get(address(client), 404)["code"] == "not_a_client"
        assert api.delete(f"/companies/{client}/client-profile", 404)["code"] in {"not_a_client", "not_found"}
