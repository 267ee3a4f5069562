"""The board of follow-ups in every variant: nothing that axe or the content security policy objects to."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from examples.crm.clock import today
from tests.browser.faults import problem
from tests.browser.office import add_actions, close_everything
from tests.browser.screen import Screen
from tests.browser.variants import variants

OpenScreen = Callable[..., Screen]


@variants
def test_the_board_has_no_violation(open_screen: OpenScreen, variant: dict[str, Any]) -> None:
    screen = open_screen("/team/", **variant)
    expect(screen.part("Follow-ups").get_by_role("heading", name="Overdue", level=3)).to_be_visible()
    assert screen.axe() == []
    assert not screen.is_wider_than_the_window()


@variants
def test_everything_that_opens_has_no_violation(crm: Any, open_screen: OpenScreen, variant: dict[str, Any]) -> None:
    close_everything(crm)
    first = {"action_type": "sms", "message_body": "How did it go?", "contact_id": 1}
    add_actions(crm, 1, **first, title="Ask how the launch went", due_date=today() - timedelta(days=12))
    add_actions(crm, 8)
    screen = open_screen("/", **variant)
    board = screen.part("Follow-ups")
    rows = board.locator("li.action")
    rows.nth(1).get_by_role("button", name="More about").click()
    rows.nth(1).get_by_text("History").click()
    rows.nth(2).get_by_role("button", name="More about").click()
    rows.nth(2).get_by_role("button", name="Edit").click()
    rows.nth(0).get_by_role("button", name="Review and send").click()
    rows.nth(3).get_by_role("checkbox").check()
    if variant.get("width", 1180) > 400:
        board.get_by_role("button", name="Keys").click()
    board.get_by_text("Done and dismissed").click()
    rows.nth(5).get_by_role("button", name="Done").click()
    expect(rows.nth(0).get_by_role("textbox", name="New message")).to_be_visible()
    screen.settle()
    assert screen.axe() == []
    assert not screen.is_wider_than_the_window()


@pytest.mark.parametrize("width", [360, 1180])
def test_the_cards_of_the_start_page_stand_apart(open_screen: OpenScreen, width: int) -> None:
    page = open_screen("/", width=width).page
    board, below = page.locator("rel-actions").bounding_box(), page.locator(".columns .card").first.bounding_box()
    assert board is not None
    assert below is not None
    assert 12 <= below["y"] - board["y"] - board["height"] <= 24


def test_the_ready_page_has_no_violation(open_screen: OpenScreen) -> None:
    screen = open_screen("/relationships/")
    link = screen.part("Follow-ups").get_by_role("link", name="Adaeze Okafor").first
    expect(link).to_have_attribute("href", re.compile("^/relationships/contacts/"))
    assert screen.axe() == []


@pytest.mark.parametrize("width", [360, 1180])
def test_what_is_loading_is_told(open_screen: OpenScreen, crm: Any, width: int) -> None:
    screen = open_screen("/companies/", width=width)
    crm.faults.delay("GET", "/api/", 4)
    screen.page.goto(screen.address, wait_until="domcontentloaded")
    screen.page.locator("rel-actions [aria-busy=true]").wait_for()
    expect(screen.page.locator("rel-actions").get_by_text("Loading")).to_have_count(1)
    assert screen.axe() == []


def test_an_empty_board_says_so(open_screen: OpenScreen, crm: Any) -> None:
    close_everything(crm)
    screen = open_screen("/relationships/")
    board = screen.part("Follow-ups")
    expect(board.get_by_text("You have no open follow-ups.")).to_be_visible()
    board.get_by_role("button", name="My team’s").click()
    expect(board.get_by_text("No follow-ups are open.")).to_be_visible()
    assert screen.axe() == []


def test_a_failing_server_is_told_and_tried_again(open_screen: OpenScreen, crm: Any) -> None:
    crm.faults.answer("GET", "/api/", problem(503, "database_unavailable", "The database did not answer."))
    screen = open_screen("/")
    board = screen.page.locator("rel-actions")
    expect(board.get_by_role("alert")).to_have_text("The database did not answer.")
    assert screen.axe() == []
    crm.faults.clear()
    board.get_by_role("button", name="Try again").click()
    expect(board.get_by_role("heading", name="Overdue", level=3)).to_be_visible()


@pytest.mark.parametrize("width", [360, 1180])
def test_long_texts_are_not_cut_off_and_push_nothing_out(open_screen: OpenScreen, crm: Any, width: int) -> None:
    word, words = "Donaudampfschifffahrts" * 9, "A title that goes on and on. " * 8
    add_actions(crm, 2, title=word, action_type=words[:190], message_body=words * 9)
    add_actions(crm, 2, title=words, action_type=word[:190])
    screen = open_screen("/", width=width)
    expect(screen.part("Follow-ups").get_by_text(word).first).to_be_visible()
    screen.part("Follow-ups").get_by_role("button", name="More about A title").first.click()
    screen.part("Follow-ups").get_by_role("button", name="More about Donau").first.click()
    assert not screen.is_wider_than_the_window()
    assert screen.axe() == []


def test_whoever_may_only_look_finds_no_control_that_changes_anything(open_screen: OpenScreen) -> None:
    screen = open_screen("/")
    screen.page.evaluate("document.querySelector('rel-actions').setAttribute('permissions', 'view')")
    screen.settle()
    board = screen.part("Follow-ups")
    expect(board.locator("li.action")).not_to_have_count(0)
    expect(board.get_by_role("checkbox")).to_have_count(0)
    names = {button.inner_text() for button in board.get_by_role("button").all()}
    assert names <= {"Mine", "My team’s", "?", "Show more"}
    assert screen.axe() == []


def test_whoever_sees_only_their_own_has_no_switch(open_screen: OpenScreen) -> None:
    screen = open_screen("/", level="consultant")
    board = screen.part("Follow-ups")
    expect(board.locator("li.action").first).to_be_visible()
    expect(board.get_by_role("button", name="Mine")).to_have_count(0)


def test_what_people_write_is_text_and_never_markup(open_screen: OpenScreen, crm: Any) -> None:
    markup = "<img src=x onerror=document.title='owned'><b>bold</b>"
    add_actions(crm, 1, title=markup, action_type=markup, message_body=markup, description=markup)
    screen = open_screen("/")
    screen.part("Follow-ups").get_by_role("button", name=f"More about {markup}").click()
    expect(screen.part("Follow-ups").get_by_text(markup).nth(3)).to_be_attached()
    expect(screen.page.locator("rel-actions img, rel-actions b")).to_have_count(0)
    assert "owned" not in screen.page.title()


def test_without_scripts_the_next_few_are_there(open_screen: OpenScreen) -> None:
    screen = open_screen("/", java_script_enabled=False)
    board = screen.page.locator("rel-actions")
    expect(board).to_contain_text("Ask how the launch went · Adaeze Okafor")
