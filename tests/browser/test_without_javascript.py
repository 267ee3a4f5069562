"""Every view without JavaScript: a few lines of text from the server, in the place of the element."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.screen import Screen

OpenScreen = Callable[..., Screen]

VIEWS = {
    "rel-contact-panel": ("/relationships/contacts/1", "agreed to messages"),
    "rel-actions": ("/relationships/", " · "),
    "rel-summary": ("/relationships/clients/1", "contacts"),
    "rel-partners": ("/relationships/clients/1", " · "),
}


def rest_in(element: Locator) -> Locator:
    """By its tag: Playwright looks for no text inside of a noscript."""
    return element.locator("noscript p")


@pytest.mark.parametrize("tag", VIEWS)
def test_a_view_shows_its_lines_and_says_what_the_rest_needs(open_screen: OpenScreen, tag: str) -> None:
    path, words = VIEWS[tag]
    screen = open_screen(path, java_script_enabled=False)
    element = screen.page.locator(tag)
    expect(element).to_contain_text(words)
    expect(rest_in(element)).to_be_visible()


def test_the_demo_shows_them_in_its_own_pages(open_screen: OpenScreen) -> None:
    screen = open_screen("/contacts/1", java_script_enabled=False)
    expect(rest_in(screen.page.locator("rel-contact-panel"))).to_be_visible()


def test_the_api_page_says_where_the_document_is(open_screen: OpenScreen) -> None:
    screen = open_screen("/relationships/api", java_script_enabled=False)
    expect(screen.page.get_by_role("link", name="/api/relationships/openapi.json")).to_be_visible()
