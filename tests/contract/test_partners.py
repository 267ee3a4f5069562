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
FIELDS = {"id", "company_id", "contact_id", "created_at", "updated_at", *PARTNER, *OPTIONAL}

NO_PARTNER = "00000000-0000-7000-8000-000000000000"

with_companies = pytest.mark.hosts("ordinary", "peculiar", "documented")


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
    def test_only_the_company_s_name_is_needed(self, api: Caller, client: str) -> None:
        """Required: partner_company_name. Response: { partner } (201)."""
        answer = api.post(address(client), PARTNER)
        assert set(answer) == {"partner"}
        assert set(answer["partner"]) == FIELDS
        assert (PARTNER | {"company_id": client}).items() <= answer["partner"].items()
        assert {answer["partner"][name] for name in (*OPTIONAL, "contact_id")} == {None}

    def test_every_field_is_kept(self, api: Caller, client: str, contact: str) -> None:
        partner = create(api, client, **OPTIONAL, contact_id=contact)
        assert (PARTNER | OPTIONAL | {"contact_id": contact}).items() <= partner.items()
        assert api.get(address(client)) == {"partners": [partner]}

    def test_by_name(self, api: Caller, host: Host, client: str) -> None:
        for name in ("Turin Works", "Difference Engines", "Mechanical Looms"):
            create(api, client, partner_company_name=name)
        create(api, host.client("Another"), partner_company_name="Not here")
        found = [partner["partner_company_name"] for partner in api.get(address(client))["partners"]]
        assert found == ["Difference Engines", "Mechanical Looms", "Turin Works"]

    @one_host
    @pytest.mark.parametrize(("name", "value"), [("partner_company_name", "Looms"), *OPTIONAL.items()])
    def test_each_field_may_be_changed(self, api: Caller, client: str, name: str, value: Any) -> None:
        """Body fields (all optional). Response: { partner }."""
        partner = create(api, client)
        answer = api.patch(address(client, partner["id"]), {name: value})
        assert set(answer) == {"partner"}
        assert {**answer["partner"], "updated_at": ""} == {**partner, name: value, "updated_at": ""}
        assert api.get(address(client))["partners"] == [answer["partner"]]

    def test_the_linked_contact_may_be_changed(self, api: Caller, client: str, contact: str) -> None:
        partner = create(api, client)
        changed = api.patch(address(client, partner["id"]), {"contact_id": contact})["partner"]
        assert changed["contact_id"] == contact
        assert api.patch(address(client, partner["id"]), {"contact_id": None})["partner"]["contact_id"] is None

    @one_host
    @pytest.mark.parametrize("name", list(OPTIONAL))
    def test_null_clears(self, api: Caller, client: str, name: str) -> None:
        partner = create(api, client, **OPTIONAL)
        assert api.patch(address(client, partner["id"]), {name: None})["partner"][name] is None

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
            ("company_id", "1", "unknown_field"),
        ],
    )
    def test_what_is_wrong_is_named(self, api: Caller, client: str, name: str, value: Any, code: str) -> None:
        assert members(api.post(address(client), {**PARTNER, name: value}, 422)) == {f"#/{name}": code}
        partner = create(api, client)
        assert members(api.patch(address(client, partner["id"]), {name: value}, 422)) == {f"#/{name}": code}

    @input_only
    def test_what_is_missing_is_named(self, api: Caller, client: str) -> None:
        assert members(api.post(address(client), {}, 422)) == {"#/partner_company_name": "required"}

    def test_a_contact_that_is_not_there(self, api: Caller, host: Host, client: str) -> None:
        problem = api.post(address(client), {**PARTNER, "contact_id": host.absent_id()}, 404)
        assert problem["code"] == "not_found"

    def test_deleting(self, api: Caller, client: str) -> None:
        """Response: { ok: true }."""
        partner, other = create(api, client), create(api, client)
        assert api.delete(address(client, partner["id"])) == {"ok": True}
        assert [left["id"] for left in api.get(address(client))["partners"]] == [other["id"]]
        assert api.delete(address(client, partner["id"]), 404)["code"] == "not_found"


@with_companies
class TestClients:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "", None),
            ("POST", "", PARTNER),
            ("PATCH", NO_PARTNER, {"notes": "x"}),
            ("DELETE", NO_PARTNER, None),
        ],
    )
    def test_a_company_that_is_no_client(self, api: Caller, host: Host, method: str, path: str, body: Any) -> None:
        """The company must have a client_profiles record."""
        response = api.ask(method, address(host.company(), path), body)
        assert (response.status_code, response.get_json()["code"]) == (404, "not_a_client")

    @pytest.mark.hosts("ordinary")
    def test_a_client_profile_is_made_once(self, api: Caller, host: Host) -> None:
        company = host.company()
        first = api.put(f"/companies/{company}/client-profile", 201)
        assert set(first) == {"client_profile"}
        assert set(first["client_profile"]) == {"id", "company_id", "created_at"}
        assert first["client_profile"]["company_id"] == company
        assert api.put(f"/companies/{company}/client-profile", 200) == first
        assert api.get(address(company)) == {"partners": []}

    @pytest.mark.hosts("ordinary")
    def test_a_client_profile_may_go(self, api: Caller, host: Host, client: str) -> None:
        assert api.delete(f"/companies/{client}/client-profile") == {"ok": True}
        assert api.get(address(client), 404)["code"] == "not_a_client"
        assert api.delete(f"/companies/{client}/client-profile", 404)["code"] in {"not_a_client", "not_found"}

    @pytest.mark.hosts("ordinary")
    def test_partners_outlive_a_client_profile_that_comes_back(self, api: Caller, host: Host, client: str) -> None:
        partner = create(api, client)
        api.delete(f"/companies/{client}/client-profile")
        api.put(f"/companies/{client}/client-profile", 201)
        assert api.get(address(client))["partners"] == [partner]


@pytest.mark.hosts("textual")
class TestWithoutCompanies:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "/companies/1/partners", None),
            ("POST", "/companies/1/partners", PARTNER),
            ("PATCH", "/companies/1/partners/1", {"notes": "x"}),
            ("DELETE", "/companies/1/partners/1", None),
            ("PUT", "/companies/1/client-profile", None),
            ("DELETE", "/companies/1/client-profile", None),
            ("GET", "/clients/1/relationship-summary", None),
        ],
    )
    def test_company_routes_say_that_there_are_none(self, api: Caller, method: str, path: str, body: Any) -> None:
        response = api.ask(method, path, body)
        assert (response.status_code, response.get_json()["code"]) == (404, "companies_not_mapped")
