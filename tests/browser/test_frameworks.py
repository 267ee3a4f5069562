"""What React, Vue and htmx do to the elements, without them: attributes as properties, late, changed, and moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.screen import Screen

OpenScreen = Callable[..., Screen]

GIVE = """([tag, attributes]) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  document.querySelector("main").replaceChildren(node);
}"""
"""React 19 and Vue 3 set what a node has by the name as a property, and all else as an attribute."""

SET = "(node, [name, value]) => value === null ? node.removeAttribute(name) : node.setAttribute(name, value)"


@pytest.fixture
def screen(open_screen: OpenScreen) -> Screen:
    screen = open_screen("/contacts/1")
    screen.page.evaluate("document.querySelector('main').replaceChildren()")
    return screen


def give(screen: Screen, tag: str, **attributes: str) -> Locator:
    """An element of the page, as a framework makes one."""
    screen.page.evaluate(GIVE, [tag, {name.replace("_", "-"): value for name, value in attributes.items()}])
    screen.settle()
    return screen.page.locator(tag)


@pytest.mark.parametrize(
    ("tag", "attributes", "heading"),
    [
        ("rel-contact-panel", {"contact_id": "1", "name": "Ada", "title": "Ada"}, "Relationship"),
        ("rel-profile", {"contact_id": "1", "name": "Ada", "title": "Ada"}, "Relationship"),
        ("rel-actions", {"scope": "users", "people": '[{"id": 1, "name": "Kim"}]', "title": "All"}, "Follow-ups"),
        ("rel-partners", {"company_id": "1", "name": "Mill & Co", "contacts": "[]", "currency": "GBP"}, "Partners"),
        ("rel-summary", {"company_id": "1", "name": "Mill & Co", "without": "events"}, "Summary"),
    ],
)
def test_no_attribute_is_taken_for_a_property_of_another_meaning(
    screen: Screen, tag: str, attributes: dict[str, str], heading: str
) -> None:
    element = give(screen, tag, **attributes)
    for name, value in attributes.items():
        expect(element).to_have_attribute(name.replace("_", "-"), value)
    expect(screen.page.get_by_role("region", name=heading).first).to_have_attribute("aria-busy", "false")


@pytest.mark.parametrize(("tag", "whose"), [("rel-contact-panel", "contact-id"), ("rel-summary", "company-id")])
def test_an_element_waits_until_it_is_told_whose_it_is(screen: Screen, crm: Any, tag: str, whose: str) -> None:
    crm.faults.seen.clear()
    element = give(screen, tag)
    sections = element.locator("section")
    expect(sections.first).to_have_attribute("aria-busy", "true")
    assert crm.faults.requests("GET", "/api/relationships") == []
    element.evaluate(SET, [whose, "1"])
    expect(sections.first).to_have_attribute("aria-busy", "false")
    element.evaluate(SET, [whose, None])
    expect(sections.first).to_have_attribute("aria-busy", "true")
    expect(element.get_by_role("alert")).to_have_count(0)


def test_another_contact_in_the_same_element_is_shown_and_heard_of(screen: Screen) -> None:
    element = give(screen, "rel-contact-panel", contact_id="1")
    screen.page.evaluate(
        "addEventListener('rel-change', ({ detail }) => { document.title = `${detail.kind} of ${detail.contact}`; })"
    )
    element.evaluate(SET, ["contact-id", "2"])
    screen.page.get_by_role("button", name="Edit the profile").click()
    screen.page.get_by_label("Preferred name").fill("Kit")
    screen.page.get_by_role("button", name="Save").click()
    expect(screen.page).to_have_title("profile of 2")
    assert screen.call("GET", "/contacts/2/relationship")["profile"]["preferred_name"] == "Kit"


def test_a_change_in_place_is_told_as_those_of_forms_are(screen: Screen) -> None:
    give(screen, "rel-profile", contact_id="1")
    screen.page.evaluate("addEventListener('rel-change', ({ detail }) => { document.title = detail.kind; })")
    field = screen.page.get_by_label("Add an interest")
    field.fill("sailing")
    field.press("Enter")
    expect(screen.page).to_have_title("profile")


def test_an_element_that_is_moved_stays_what_it_was(screen: Screen) -> None:
    element = give(screen, "rel-contact-panel", contact_id="1")
    screen.page.get_by_role("button", name="Edit the profile").click()
    screen.page.get_by_label("Preferred name").fill("Kit")
    element.evaluate("node => { const place = document.createElement('div'); node.before(place); place.append(node); }")
    screen.settle()
    expect(screen.page.get_by_label("Preferred name")).to_have_value("Kit")
    screen.page.get_by_role("button", name="Save").click()
    expect(screen.part("Relationship").get_by_text("Kit", exact=True)).to_be_visible()
    assert screen.page.evaluate("document.querySelectorAll('rel-contact-panel').length") == 1


def test_a_follow_up_that_was_closed_is_closed_when_its_element_is_taken_away(screen: Screen, crm: Any) -> None:
    give(screen, "rel-contact-actions", contact_id="1")
    count = screen.part("Follow-ups").get_by_role("button", name="Done").count()
    screen.page.get_by_role("button", name="Done").first.click()
    give(screen, "rel-contact-actions", contact_id="1")
    assert len(crm.faults.requests("PATCH", "/relationship-actions/")) == 1
    expect(screen.part("Follow-ups").get_by_role("button", name="Done")).to_have_count(count - 1)


def test_an_element_that_is_taken_away_and_put_back_shows_what_changed_meanwhile(screen: Screen) -> None:
    element = give(screen, "rel-profile", contact_id="1")
    screen.page.evaluate("window.taken = document.querySelector('rel-profile'); taken.remove()")
    screen.call("PATCH", "/contacts/1/relationship", {"preferred_name": "Kitty"})
    screen.page.evaluate("document.querySelector('main').append(window.taken)")
    expect(element.get_by_text("Kitty", exact=True)).to_be_visible()
