"""What impatient people, slow servers, other people and other people's style sheets do to the elements."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from examples.crm.clock import today
from tests.browser.faults import problem
from tests.browser.office import add_actions, close_everything
from tests.browser.screen import Screen

OpenScreen = Callable[..., Screen]

PROFILE = "/contacts/1/relationship"

ADOPT = """text => { const sheet = new CSSStyleSheet(); sheet.replaceSync(text);
    document.adoptedStyleSheets = [sheet]; }"""

HOSTILE = """* { all: unset; } section, button, input, textarea { display: none !important; }
    rel-contact-panel { width: 100%; } body, main { display: block; }"""


def row(screen: Screen, title: str) -> Locator:
    return screen.part("Follow-ups").locator("li.action").filter(has_text=title)


def interests(screen: Screen) -> Any:
    return screen.call("GET", PROFILE)["profile"]["interests"]


# --- The page's style sheet


def test_rules_for_all_that_there_is_do_not_reach_inside(open_screen: OpenScreen) -> None:
    screen = open_screen("/contacts/1")
    seen = """() => { const panel = document.querySelector("rel-contact-panel").shadowRoot;
        const look = (node) => { const style = getComputedStyle(node); return [style.display, style.color,
            style.lineHeight, style.textAlign, style.overflowWrap, style.containerType, style.backgroundColor]; };
        return [...panel.querySelectorAll(".column > *")].map(({ shadowRoot }) =>
            [".card", ".head", "button", "li, dd", ".body"].map((what) => look(shadowRoot.querySelector(what)))); }"""
    before = screen.page.evaluate(seen)
    screen.page.evaluate(ADOPT, HOSTILE)
    assert screen.page.evaluate(seen) == before
    profile, thread = screen.part("Relationship").bounding_box(), screen.part("Messages").bounding_box()
    assert profile is not None
    assert thread is not None
    assert thread["x"] > profile["x"] + profile["width"], "two columns still"
    screen.page.get_by_role("button", name="Edit the profile").click()
    expect(screen.page.get_by_label("Preferred name")).to_be_visible()


def test_what_is_chosen_is_seen_also_where_the_system_chooses_the_colours(open_screen: OpenScreen) -> None:
    screen = open_screen("/", forced_colors="active")
    board = screen.part("Follow-ups")
    expect(board.get_by_role("button", name="Mine")).to_have_css("border-top-width", "3px")
    expect(board.get_by_role("button", name="My team’s")).to_have_css("border-top-width", "1px")


def test_at_four_times_the_size_everything_can_be_reached(open_screen: OpenScreen) -> None:
    """1280 by 1024 pixels at 400 % are 320 by 256."""
    screen = open_screen("/", width=320, height=256)
    rows = screen.part("Follow-ups").locator("li.action")
    rows.nth(0).get_by_role("checkbox").check()
    bar = screen.part("Follow-ups").get_by_role("group", name="All selected", exact=True)
    expect(bar).to_have_css("position", "static")  # it would hide most of the window
    rows.nth(4).get_by_role("button", name="Done").click()
    expect(screen.page.get_by_role("button", name="Undo")).to_be_in_viewport()
    assert not screen.is_wider_than_the_window()


# --- Impatience


def test_pressing_twice_shows_nothing_twice(open_screen: OpenScreen, crm: Any) -> None:
    close_everything(crm)
    add_actions(crm, 70, contact_id=1)
    screen = open_screen("/contacts/1")
    crm.faults.delay("GET", "/contacts/1/relationship-actions", 0.5)
    part = screen.part("Follow-ups")
    part.get_by_role("button", name="Show more").dblclick()
    expect(part.locator("li.action")).to_have_count(70)
    expect(part.get_by_role("button", name="Show more")).to_have_count(0)


@pytest.mark.parametrize("by", ["pointer", "keyboard"])
def test_a_button_that_is_drawn_anew_while_it_is_pressed_is_pressed_still(screen: Screen, page: Page, by: str) -> None:
    page.get_by_role("link", name="Start").first.focus()  # which loses it to the press
    button = page.get_by_role("button", name="Edit the profile")
    if by == "pointer":
        button.hover()
        page.mouse.down()
    else:
        button.focus()
        page.keyboard.down("Space")
    screen.call("PATCH", PROFILE, {"dietary_requirements": "No nuts"})
    page.locator("rel-timeline").evaluate("node => node.publish('profile')")
    screen.settle()
    page.mouse.up() if by == "pointer" else page.keyboard.up("Space")
    expect(page.get_by_label("Preferred name")).to_be_focused()
    page.get_by_role("button", name="Cancel").click()
    expect(screen.part("Relationship").get_by_text("No nuts")).to_be_visible()


def test_what_came_while_the_pointer_was_down_shows_once_it_is_up(screen: Screen, page: Page) -> None:
    screen.part("Relationship").get_by_role("heading").hover()
    page.mouse.down()
    screen.call("PATCH", PROFILE, {"dietary_requirements": "No nuts"})
    page.locator("rel-timeline").evaluate("node => node.publish('profile')")
    page.mouse.move(1, 1)
    page.mouse.up()
    expect(screen.part("Relationship").get_by_text("No nuts")).to_be_visible()


@pytest.mark.parametrize(
    ("tag", "words"), [("profile", "Private notes"), ("timeline", "Past"), ("contact-actions", "Done and dismissed")]
)
def test_what_is_drawn_right_after_it_was_opened_stays_open(screen: Screen, page: Page, tag: str, words: str) -> None:
    element = page.locator(f"rel-{tag}")
    folded = element.locator("details").filter(has_text=words)
    for opened in (True, False):
        element.evaluate(
            """(node, words) => {
                [...node.shadowRoot.querySelectorAll("summary")].find((one) => one.textContent.includes(words)).click();
                node.requestRender();
            }""",
            words,
        )
        screen.settle()
        expect(folded).to_have_js_property("open", opened)


def test_a_button_that_is_at_work_does_not_begin_again(open_screen: OpenScreen, crm: Any) -> None:
    screen = open_screen("/")
    crm.faults.delay("POST", "/snooze", 0.5)
    first = screen.part("Follow-ups").locator("li.action").first
    first.get_by_role("button", name="More about").click()
    first.get_by_role("button", name="A week").dblclick()
    expect(screen.said("is snoozed.")).to_be_visible()
    assert len(crm.faults.requests("POST", "/snooze")) == 1


def test_two_interests_in_quick_succession_are_both_kept(screen: Screen, page: Page, crm: Any) -> None:
    waits = iter([1.0])
    crm.faults.answer("PATCH", "/relationship", lambda: wait(next(waits, 0.0)))
    field = page.get_by_label("Add an interest")
    with page.expect_response(lambda response: "wine" in (response.request.post_data or "")):
        field.press_sequentially("sailing,wine,")
    assert interests(screen)[-2:] == ["sailing", "wine"]


def wait(seconds: float) -> None:
    import time

    time.sleep(seconds)


# --- Nothing typed is lost


def test_an_interest_that_is_being_typed_outlives_errors_drawing_and_the_page(
    screen: Screen, page: Page, crm: Any
) -> None:
    field = page.get_by_label("Add an interest")
    crm.faults.answer("PATCH", "/relationship", problem(503, "database_unavailable"))
    field.fill("sailing")
    field.press("Enter")
    expect(screen.said("The database did not answer.")).to_be_visible()
    expect(field).to_have_value("sailing")
    crm.faults.clear()
    screen.open("/contacts/1")
    expect(field).to_have_value("sailing")
    with page.expect_response(lambda response: response.request.method == "PATCH"):
        field.press("Enter")
    expect(page.get_by_role("button", name="Remove sailing")).to_be_visible()
    expect(field).to_have_value("")
    screen.open("/contacts/1")
    expect(page.get_by_role("button", name="Remove sailing")).to_be_visible()
    expect(field).to_have_value("")


def test_escape_for_the_keyboard_s_own_suggestions_leaves_the_form_open(screen: Screen, page: Page) -> None:
    page.get_by_role("button", name="Edit the profile").click()
    page.get_by_label("Preferred name").fill("あだ")
    page.get_by_label("Preferred name").evaluate(
        """node => node.dispatchEvent(new KeyboardEvent("keydown",
        { key: "Escape", isComposing: true, bubbles: true, composed: true, cancelable: true }))"""
    )
    expect(page.get_by_label("Preferred name")).to_have_value("あだ")


def test_private_notes_stay_open_when_something_else_is_drawn(screen: Screen, page: Page) -> None:
    part = screen.part("Relationship")
    part.get_by_text("Private notes").click()
    page.get_by_label("Add an interest").fill("sailing")
    page.get_by_label("Add an interest").press("Enter")
    expect(page.get_by_role("button", name="Remove sailing")).to_be_visible()
    expect(part.locator("details.private")).to_have_attribute("open", "")


def test_whoever_writes_for_a_follow_up_that_another_closes_is_told_the_truth(
    crm: Any, open_screen: OpenScreen
) -> None:
    close_everything(crm)
    add_actions(crm, 1, title="The first", due_date=today(), contact_id=1, message_body="Hello there")
    add_actions(crm, 1, title="The second", due_date=today() + timedelta(days=1), contact_id=2)
    mine, other = open_screen("/"), open_screen("/team/", level="head")
    row(mine, "The first").get_by_role("button", name="Review and send").click()
    message = row(mine, "The first").get_by_role("textbox", name="New message")
    expect(message).to_have_value("Hello there")
    message.fill("Hello there, and more")
    action = next(one for one in other.call("GET", "/relationship-actions")["actions"] if one["title"] == "The first")
    other.call("PATCH", f"/relationship-actions/{action['id']}", {"status": "done"})
    row(mine, "The second").get_by_role("button", name="More about").click()
    row(mine, "The second").get_by_role("button", name="Edit").click()
    mine.part("Follow-ups").get_by_label("Due (optional)").fill(today().isoformat())
    mine.page.keyboard.press("Control+Enter")
    expect(mine.said("Another user has just closed this follow-up.")).to_be_visible()
    expect(row(mine, "The first")).to_have_count(0)
    mine.open("/contacts/1")
    expect(mine.part("Messages").get_by_label("New message")).to_have_value("Hello there, and more")


def test_going_back_shows_what_was_done_before(open_screen: OpenScreen, crm: Any) -> None:
    close_everything(crm)
    add_actions(crm, 1, title="The first", due_date=today(), contact_id=1)
    add_actions(crm, 1, title="The second", due_date=today(), contact_id=1)
    screen = open_screen("/")
    row(screen, "The first").get_by_role("button", name="Done").click()
    row(screen, "The second").get_by_role("link").click()
    expect(screen.part("Relationship")).to_be_visible()
    screen.page.go_back()
    expect(row(screen, "The second")).to_be_visible()
    expect(row(screen, "The first")).to_have_count(0)
    screen.page.go_forward()
    expect(screen.titles("Follow-ups", "The second")).to_be_visible()


# --- What a server does not answer


def test_earlier_consent_that_cannot_be_had_is_said_and_asked_for_again(screen: Screen, page: Page, crm: Any) -> None:
    for number in range(26):
        screen.call("PATCH", PROFILE, {"twilio_opt_in": number % 2 == 1, "opt_in_source": f"Letter {number}"})
    screen.open("/contacts/1")
    page.get_by_role("button", name="Opted in").click()
    expect(page.get_by_text("Letter 25")).to_be_visible()
    crm.faults.answer("GET", "/consent", problem(429, "too_many_requests", headers={"Retry-After": "9"}))
    page.get_by_role("button", name="Show earlier").first.click()
    expect(screen.said("Try again in 9 seconds.")).to_be_visible()
    crm.faults.clear()
    page.get_by_role("button", name="Show earlier").first.click()
    expect(page.get_by_text("Letter 0", exact=False).first).to_be_visible()


def test_a_session_that_ends_while_something_is_held_is_told_and_nothing_is_lost(
    screen: Screen, page: Page, crm: Any
) -> None:
    crm.faults.answer("PATCH", "/relationship-actions/", ("", 302, {"Location": "/login"}))
    page.get_by_role("button", name="Done Send the book").click()
    screen.part("Messages").get_by_label("New message").fill("Are you well?")
    expect(screen.said("Your session has ended.")).to_be_visible(timeout=10_000)
    expect(page.get_by_role("button", name="Done Send the book")).to_be_visible()
    expect(screen.part("Messages").get_by_label("New message")).to_have_value("Are you well?")
