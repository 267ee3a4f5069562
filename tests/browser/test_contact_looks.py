"""The contact view in every variant: nothing that axe or the content security policy objects to, nothing cut off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.faults import problem
from tests.browser.screen import Screen
from tests.browser.variants import variants

OpenScreen = Callable[..., Screen]


@variants
def test_the_panel_has_no_violation(open_screen: OpenScreen, variant: dict[str, Any]) -> None:
    screen = open_screen("/contacts/1", **variant)
    assert screen.axe() == []
    assert not screen.is_wider_than_the_window()


@variants
def test_every_form_open_has_no_violation(open_screen: OpenScreen, variant: dict[str, Any]) -> None:
    screen = open_screen("/contacts/1", **variant)
    page = screen.page
    page.get_by_role("button", name="Opted in").click()
    page.get_by_role("button", name="Withdraw the consent").click()
    page.get_by_role("button", name="Record the withdrawal").click()
    page.get_by_role("button", name="Edit the profile").click()
    page.get_by_role("button", name="Edit Birthday").click()
    page.get_by_role("button", name="Delete… Birthday").click()
    page.get_by_role("button", name="Add a follow-up").click()
    page.get_by_text("Done and dismissed").click()
    page.get_by_text("Template", exact=True).click()
    page.get_by_role("textbox", name="Template ID").fill("HX1")
    page.get_by_role("textbox", name="New message").fill("Dinner on Thursday?")
    screen.settle()
    assert screen.axe() == []
    assert not screen.is_wider_than_the_window()


@pytest.mark.parametrize("width", [360, 1180])
def test_what_is_loading_is_told_and_has_no_violation(open_screen: OpenScreen, crm: Any, width: int) -> None:
    crm.faults.delay("GET", "/api/", 4)
    screen = open_screen("/companies/", width=width)
    screen.page.goto(f"{screen.address}/contacts/1", wait_until="domcontentloaded")
    screen.page.locator("rel-profile [aria-busy=true]").wait_for()
    expect(screen.part("Relationship").get_by_text("Loading")).to_have_count(1)
    assert screen.axe() == []
    assert not screen.is_wider_than_the_window()


def test_a_failing_server_is_told_in_each_part_which_can_be_tried_again(open_screen: OpenScreen, crm: Any) -> None:
    crm.faults.answer("GET", "/api/", problem(503, "database_unavailable", "The database did not answer."))
    screen = open_screen("/contacts/1")
    for part in ("Relationship", "Life events", "Follow-ups", "Messages"):
        expect(screen.part(part).get_by_role("alert")).to_contain_text("The database did not answer.")
    assert screen.axe() == []
    crm.faults.clear()
    screen.part("Life events").get_by_role("button", name="Try again").click()
    screen.part("Life events").get_by_text("every year").first.wait_for()


def test_a_contact_of_whom_nothing_is_known_is_shown_what_to_do_first(open_screen: OpenScreen, crm: Any) -> None:
    contact = empty_contact(crm)
    screen = open_screen(f"/contacts/{contact}")
    expect(screen.part("Life events")).to_contain_text("No life events yet")
    expect(screen.part("Follow-ups")).to_contain_text("No open follow-ups")
    expect(screen.part("Messages")).to_contain_text("have not agreed")
    assert screen.axe() == []


@pytest.mark.parametrize("width", [360, 1180])
def test_long_texts_are_not_cut_off_and_push_nothing_out(open_screen: OpenScreen, width: int) -> None:
    screen = open_screen("/contacts/2", width=width)
    word, words = "Donaudampfschifffahrts" * 7, "A title that goes on and on. " * 6
    screen.call("PATCH", "/contacts/2/relationship", {"preferred_name": word, "personal_notes": word * 9})
    screen.call("PATCH", "/contacts/2/relationship", {"interests": [word, words], "home_address": words})
    screen.call("POST", "/contacts/2/life-events", {"event_type": word, "title": words, "event_date": "2026-12-24"})
    action = {"title": word, "action_type": words, "message_body": words * 9}
    screen.call("POST", "/contacts/2/relationship-actions", action)
    screen.open("/contacts/2")
    expect(screen.part("Relationship")).to_contain_text(word)
    assert not screen.is_wider_than_the_window()
    assert screen.axe() == []


def test_whoever_may_only_look_finds_no_control(open_screen: OpenScreen) -> None:
    screen = open_screen("/contacts/1")
    screen.page.evaluate("document.querySelector('rel-contact-panel').setAttribute('permissions', 'view')")
    expect(screen.page.locator("rel-contact-panel button")).to_have_text(["✓ Opted in"])  # once it has drawn again
    screen.settle()
    expect(screen.page.locator("rel-contact-panel textarea")).to_have_count(0)
    assert screen.axe() == []


def test_what_people_write_is_text_and_never_markup(open_screen: OpenScreen) -> None:
    screen = open_screen("/contacts/1")
    markup = "<img src=x onerror=document.title='owned'><b>bold</b>"
    screen.call("PATCH", "/contacts/1/relationship", {"preferred_name": markup, "interests": [markup]})
    screen.call("POST", "/contacts/1/life-events", {"event_type": markup, "title": markup, "event_date": "2026-12-24"})
    screen.call("POST", "/contacts/1/relationship-actions", {"title": markup, "action_type": markup})
    screen.open("/contacts/1")
    expect(screen.page.get_by_text(markup).nth(3)).to_be_attached()
    expect(screen.page.locator("rel-contact-panel img, rel-contact-panel b")).to_have_count(0)
    assert "owned" not in screen.page.title()


def empty_contact(crm: Any) -> int:
    from examples.crm.extensions import db
    from examples.crm.models import Contact

    with crm.app.app_context():
        contact = Contact(given_name="Nova", family_name="Blank", email="nova@example.com", job_title="")
        db.session.add(contact)
        db.session.commit()
        key: int = contact.id
        return key
