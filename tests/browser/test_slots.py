"""What pages put into the elements: their own buttons, lines above and below, and words for what is empty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.browser.office import close_everything
from tests.browser.screen import Screen

OpenScreen = Callable[..., Screen]

ADD = """([tag, slot, words]) => {
  const node = document.createElement("button");
  node.slot = slot;
  node.textContent = words;
  node.addEventListener("click", () => { document.title = words; });
  document.querySelector(tag).append(node);
}"""


def add(screen: Screen, tag: str, slot: str, words: str) -> None:
    screen.page.evaluate(ADD, [tag, slot, words])


def test_a_page_puts_its_own_into_an_element_which_keeps_it_when_it_is_drawn_again(open_screen: OpenScreen) -> None:
    screen = open_screen("/")
    for slot in ("header", "actions", "footer"):
        add(screen, "rel-actions", slot, f"Our {slot}")
    board = screen.part("Follow-ups")
    board.get_by_role("button", name="My team’s").click()
    expect(board.get_by_label("Assigned to")).to_be_visible()
    for slot in ("header", "actions", "footer"):
        board.locator(f"slot[name={slot}]").wait_for(state="attached")
        # By the keyboard: rows that come into view would move it from under the pointer.
        screen.page.get_by_role("button", name=f"Our {slot}").press("Enter")
        expect(screen.page).to_have_title(f"Our {slot}")
    header, actions, footer = screen.page.evaluate(
        """() => [...document.querySelectorAll("rel-actions > button")]
        .map((node) => node.getBoundingClientRect().top)"""
    )
    assert actions < header < footer
    assert screen.axe() == []


def test_a_part_of_the_panel_has_slots_of_its_own(open_screen: OpenScreen) -> None:
    screen = open_screen("/contacts/1")
    for part in ("profile", "timeline", "contact-actions", "thread"):
        add(screen, "rel-contact-panel", f"{part}-footer", f"Below the {part}")
        button = screen.page.get_by_role("button", name=f"Below the {part}")
        expect(button).to_be_visible()
        found = button.evaluate("node => node.assignedSlot.assignedSlot.getRootNode().host.localName")
        assert found == f"rel-{part}"
    screen.page.evaluate("document.querySelector('[slot=profile-footer]').remove()")
    expect(screen.part("Relationship").locator("slot[name=footer]")).to_have_count(1)
    expect(screen.page.locator("rel-profile > slot")).to_have_count(0)


def test_an_empty_board_says_what_the_page_has_it_say(open_screen: OpenScreen, crm: Any) -> None:
    close_everything(crm)
    screen = open_screen("/")
    expect(screen.page.get_by_role("link", name="Whom have you not spoken to of late?")).to_be_visible()
    usual = screen.part("Follow-ups").locator("p.empty").filter(has_text="You have no open follow-ups.")
    expect(usual).to_be_hidden()
    screen.page.evaluate("document.querySelector('rel-actions > [slot=empty]').remove()")
    expect(usual).to_be_visible()


def test_what_stands_in_a_tag_for_want_of_scripts_is_not_shown_beside_it(open_screen: OpenScreen) -> None:
    for path, tag in {"/": "rel-actions", "/contacts/1": "rel-contact-panel", "/companies/1": "rel-summary"}.items():
        screen = open_screen(path)
        line = screen.page.locator(f"{tag} > p:not([slot])").first
        expect(line).to_be_attached()
        expect(line).not_to_be_visible()
