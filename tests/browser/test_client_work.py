"""The partners of a client: adding, sorting, editing and removing them, and what the summary says of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.faults import problem
from tests.browser.office import set_partners
from tests.browser.screen import Screen

OpenScreen = Callable[..., Screen]


@pytest.fixture(autouse=True)
def three_partners(crm: Any) -> None:
    set_partners(crm)


@pytest.fixture
def client(open_screen: OpenScreen) -> Screen:
    return open_screen("/companies/1")


def partners(screen: Screen) -> Locator:
    return screen.part("Partners")


def companies(screen: Screen) -> Locator:
    return partners(screen).locator("tbody th")


def stored(screen: Screen) -> dict[str, Any]:
    found = screen.call("GET", "/companies/1/partners")["partners"]
    return {partner["partner_company_name"]: partner for partner in found}


def test_a_partner_is_added_and_the_summary_knows_it(client: Screen) -> None:
    part = partners(client)
    part.get_by_role("button", name="Add partner").click()
    form = part.get_by_role("form", name="New partner")
    expect(form.get_by_label("Company")).to_be_focused()
    form.get_by_role("button", name="Add", exact=True).click()
    expect(form.get_by_text("This field is required.")).to_be_visible()
    form.get_by_label("Company").fill("Aldgate Advisers")
    form.get_by_label("Contact’s e-mail").fill("nobody at all")
    form.get_by_label("Estimated deal").fill("1250.5")
    form.get_by_role("button", name="Add", exact=True).click()
    expect(form.get_by_text("This does not look like an e-mail address.")).to_be_visible()
    expect(form.get_by_label("Contact’s e-mail")).to_be_focused()
    form.get_by_label("Contact’s e-mail").fill("ada@aldgate.example")
    form.get_by_role("button", name="Add", exact=True).click()
    expect(form).to_have_count(0)
    expect(part.get_by_role("button", name="Add partner")).to_be_focused()
    expect(companies(client).first).to_have_text("Aldgate Advisers")
    expect(part.get_by_text("£1,250.50")).to_be_visible()
    expect(client.part("Summary").locator(".figures div").filter(has_text="Partners")).to_contain_text("4")
    assert stored(client)["Aldgate Advisers"]["estimated_deal_size"] == 1250.5


def test_the_table_is_sorted_by_any_column(client: Screen) -> None:
    part = partners(client)
    client.call("POST", "/companies/1/partners", {"partner_company_name": "Without a deal"})
    client.open("/companies/1")
    expect(companies(client)).to_have_text(
        ["Fjordlight Design", "Greenacre Pensions", "Rook & Rowan", "Without a deal"]
    )
    part.get_by_role("button", name="Estimated deal").click()
    expect(part.get_by_role("columnheader", name="Estimated deal")).to_have_attribute("aria-sort", "descending")
    expect(part.get_by_role("button", name="Estimated deal")).to_be_focused()
    expect(companies(client)).to_have_text(
        ["Fjordlight Design", "Greenacre Pensions", "Rook & Rowan", "Without a deal"]
    )
    client.page.keyboard.press("Enter")
    expect(part.get_by_role("columnheader", name="Estimated deal")).to_have_attribute("aria-sort", "ascending")
    expect(companies(client)).to_have_text(
        ["Rook & Rowan", "Greenacre Pensions", "Fjordlight Design", "Without a deal"]
    )


def test_a_partner_is_edited_by_the_keyboard_alone(client: Screen) -> None:
    part, keyboard = partners(client), client.page.keyboard
    part.get_by_role("button", name="Edit Rook & Rowan").focus()
    keyboard.press("Enter")
    expect(part.get_by_label("Company")).to_be_focused()
    keyboard.press("Escape")
    expect(part.get_by_role("button", name="Edit Rook & Rowan")).to_be_focused()
    keyboard.press("Enter")
    keyboard.press("End")
    keyboard.type(" Ltd")
    keyboard.press("Control+Enter")
    expect(part.get_by_role("button", name="Edit Rook & Rowan Ltd")).to_be_focused()
    assert "Rook & Rowan Ltd" in stored(client)


def test_removing_asks_first(client: Screen) -> None:
    part = partners(client)
    part.get_by_role("button", name="Remove Rook & Rowan").click()
    expect(part.get_by_role("button", name="Remove Rook & Rowan")).to_be_focused()
    part.get_by_role("button", name="Keep Rook & Rowan").click()
    expect(part.get_by_role("button", name="Remove Rook & Rowan")).to_be_focused()
    assert "Rook & Rowan" in stored(client)
    client.page.keyboard.press("Enter")
    client.page.keyboard.press("Enter")
    expect(client.said("“Rook & Rowan” is removed.")).to_be_visible()
    expect(part.get_by_role("heading", name="Partners")).to_be_focused()
    assert "Rook & Rowan" not in stored(client)


def test_what_was_typed_outlives_an_error_and_the_page_and_is_added_once(client: Screen, crm: Any) -> None:
    part = partners(client)
    part.get_by_role("button", name="Add partner").click()
    part.get_by_label("Company").fill("Twice or once")
    crm.faults.lose_answer("POST", "/partners")
    part.get_by_role("button", name="Add", exact=True).click()
    expect(part.get_by_role("alert")).to_have_text("The server is not available at the moment.")
    crm.faults.clear()
    client.open("/companies/1")
    expect(part.get_by_label("Company")).to_have_value("Twice or once")
    part.get_by_role("button", name="Add", exact=True).click()
    expect(part.get_by_role("form")).to_have_count(0)
    expect(companies(client).filter(has_text="Twice or once")).to_have_count(1)


def test_whoever_is_not_allowed_is_told_so(client: Screen, crm: Any) -> None:
    crm.faults.answer("DELETE", "/partners/", problem(403, "forbidden"))
    partners(client).get_by_role("button", name="Remove Rook & Rowan").click()
    partners(client).get_by_role("button", name="Remove Rook & Rowan").click()
    expect(client.said("You are not allowed to do this.")).to_be_visible()


def test_two_people_at_once(client: Screen, open_screen: OpenScreen) -> None:
    other = open_screen("/companies/1", level="head")
    partners(client).get_by_role("button", name="Edit Rook & Rowan").click()
    partners(other).get_by_role("button", name="Remove Rook & Rowan").click()
    partners(other).get_by_role("button", name="Remove Rook & Rowan").click()
    expect(other.said("is removed.")).to_be_visible()
    partners(client).get_by_label("Notes").fill("Written too late")
    partners(client).get_by_role("button", name="Save").click()
    expect(partners(client).get_by_role("alert")).to_have_text("Not found, or you don’t have access.")
    expect(partners(client).get_by_label("Notes")).to_have_value("Written too late")


def test_a_summary_shows_all_where_that_is_asked_for(client: Screen) -> None:
    summary = client.part("Summary")
    all_of_them = len(client.call("GET", "/clients/1/relationship-summary")["actions"])
    expect(summary.locator(".actions .rows > li")).to_have_count(6)
    summary.get_by_role("button", name=f"Show {all_of_them - 6} more Open follow-ups").click()
    expect(summary.locator(".actions .rows > li")).to_have_count(all_of_them)
    expect(summary.get_by_role("img")).to_have_attribute("aria-label", re.compile("birthday", re.IGNORECASE))
    expect(summary.get_by_role("link", name="Adaeze Okafor").first).to_have_attribute("href", "/contacts/1")
