"""Editing a profile and recording consent, by keyboard and by mouse, and what errors do to what was typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.faults import problem
from tests.browser.screen import Screen
from tests.ui.catalogues import write_catalogue

OpenScreen = Callable[..., Screen]

PROFILE = "/contacts/1/relationship"


def profile(screen: Screen) -> Any:
    return screen.call("GET", PROFILE)["profile"]


def focused(page: Page) -> str:
    """The name of what has the focus, through every shadow root."""
    found = str(
        page.evaluate(
            """() => { let at = document.activeElement;
            while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
            return at?.getAttribute("aria-label") || at?.name || at?.innerText || at?.localName; }"""
        )
    )
    return " ".join(found.split())


def tab_to(page: Page, name: str) -> None:
    for _ in range(60):
        if focused(page) == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no {name} to be reached by the keyboard")


def test_the_profile_is_edited_by_the_keyboard_alone(screen: Screen, page: Page) -> None:
    tab_to(page, "Edit the profile")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Preferred name")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("Addie")
    page.keyboard.press("Control+Enter")
    expect(screen.part("Relationship").get_by_text("Addie")).to_be_visible()
    expect(page.get_by_role("button", name="Edit the profile")).to_be_focused()
    assert profile(screen)["preferred_name"] == "Addie"


def test_only_what_was_changed_is_sent(screen: Screen, page: Page, crm: Any) -> None:
    page.get_by_role("button", name="Edit the profile").click()
    screen.call("PATCH", PROFILE, {"dietary_requirements": "Vegan since last week"})
    page.get_by_label("Preferred name").fill("Addie")
    page.get_by_role("button", name="Save").click()
    expect(screen.part("Relationship").get_by_text("Vegan since last week")).to_be_visible()
    assert crm.faults.requests("PATCH", PROFILE)[-1] == {"preferred_name": "Addie"}


def test_escape_gives_up_and_puts_the_focus_back(screen: Screen, page: Page) -> None:
    page.get_by_role("button", name="Edit the profile").click()
    page.get_by_label("Preferred name").fill("Nobody")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Edit the profile")).to_be_focused()
    screen.open("/contacts/1")
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    assert profile(screen)["preferred_name"] == "Ada"


def test_what_cannot_be_accepted_is_said_beside_its_field(screen: Screen, page: Page) -> None:
    page.get_by_role("button", name="Edit the profile").click()
    page.get_by_label("Birthday", exact=True).fill("02-31")
    page.get_by_label("Assistant’s e-mail").fill("nowhere")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("There is no such date.")).to_be_visible()
    expect(page.get_by_text("This does not look like an e-mail address.")).to_be_visible()
    birthday = page.get_by_label("Birthday", exact=True)
    expect(birthday).to_be_focused()
    expect(birthday).to_have_value("02-31")
    expect(birthday).to_have_accessible_description("12-05 for 5 December, or 1984-12-05 There is no such date.")
    assert screen.axe() == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (problem(403, "forbidden", "You may not do this."), "You are not allowed to do this."),
        (problem(429, "too_many_requests", headers={"Retry-After": "17"}), "Try again in 17 seconds."),
        (problem(503, "database_unavailable"), "The database did not answer."),
        (("<h1>Log in</h1>", 200), "Your session has ended."),
        (("", 302, {"Location": "https://login.example/"}), "Your session has ended."),
        (problem(401, "not_authenticated"), "Your session has ended."),
        (("<h1>nginx</h1>", 504), "The server is not available at the moment."),
        (problem(500, "internal_error", "Something went wrong here; it has been logged."), "it has been logged"),
    ],
)
def test_no_error_loses_what_was_typed(screen: Screen, page: Page, crm: Any, answer: Any, words: str) -> None:
    page.get_by_role("button", name="Edit the profile").click()
    page.get_by_label("Preferred name").fill("Addie")
    crm.faults.answer("PATCH", "/relationship", answer)
    page.get_by_role("button", name="Save").click()
    expect(screen.part("Relationship").get_by_role("alert").filter(has_text=words)).to_be_visible()
    expect(page.get_by_label("Preferred name")).to_have_value("Addie")
    crm.faults.clear()
    page.get_by_role("button", name="Save").click()
    expect(screen.part("Relationship").get_by_text("Addie")).to_be_visible()


def test_nothing_is_typed_into_a_form_that_is_being_saved(screen: Screen, page: Page, crm: Any) -> None:
    """It would be gone with the form."""
    crm.faults.delay("PATCH", "/relationship", 1)
    crm.faults.answer("PATCH", "/relationship", problem(503, "database_unavailable"))
    page.get_by_role("button", name="Edit the profile").click()
    name = page.get_by_label("Preferred name")
    name.fill("Addie")
    name.press("Control+Enter")
    expect(name).not_to_be_editable()
    expect(screen.part("Relationship").get_by_role("alert").filter(has_text="did not answer")).to_be_visible()
    expect(name).to_be_editable()
    expect(name).to_have_value("Addie")


def test_a_navigation_does_not_lose_what_was_typed(screen: Screen, page: Page) -> None:
    page.get_by_role("button", name="Edit the profile").click()
    page.get_by_label("Preferred name").fill("Addie")
    screen.open("/tasks/")
    screen.open("/contacts/1")
    expect(page.get_by_label("Preferred name")).to_have_value("Addie")
    expect(page.get_by_text("Not saved yet: this is what you typed last time.")).to_be_visible()
    screen.open("/contacts/2")
    expect(page.get_by_role("button", name="Save")).to_have_count(0)


def test_whoever_logs_in_next_at_the_same_tab_is_not_shown_it(screen: Screen, page: Page) -> None:
    page.get_by_role("button", name="Edit the profile").click()
    page.get_by_label("Private notes").fill("Only for my eyes")
    page.get_by_role("button", name="Log out").click()
    screen.log_in("executive")
    screen.open("/contacts/1")
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    expect(page.get_by_text("Only for my eyes")).to_have_count(0)


def test_a_page_that_was_open_for_long_gets_a_new_token_by_itself(
    open_screen: OpenScreen, make_crm: Callable[..., Any]
) -> None:
    crm = make_crm(WTF_CSRF_TIME_LIMIT=1)
    screen = open_screen("/contacts/1", on=crm)
    page = screen.page
    page.get_by_role("button", name="Edit the profile").click()
    page.get_by_label("Preferred name").fill("Addie")
    page.wait_for_timeout(2100)
    page.get_by_role("button", name="Save").click()
    expect(screen.part("Relationship").get_by_text("Addie")).to_be_visible()
    assert crm.faults.requests("GET", "/relationships/token")


def test_interests_are_added_and_taken_out_where_they_stand(screen: Screen, page: Page) -> None:
    field = page.get_by_label("Add an interest")
    field.fill("sailing")
    field.press("Enter")
    expect(page.get_by_role("button", name="Remove sailing")).to_be_visible()
    expect(field).to_be_focused()
    field.press_sequentially("wine,")
    expect(page.get_by_role("button", name="Remove wine")).to_be_visible()
    field.press("Backspace")
    expect(page.get_by_role("button", name="Remove wine")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove wine")).to_have_count(0)
    expect(field).to_be_focused()
    screen.settle()
    assert profile(screen)["interests"] == ["bird-watching", "crime novels", "cricket", "sailing"]


def test_an_interest_that_could_not_be_saved_is_taken_back_and_said(screen: Screen, page: Page, crm: Any) -> None:
    crm.faults.answer("PATCH", "/relationship", problem(503, "database_unavailable"))
    page.get_by_label("Add an interest").fill("sailing")
    page.keyboard.press("Enter")
    expect(screen.said("The database did not answer.")).to_be_visible()
    expect(page.get_by_role("button", name="Remove sailing")).to_have_count(0)


def test_consent_is_recorded_with_its_source_and_evidence_and_opens_the_thread(open_screen: OpenScreen) -> None:
    screen = open_screen("/contacts/1")
    screen.call("PATCH", PROFILE, {"twilio_opt_in": False, "opt_in_source": "a letter"})
    screen.open("/contacts/1")
    page = screen.page
    expect(screen.part("Messages")).to_contain_text("They have not agreed to receive messages.")
    expect(screen.part("Messages").get_by_label("New message")).to_have_count(0)
    screen.part("Messages").get_by_role("button", name="Record a consent").click()
    how = page.get_by_label("How did they agree?")
    expect(how).to_be_focused()
    how.fill("On the phone")
    page.get_by_label("Evidence (optional)").fill("Call of 23 November, 10:04")
    page.get_by_role("button", name="Record the consent").click()
    expect(page.get_by_role("button", name="Opted in", exact=False)).to_be_visible()
    history = page.get_by_role("list", name="Consent history, newest first")
    expect(history.get_by_role("listitem").first).to_contain_text("Agreed to messages")
    expect(history.get_by_role("listitem").first).to_contain_text("On the phone")
    expect(history.get_by_role("listitem").first).to_contain_text("Call of 23 November, 10:04")
    expect(history.get_by_role("listitem").nth(1)).to_contain_text("a letter")
    expect(screen.part("Messages").get_by_label("New message")).to_be_visible()
    assert profile(screen)["twilio_opt_in"] is True


def test_two_people_who_edit_at_once_both_keep_their_fields(open_screen: OpenScreen) -> None:
    one, other = open_screen("/contacts/1"), open_screen("/contacts/1", level="executive")
    for screen in (one, other):
        screen.page.get_by_role("button", name="Edit the profile").click()
    one.page.get_by_label("Dietary requirements").fill("Vegan")
    other.page.get_by_label("Preferred name").fill("Addie")
    for screen in (one, other):
        screen.page.get_by_role("button", name="Save").click()
        expect(screen.page.get_by_role("button", name="Save")).to_have_count(0)
    expect(other.part("Relationship").get_by_text("Vegan")).to_be_visible()
    assert profile(one)["preferred_name"] == "Addie"


def test_it_speaks_german(open_screen: OpenScreen) -> None:
    screen = open_screen("/contacts/1")
    screen.call("PATCH", PROFILE, {"birthday": "1958-12-06"})
    screen.page.evaluate("sessionStorage.clear()")
    screen.page.route(
        "**/contacts/1",
        lambda route: route.fulfill(
            response=route.fetch(), body=route.fetch().text().replace('lang="en-GB"', 'lang="de"')
        ),
    )
    screen.open("/contacts/1")
    expect(screen.part("Beziehung").get_by_text("6. Dezember 1958")).to_be_visible()
    expect(screen.part("Aufgaben").get_by_text("2 Tage überfällig")).to_be_visible()
    assert screen.axe() == []


def test_english_texts_of_the_application_are_shown(
    make_crm: Callable[..., Any], open_screen: OpenScreen, tmp_path: Path
) -> None:
    write_catalogue(tmp_path / "own", "en", {"Follow-ups": "Tasks", "Life events": "Milestones"})
    crm = make_crm(RELATIONSHIPS_TRANSLATIONS=str(tmp_path / "own"))
    screen = open_screen("/contacts/1", on=crm)
    expect(screen.part("Tasks")).to_be_visible()
    expect(screen.part("Milestones")).to_be_visible()
    expect(screen.part("Messages")).to_be_visible()


def test_without_javascript_there_is_a_summary(open_screen: OpenScreen) -> None:
    screen = open_screen("/contacts/1", java_script_enabled=False)
    text = screen.page.locator("rel-contact-panel").inner_text()
    assert "Has agreed to messages" in text
    assert "Next: Birthday" in text
    assert "5 follow-ups are open" in text
    assert "needs JavaScript" in text


def test_a_hostile_style_sheet_does_not_leak_in_and_the_documented_properties_do(open_screen: OpenScreen) -> None:
    screen = open_screen("/contacts/1")
    page = screen.page

    def seen() -> Any:
        return page.evaluate(
            """() => { const panel = document.querySelector("rel-contact-panel").shadowRoot;
            const style = (what) => getComputedStyle(panel.querySelector("rel-profile").shadowRoot.querySelector(what));
            const { textTransform, float } = style("button");
            return [textTransform, float, style("dl").backgroundColor, style(".card").borderTopColor]; }"""
        )

    before = seen()
    sheet = """button { text-transform: uppercase; float: left } dl, li, section { background: yellow !important }
        :root { --rel-line: rgb(1, 2, 3) } rel-contact-panel::part(profile) { border-top-color: rgb(4, 5, 6) }"""
    page.evaluate(
        """text => { const sheet = new CSSStyleSheet(); sheet.replaceSync(text);
        document.adoptedStyleSheets = [sheet]; }""",
        sheet,
    )
    after = seen()
    assert after[:3] == before[:3]
    assert after[3] == "rgb(4, 5, 6)"
    other = page.evaluate(
        """() => getComputedStyle(document.querySelector("rel-contact-panel").shadowRoot.querySelector("rel-timeline")
        .shadowRoot.querySelector(".card")).borderTopColor"""
    )
    assert other == "rgb(1, 2, 3)"
