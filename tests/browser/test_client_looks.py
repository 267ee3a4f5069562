"""The summary and the partners of a company in every variant, and whatever there may be to show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from examples.crm.extensions import db
from examples.crm.models import Organisation
from tests.browser.faults import problem
from tests.browser.office import set_partners
from tests.browser.screen import Screen
from tests.browser.variants import variants

OpenScreen = Callable[..., Screen]


@pytest.fixture(autouse=True)
def three_partners(crm: Any) -> None:
    set_partners(crm)


@pytest.fixture
def empty_company(crm: Any) -> int:
    with crm.app.app_context():
        company = Organisation(title="Nobody & Co", industry="", city="", website="https://nobody.example")
        db.session.add(company)
        db.session.commit()
        key: int = company.id
        return key


@variants
def test_the_company_has_no_violation(open_screen: OpenScreen, variant: dict[str, Any]) -> None:
    screen = open_screen("/companies/1", **variant)
    expect(screen.part("Summary").get_by_role("link", name="Adaeze Okafor").first).to_be_visible()
    expect(screen.part("Partners").get_by_text("Fjordlight Design").first).to_be_visible()
    assert screen.axe() == []
    assert not screen.is_wider_than_the_window()


@variants
def test_every_form_and_question_open_has_no_violation(open_screen: OpenScreen, variant: dict[str, Any]) -> None:
    screen = open_screen("/companies/1", **variant)
    partners = screen.part("Partners")
    partners.get_by_role("button", name="Remove Greenacre Pensions").click()
    partners.get_by_role("button", name="Add partner").click()
    partners.get_by_role("button", name="Add", exact=True).click()
    more = screen.part("Summary").get_by_role("button", name="more")
    for _ in range(more.count()):
        more.first.click()
    screen.settle()
    assert screen.axe() == []
    partners.get_by_role("button", name="Edit Rook & Rowan").click()
    assert screen.axe() == []
    assert not screen.is_wider_than_the_window()


def test_the_ready_page_has_no_violation(open_screen: OpenScreen) -> None:
    screen = open_screen("/relationships/clients/1")
    expect(screen.part("Partners")).to_be_visible()
    expect(screen.part("Summary").get_by_role("heading", name="Partners")).to_have_count(0)
    assert screen.axe() == []


def test_the_whole_summary_tells_the_partners_too(open_screen: OpenScreen) -> None:
    screen = open_screen("/companies/1")
    screen.page.evaluate("document.querySelector('rel-summary').removeAttribute('without')")
    expect(screen.part("Summary").get_by_role("heading", name="Partners 3")).to_be_visible()
    expect(screen.part("Summary").get_by_text("£690,000")).to_be_visible()
    assert screen.axe() == []


@pytest.mark.parametrize("width", [360, 1180])
def test_what_is_loading_is_told(open_screen: OpenScreen, crm: Any, width: int) -> None:
    screen = open_screen("/companies/", width=width)
    crm.faults.delay("GET", "/api/", 4)
    screen.page.goto(f"{screen.address}/companies/1", wait_until="domcontentloaded")
    for tag in ("rel-summary", "rel-partners"):
        screen.page.locator(f"{tag} [aria-busy=true]").wait_for()
        expect(screen.page.locator(tag).get_by_text("Loading")).to_have_count(1)
    assert screen.axe() == []


def test_a_failing_server_is_told_in_each_part_which_can_be_tried_again(open_screen: OpenScreen, crm: Any) -> None:
    crm.faults.answer("GET", "/api/", problem(503, "database_unavailable", "The database did not answer."))
    screen = open_screen("/companies/1")
    for part in ("Summary", "Partners"):
        expect(screen.part(part).get_by_role("alert")).to_have_text("The database did not answer.")
    assert screen.axe() == []
    crm.faults.clear()
    screen.part("Partners").get_by_role("button", name="Try again").click()
    expect(screen.part("Partners").get_by_text("Fjordlight Design").first).to_be_visible()


def test_a_company_of_which_nothing_is_known(open_screen: OpenScreen, empty_company: int) -> None:
    screen = open_screen(f"/companies/{empty_company}")
    summary = screen.part("Summary")
    for words in ("No contacts yet.", "No life events in the next 90 days.", "No open follow-ups.", "No messages yet."):
        expect(summary.get_by_text(words).first).to_be_visible()
    expect(screen.part("Partners").get_by_text("Nobody & Co is not a client yet.")).to_be_visible()
    expect(screen.part("Partners").get_by_role("button")).to_have_count(0)
    assert screen.axe() == []


@pytest.mark.parametrize("width", [360, 1180])
def test_long_texts_are_not_cut_off_and_push_nothing_out(open_screen: OpenScreen, crm: Any, width: int) -> None:
    screen = open_screen("/companies/1", width=width)
    word, words = "Donaudampfschifffahrts" * 8, "A title that goes on and on. " * 6
    partner = {
        "partner_company_name": word,
        "partner_contact_name": words,
        "relationship_type": word,
        "notes": word * 9,
    }
    screen.call("POST", "/companies/1/partners", {**partner, "estimated_deal_size": 10**15})
    screen.call("POST", "/companies/1/partners", {"partner_company_name": words, "notes": words * 9})
    screen.call("POST", "/contacts/1/life-events", {"event_type": word, "title": word, "event_date": "2026-12-24"})
    screen.call("POST", "/contacts/1/relationship-actions", {"title": word, "action_type": words})
    screen.call("PATCH", "/contacts/1/relationship", {"preferred_name": word, "communication_preference": word})
    with crm.app.app_context():
        db.session.execute(sa.update(Organisation).filter_by(id=1).values(title=word))
        db.session.commit()
    screen.open("/companies/1")
    expect(screen.part("Partners").get_by_text(word).first).to_be_visible()
    assert not screen.is_wider_than_the_window()
    assert screen.axe() == []


def test_whoever_may_only_look_finds_no_control_that_changes_anything(open_screen: OpenScreen) -> None:
    screen = open_screen("/companies/1")
    screen.page.evaluate("document.querySelector('rel-partners').setAttribute('permissions', 'view')")
    screen.settle()
    names = [button.inner_text().strip(" ↑\n") for button in screen.part("Partners").get_by_role("button").all()]
    assert names == ["Company", "Contact", "Role", "Estimated deal", "Notes"]
    assert screen.axe() == []


def test_whoever_may_not_remove_is_not_offered_it(open_screen: OpenScreen) -> None:
    screen = open_screen("/companies/1", level="consultant")
    partners = screen.part("Partners")
    expect(partners.get_by_role("button", name="Edit Rook & Rowan")).to_be_visible()
    expect(partners.get_by_role("button", name="Remove")).to_have_count(0)


def test_what_people_write_is_text_and_never_markup(open_screen: OpenScreen) -> None:
    screen = open_screen("/companies/1")
    markup = "<img src=x onerror=document.title='owned'><b>bold</b>"
    screen.call("POST", "/companies/1/partners", {"partner_company_name": markup, "notes": markup})
    screen.call("POST", "/contacts/1/relationship-actions", {"title": markup, "action_type": markup})
    screen.open("/companies/1")
    expect(screen.part("Partners").get_by_text(markup).first).to_be_visible()
    expect(screen.page.locator("rel-summary :is(img, b), rel-partners :is(img, b)")).to_have_count(0)
    assert "owned" not in screen.page.title()


def test_without_scripts_the_main_facts_are_there(open_screen: OpenScreen, empty_company: int) -> None:
    screen = open_screen("/companies/1", java_script_enabled=False)
    summary = screen.call("GET", "/clients/1/relationship-summary")
    told = screen.page.locator("rel-summary")
    expect(told).to_contain_text(f"{len(summary['contacts'])} contacts")
    expect(told).to_contain_text(f"{len(summary['actions'])} follow-ups are open")
    expect(screen.page.locator("rel-partners")).to_contain_text("Fjordlight Design · Design agency")
    screen.open(f"/companies/{empty_company}")
    expect(screen.page.locator("rel-partners")).to_contain_text("This company is not a client yet.")
