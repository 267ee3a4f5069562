"""Life events, follow-ups and messages: what people do with them, and what happens when something goes wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from examples.crm.clock import today
from tests.browser.faults import problem
from tests.browser.screen import Screen

OpenScreen = Callable[..., Screen]


def in_days(days: int) -> str:
    day: date = today() + timedelta(days=days)
    return day.isoformat()


def pending(screen: Screen) -> list[str]:
    found = screen.call("GET", "/contacts/1/relationship-actions?status=pending")["actions"]
    return [action["title"] for action in found]


def messages(screen: Screen) -> Any:
    return screen.call("GET", "/contacts/1/messages")["messages"]


# --- Life events


def test_an_event_is_added_counted_down_and_followed_up(screen: Screen, page: Page) -> None:
    events = screen.part("Life events")
    events.get_by_role("button", name="Add event").click()
    events.get_by_label("Type").fill("Promotion")
    events.get_by_label("Date (optional)").fill(in_days(20))
    events.get_by_role("button", name="Add", exact=True).click()
    expect(events.get_by_text("in 20 days")).to_be_visible()
    expect(events.get_by_role("img")).to_have_attribute("aria-label", re.compile("Promotion"))
    expect(screen.said("Its follow-up is due on")).to_be_visible()
    expect(screen.titles("Follow-ups", "Congratulate Adaeze on the promotion")).to_have_count(2)
    expect(events.get_by_role("button", name="Add event")).to_be_focused()
    page.get_by_role("button", name="No follow-up").click()
    expect(screen.titles("Follow-ups", "Congratulate Adaeze on the promotion")).to_have_count(1)


def test_a_type_of_ones_own_and_a_day_that_is_over(screen: Screen) -> None:
    events = screen.part("Life events")
    events.get_by_role("button", name="Add event").click()
    events.get_by_label("Type").fill("Swam the Channel")
    events.get_by_label("Title").fill("Dover to Calais")
    expect(events.get_by_label("Create a follow-up")).to_be_checked()
    events.get_by_label("Date (optional)").fill(in_days(-30))
    expect(events.get_by_label("Create a follow-up")).not_to_be_checked()
    events.get_by_role("button", name="Add", exact=True).click()
    events.get_by_text("Past", exact=False).first.click()
    expect(events.get_by_text("Swam the Channel")).to_be_visible()
    assert "Dover to Calais" not in pending(screen)
    events.get_by_role("button", name="Add follow-up to Dover to Calais").click()
    follow_ups = screen.part("Follow-ups")
    expect(follow_ups.get_by_label("What needs to be done?")).to_have_value("Dover to Calais")
    follow_ups.get_by_label("How").fill("Call")
    follow_ups.get_by_role("button", name="Add", exact=True).click()
    expect(screen.titles("Follow-ups", "Dover to Calais")).to_be_visible()
    assert "Dover to Calais" in pending(screen)


def test_an_event_is_moved_and_its_follow_up_with_it(screen: Screen) -> None:
    events = screen.part("Life events")
    events.get_by_role("button", name="Edit Promoted to the executive committee").click()
    events.get_by_label("Date (optional)").fill(in_days(40))
    events.get_by_role("button", name="Save").click()
    expect(events.get_by_text("in 40 days")).to_be_visible()
    expect(events.get_by_role("button", name="Edit Promoted to the executive committee")).to_be_focused()
    due = screen.part("Follow-ups").locator(f"time[datetime='{in_days(33)}']")
    expect(due).to_have_count(1)


def test_deleting_asks_first_and_names_what_goes_with_it(open_screen: OpenScreen) -> None:
    screen = open_screen("/contacts/1")
    events = screen.part("Life events")
    events.get_by_role("button", name="Edit Became our client").click()
    events.get_by_role("button", name="Delete… Became our client").click()
    expect(events.get_by_text("Its open follow-up is dismissed too.")).to_be_visible()
    events.get_by_role("button", name="Delete", exact=True).click()
    expect(screen.titles("Life events", "Became our client")).to_have_count(0)
    expect(screen.titles("Follow-ups", "Congratulate Adaeze on the work anniversary")).to_have_count(0)


def test_whoever_may_not_delete_is_not_offered_it(open_screen: OpenScreen) -> None:
    screen = open_screen("/contacts/1", level="consultant")
    events = screen.part("Life events")
    events.get_by_role("button", name="Edit Birthday").click()
    expect(events.get_by_role("button", name="Save")).to_be_visible()
    expect(events.get_by_role("button", name="Delete…")).to_have_count(0)


# --- Follow-ups


def test_done_can_be_undone_and_nothing_was_sent(screen: Screen, page: Page, crm: Any) -> None:
    page.get_by_role("button", name="Done Send the book").click()
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    expect(screen.titles("Follow-ups", "Send the book that came up at dinner")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Done Send the book")).to_be_focused()
    page.get_by_role("button", name="Dismiss Send the book").click()
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Done Send the book")).to_be_visible()
    page.wait_for_timeout(300)
    assert crm.faults.requests("PATCH", "/relationship-actions/") == []


def test_done_is_sent_when_the_time_is_over(screen: Screen, page: Page) -> None:
    page.get_by_role("button", name="Done Send the book").click()
    screen.part("Messages").get_by_label("New message").focus()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0, timeout=10_000)
    screen.settle()
    assert "Send the book that came up at dinner" not in pending(screen)
    screen.part("Follow-ups").get_by_text("Done and dismissed").click()
    expect(screen.titles("Follow-ups", "Send the book that came up at dinner")).to_be_visible()


def test_done_is_sent_also_by_whoever_leaves_the_page_at_once(screen: Screen, page: Page) -> None:
    page.get_by_role("button", name="Done Send the book").click()
    screen.open("/tasks/")
    assert "Send the book that came up at dinner" not in pending(screen)


def test_done_that_is_refused_comes_back_with_the_reason(screen: Screen, page: Page, crm: Any) -> None:
    crm.faults.answer("PATCH", "/relationship-actions/", problem(403, "forbidden"))
    page.get_by_role("button", name="Done Send the book").click()
    screen.part("Messages").get_by_label("New message").focus()
    words = screen.said("You are not allowed to do this.")
    expect(words).to_be_visible(timeout=10_000)
    expect(page.get_by_role("button", name="Done Send the book")).to_be_visible()


# --- Messages


def test_a_draft_is_reviewed_sent_and_completes_its_follow_up(screen: Screen, page: Page) -> None:
    page.get_by_role("button", name="Review and send Ask how the launch went").click()
    thread = screen.part("Messages")
    body = thread.get_by_label("New message")
    expect(body).to_be_focused()
    expect(body).to_have_value("How did the launch go? I would love to hear about it.")
    expect(thread.get_by_label("WhatsApp", exact=True)).to_be_checked()
    expect(thread.get_by_text("Sending this completes “Ask how the launch went”.")).to_be_visible()
    thread.get_by_role("button", name="Send WhatsApp").click()
    expect(screen.said("“Ask how the launch went” is done.")).to_be_visible()
    expect(screen.titles("Follow-ups", "Ask how the launch went")).to_have_count(0)
    expect(body).to_have_value("")
    sent = messages(screen)[0]
    assert sent["body"].startswith("How did the launch go?")
    assert sent["auto_action_id"] is not None


def test_the_counter_says_what_the_api_counts(screen: Screen, page: Page) -> None:
    thread = screen.part("Messages")
    thread.get_by_label("SMS", exact=True).check(force=True)
    body = thread.get_by_label("New message")
    for text in ("Lunch?", "€" * 81, "a" * 161, "Lunch 🎉", "ü" * 80, "ż" * 71):
        body.fill(text)
        preview = screen.call("POST", "/contacts/1/messages/preview", {"channel": "sms", "body": text})["preview"]
        segments = f"{preview['segments']} segment{'s' if preview['segments'] != 1 else ''}"
        words = f"· {segments} · {preview['encoding']} · {preview['characters_left']} left"
        expect(thread.get_by_text(words)).to_be_visible()


def test_why_sending_is_not_possible_is_said_before_anything_is_written(open_screen: OpenScreen) -> None:
    screen = open_screen("/contacts/1")
    screen.call("PATCH", "/contacts/1/relationship", {"phone_number": None, "whatsapp_number": "+442079460999"})
    screen.open("/contacts/1")
    thread = screen.part("Messages")
    thread.get_by_label("SMS", exact=True).check(force=True)
    expect(thread.get_by_text("There is no number on record that this could be sent to.")).to_be_visible()
    expect(thread.get_by_role("button", name="Send SMS")).to_be_disabled()
    thread.get_by_label("WhatsApp", exact=True).check(force=True)
    expect(thread.get_by_role("button", name="Send WhatsApp")).to_be_enabled()
    assert screen.axe() == []


def test_sending_that_is_switched_off_leaves_the_thread_to_be_read(screen: Screen, page: Page, crm: Any) -> None:
    crm.faults.answer("POST", "/messages$", problem(503, "twilio_disabled", "Sending messages is switched off."))
    thread = screen.part("Messages")
    thread.get_by_label("New message").fill("Hello")
    thread.get_by_role("button", name="Send WhatsApp").click()
    expect(thread.get_by_role("alert").filter(has_text="Sending messages is switched off.")).to_be_visible()
    expect(thread.get_by_label("New message")).to_have_value("Hello")
    expect(thread.get_by_text("I would love to, please do!")).to_be_visible()


def test_a_failed_message_says_why_and_is_sent_again(screen: Screen) -> None:
    thread = screen.part("Messages")
    expect(thread.get_by_text("The number is not known to its network. (30005)")).to_be_visible()
    before = len(messages(screen))
    thread.get_by_role("button", name="Send again").click()
    expect(thread.get_by_text("Thinking of you this week. No need to answer.")).to_have_count(2)
    assert len(messages(screen)) == before + 1


def test_a_message_whose_answer_was_lost_is_not_sent_twice(screen: Screen, page: Page, crm: Any) -> None:
    thread = screen.part("Messages")
    before = len(messages(screen))
    crm.faults.lose_answer("POST", "/messages$")
    thread.get_by_label("New message").fill("Only once, please")
    thread.get_by_role("button", name="Send WhatsApp").click()
    expect(thread.get_by_role("alert").filter(has_text="The server is not available")).to_be_visible()
    crm.faults.clear()
    screen.open("/contacts/1")
    expect(thread.get_by_label("New message")).to_have_value("Only once, please")
    thread.get_by_role("button", name="Send WhatsApp").click()
    expect(screen.said("Sent.")).to_be_visible()
    assert len(messages(screen)) == before + 1


def test_the_same_words_twice_are_two_messages(screen: Screen, page: Page) -> None:
    thread = screen.part("Messages")
    before = len(messages(screen))
    for _ in range(2):
        thread.get_by_label("New message").fill("Ping")
        thread.get_by_role("button", name="Send WhatsApp").click()
        expect(thread.get_by_label("New message")).to_have_value("")
    assert len(messages(screen)) == before + 2


def test_the_next_message_need_not_wait_until_the_last_one_shows(screen: Screen, crm: Any) -> None:
    thread = screen.part("Messages")
    before = len(messages(screen))
    crm.faults.delay("GET", "/messages$", 1)
    for words in ("The first", "The second"):
        thread.get_by_label("New message").fill(words)
        thread.get_by_role("button", name="Send WhatsApp").click()
        expect(thread.get_by_label("New message")).to_have_value("")
    expect(thread.get_by_role("listitem").get_by_text("The second")).to_be_visible()
    assert len(messages(screen)) == before + 2


def test_what_is_written_while_a_message_is_on_its_way_stays(screen: Screen, page: Page, crm: Any) -> None:
    thread, written = screen.part("Messages"), screen.part("Messages").get_by_label("New message")
    crm.faults.delay("POST", "/messages$", 1)
    written.fill("See you on Friday.")
    written.press("Control+Enter")
    written.press_sequentially(" And bring")
    expect(thread.get_by_role("listitem").get_by_text("See you on Friday.", exact=True)).to_be_visible()
    expect(written).to_have_value("And bring")
    screen.open("/contacts/1")
    expect(written).to_have_value("And bring")


def test_a_template_of_the_list_is_filled_in_and_sent_by_its_id(screen: Screen, page: Page, crm: Any) -> None:
    page.evaluate(
        """() => document.querySelector("rel-contact-panel").setAttribute("templates", JSON.stringify(
        [{ sid: "HX" + "0".repeat(32), name: "Invitation", body: "Dear {{1}}, will you join us on {{2}}?" }]))"""
    )
    screen.settle()
    thread = screen.part("Messages")
    thread.get_by_text("Template", exact=True).first.click()
    thread.get_by_role("combobox", name="Template").select_option("Invitation")
    expect(thread.get_by_role("button", name="Send WhatsApp")).to_be_disabled()
    thread.get_by_label("Variable 1").fill("Ada")
    thread.get_by_label("Variable 2").fill("Friday")
    expect(thread.get_by_label("New message")).to_have_value("Dear Ada, will you join us on Friday?")
    thread.get_by_role("button", name="Send WhatsApp").click()
    expect(thread.get_by_label("New message")).to_have_value("")
    sent = crm.faults.requests("POST", "/messages$")[-1]
    assert sent["content_sid"] == "HX" + "0" * 32
    assert sent["content_variables"] == {"1": "Ada", "2": "Friday"}


def test_earlier_messages_are_fetched_when_they_are_asked_for(open_screen: OpenScreen) -> None:
    screen = open_screen("/contacts/1")
    for number in range(45):
        screen.call("POST", "/contacts/1/messages", {"channel": "sms", "body": f"Number {number}"})
    screen.open("/contacts/1")
    thread = screen.part("Messages")
    thread.get_by_role("list").scroll_into_view_if_needed()
    expect(thread.get_by_text("Number 44", exact=True)).to_be_in_viewport()
    expect(thread.get_by_text("Number 0", exact=True)).to_have_count(0)
    thread.get_by_role("button", name="Show earlier").click()
    expect(thread.get_by_text("Number 0", exact=True)).to_have_count(1)
