"""The board of follow-ups: what people do with it, with the mouse and by the keyboard alone, and two at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from examples.crm.clock import today
from tests.browser.delays import work_on_a_large_board
from tests.browser.faults import problem
from tests.browser.office import add_actions, close_everything
from tests.browser.screen import Screen

OpenScreen = Callable[..., Screen]


@pytest.fixture
def board(crm: Any, open_screen: OpenScreen) -> Screen:
    """Six follow-ups, one of each day from yesterday on, and one without a date."""
    close_everything(crm)
    for place, days in enumerate((-1, 0, 3, 20, 21)):
        add_actions(crm, 1, title=f"Number {place}", due_date=today() + timedelta(days=days), contact_id=1)
    add_actions(crm, 1, title="Number 5", due_date=None, contact_id=1, action_type="gift", message_body="Hello there")
    return open_screen("/")


def row(screen: Screen, place: int) -> Locator:
    return screen.part("Follow-ups").locator("li.action").filter(has_text=f"Number {place}")


def titles(screen: Screen) -> list[str]:
    return screen.part("Follow-ups").locator("li.action .title").all_inner_texts()


def stored(screen: Screen, **query: str) -> dict[str, Any]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    found = screen.call("GET", f"/relationship-actions?{asked}")["actions"]
    return {action["title"]: action for action in found}


def end_the_time_for_undoing(page: Page) -> None:
    """What is held is sent when the page goes."""
    page.goto("about:blank")


# --- What is shown


def test_follow_ups_stand_in_the_group_of_their_day(board: Screen) -> None:
    groups = board.part("Follow-ups").locator(".due-group")
    expect(groups).to_have_count(5)
    texts = [" ".join(text.split()) for text in groups.all_inner_texts()]
    assert [text.split(" Select")[0] for text in texts] == [
        "Overdue 1", "Today 1", "Next 7 days 1", "Later 2", "Without a date 1",
    ]  # fmt: skip
    assert titles(board) == [f"Number {place}" for place in range(6)]


def test_the_switch_and_the_filters_narrow_the_board_and_outlive_the_page(board: Screen, crm: Any) -> None:
    add_actions(crm, 1, title="Of somebody else", level="consultant", due_date=None)
    part = board.part("Follow-ups")
    part.get_by_role("button", name="My team’s").click()
    board.settle()
    expect(part.get_by_role("button", name="My team’s")).to_have_attribute("aria-pressed", "true")
    part.get_by_label("Type").select_option("gift")
    expect(part.locator("li.action")).to_have_count(1)
    board.open("/")
    expect(part.locator("li.action")).to_have_count(1)
    part.get_by_label("Type").select_option("email")
    expect(part.get_by_text("No follow-ups of this type.")).to_be_visible()
    part.get_by_role("button", name="Show all").click()
    expect(row(board, 0)).to_be_visible()
    part.get_by_role("button", name="Mine").click()
    expect(part.get_by_label("Assigned to")).to_have_count(0)


# --- Closing


def test_done_goes_on_to_the_next_row_and_can_be_undone(board: Screen) -> None:
    row(board, 0).get_by_role("button", name="Done").click()
    expect(row(board, 0)).to_have_count(0)
    expect(row(board, 1).get_by_role("button", name="Done")).to_be_focused()
    expect(board.said("“Number 0” is done.")).to_be_visible()
    board.page.keyboard.press("Control+z")
    expect(row(board, 0)).to_be_focused()
    end_the_time_for_undoing(board.page)
    board.open("/")
    assert "Number 0" in stored(board, status="pending")


def test_what_is_done_is_saved_when_the_page_goes(board: Screen) -> None:
    row(board, 3).get_by_role("button", name="Dismiss").click()
    end_the_time_for_undoing(board.page)
    board.open("/")
    assert stored(board, status="dismissed").keys() == {"Number 3"}


def test_many_are_closed_by_one_request(board: Screen, crm: Any) -> None:
    for place in (0, 2, 4):
        row(board, place).get_by_role("checkbox").check()
    bar = board.part("Follow-ups").get_by_role("group", name="All selected", exact=True)
    expect(bar.get_by_text("3 selected")).to_be_visible()
    bar.get_by_role("button", name="Done").click()
    expect(board.said("3 are done.")).to_be_visible()
    expect(bar).to_be_hidden()
    expect(row(board, 1)).to_be_focused()
    end_the_time_for_undoing(board.page)
    board.open("/")
    assert stored(board, status="done").keys() == {"Number 0", "Number 2", "Number 4"}
    (body,) = crm.faults.requests("PATCH", "/relationship-actions$")
    assert len(body["ids"]) == 3


def test_what_could_not_be_closed_comes_back_with_the_reason(board: Screen, crm: Any) -> None:
    crm.faults.answer("PATCH", "/relationship-actions/", problem(503, "database_unavailable"))
    row(board, 0).get_by_role("button", name="Done").click()
    row(board, 1).get_by_role("button", name="Done").click()
    expect(board.said("The database did not answer.")).to_be_visible()
    expect(row(board, 0)).to_be_visible()


def test_a_closed_one_is_opened_again(board: Screen) -> None:
    board.call("PATCH", f"/relationship-actions/{stored(board)['Number 1']['id']}", {"status": "done"})
    board.open("/")
    part = board.part("Follow-ups")
    part.get_by_text("Done and dismissed").click()
    part.get_by_role("button", name="Reopen Number 1").click()
    expect(row(board, 1)).to_be_focused()
    assert "Number 1" in stored(board, status="pending")


# --- Putting off, giving, editing


def test_one_is_put_off_and_brought_back(board: Screen) -> None:
    row(board, 0).get_by_role("button", name="More about").click()
    row(board, 0).get_by_role("button", name="A week").click()
    expect(row(board, 0)).to_contain_text("due in 7 days")
    due = (today() + timedelta(days=7)).isoformat()
    assert stored(board)["Number 0"]["due_date"] == due
    board.part("Follow-ups").get_by_role("button", name="Undo").click()
    expect(row(board, 0)).to_contain_text("1 day overdue")
    row(board, 0).get_by_text("History").click()
    expect(row(board, 0).get_by_role("list", name="History")).to_contain_text("snoozed")


def test_one_is_given_to_somebody_else(board: Screen) -> None:
    row(board, 0).get_by_role("button", name="More about").click()
    row(board, 0).get_by_label("Assign to").select_option(label="Callum Drummond")
    row(board, 0).get_by_role("button", name="Assign", exact=False).last.click()
    expect(row(board, 0)).to_have_count(0)
    assert stored(board)["Number 0"]["assigned_to_name"] == "Callum Drummond"


def test_many_are_put_off_together(board: Screen) -> None:
    row(board, 0).get_by_role("checkbox").check()
    board.part("Follow-ups").get_by_role("button", name="Select all shown").click()
    bar = board.part("Follow-ups").get_by_role("group", name="All selected", exact=True)
    bar.get_by_role("button", name="3 days").click()
    expect(board.said("6 follow-ups are snoozed.")).to_be_visible()
    due = (today() + timedelta(days=3)).isoformat()
    assert {action["due_date"] for action in stored(board).values()} == {due}
    board.part("Follow-ups").get_by_role("button", name="Undo").click()
    expect(row(board, 0)).to_contain_text("1 day overdue")
    assert stored(board)["Number 5"]["due_date"] is None


def test_one_is_edited_and_what_was_typed_outlives_an_error_and_the_page(board: Screen, crm: Any) -> None:
    crm.faults.answer("PATCH", "/contacts/", problem(503, "database_unavailable"))
    row(board, 3).get_by_role("button", name="More about").click()
    row(board, 3).get_by_role("button", name="Edit").click()
    form = board.part("Follow-ups").get_by_role("form", name="Number 3")
    form.get_by_label("What needs to be done?").fill("Number 3, more or less")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_have_text("The database did not answer.")
    crm.faults.clear()
    board.open("/")
    expect(form.get_by_label("What needs to be done?")).to_have_value("Number 3, more or less")
    form.get_by_role("button", name="Save").click()
    expect(row(board, 3).locator(".title")).to_have_text("Number 3, more or less")
    expect(form).to_have_count(0)
    assert "Number 3, more or less" in stored(board)


def test_a_draft_is_reviewed_and_sent_where_it_stands(board: Screen) -> None:
    row(board, 5).get_by_role("button", name="Review and send").click()
    message = row(board, 5).get_by_role("textbox", name="New message")
    expect(message).to_have_value("Hello there")
    expect(message).to_be_focused()
    row(board, 5).get_by_role("radio", name="SMS").check()
    row(board, 5).get_by_role("button", name="Send SMS").click()
    expect(board.said("Sent. “Number 5” is done.")).to_be_visible()
    expect(row(board, 5)).to_have_count(0)
    assert stored(board, status="done").keys() == {"Number 5"}


# --- By the keyboard alone


def test_a_morning_by_the_keyboard_alone(board: Screen) -> None:
    keyboard = board.page.keyboard
    for _ in range(40):
        keyboard.press("Tab")
        if board.page.evaluate("document.activeElement.localName") == "rel-actions":
            break
    keyboard.press("j")
    expect(row(board, 0)).to_be_focused()
    keyboard.press("d")
    expect(row(board, 1)).to_be_focused()
    keyboard.press("j")
    keyboard.press("x")
    expect(row(board, 3)).to_be_focused()
    keyboard.press("Control+z")
    expect(row(board, 2)).to_be_focused()
    keyboard.press("s")
    expect(row(board, 2).get_by_role("checkbox")).to_be_checked()
    keyboard.press("s")
    keyboard.press("ArrowUp")
    expect(row(board, 1)).to_be_focused()
    keyboard.press("m")
    expect(row(board, 1).get_by_role("button", name="Tomorrow")).to_be_focused()
    keyboard.press("Escape")
    expect(row(board, 1)).to_be_focused()
    keyboard.press("e")
    expect(board.part("Follow-ups").get_by_label("What needs to be done?")).to_be_focused()
    keyboard.press("End")
    keyboard.type(" dj")
    keyboard.press("Control+Enter")
    expect(row(board, 1)).to_contain_text("Number 1 dj")
    expect(row(board, 1).get_by_role("button", name="More about")).to_be_focused()
    keyboard.press("?")
    expect(board.part("Follow-ups").get_by_text("next follow-up")).to_be_visible()
    end_the_time_for_undoing(board.page)
    board.open("/")
    assert stored(board, status="done").keys() == {"Number 0"}
    assert stored(board, status="dismissed").keys() == set()


# --- Two at once, and many


def test_two_people_at_once_see_what_the_other_did(board: Screen, open_screen: OpenScreen) -> None:
    other = open_screen("/team/", level="head")
    action = stored(board)["Number 1"]
    row(board, 1).get_by_role("button", name="More about").click()
    row(board, 1).get_by_role("button", name="Edit").click()
    other.call("PATCH", f"/relationship-actions/{action['id']}", {"status": "done"})
    form = board.part("Follow-ups").get_by_role("form", name="Number 1")
    form.get_by_label("What needs to be done?").fill("Number 1 again")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("Another user")
    expect(form.get_by_label("What needs to be done?")).to_have_value("Number 1 again")
    row(other, 0).get_by_role("button", name="Done").click()
    row(board, 0).get_by_role("button", name="Done").click()
    end_the_time_for_undoing(other.page)
    end_the_time_for_undoing(board.page)
    board.open("/")
    assert stored(board, status="done").keys() == {"Number 0", "Number 1"}


def test_a_board_of_two_thousand_is_worked_on_page_by_page(crm: Any, open_screen: OpenScreen) -> None:
    """Never all rows at once. How long each interaction takes is printed by ``python -m tests.benchmarks.board``."""
    close_everything(crm)
    add_actions(crm, 2000)
    screen = open_screen("/")
    delays = work_on_a_large_board(screen)
    assert delays.count, "the browser has measured something"
    rows = screen.part("Follow-ups").locator("li.action")
    expect(rows.first).to_be_visible()
    assert rows.count() < 600
