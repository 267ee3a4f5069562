"""How long a browser takes from what a person does to the next frame: what Interaction to Next Paint is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.browser.screen import Screen

WATCH = """() => {
  window.delays = [];
  const keep = (entry) => entry.interactionId && window.delays.push(Math.round(entry.duration));
  new PerformanceObserver((list) => list.getEntries().forEach(keep)).observe({ type: "event", durationThreshold: 16 });
}"""

PAUSE = 150
"""Milliseconds after each, in which its frames are drawn."""


class Delays:
    """The longest delay of each kind of interaction, in milliseconds in steps of 8, as browsers measure them."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.longest: dict[str, int] = {}
        self.count = 0
        screen.page.evaluate(WATCH)

    def do(self, name: str, interact: Callable[[], Any]) -> None:
        interact()
        self.screen.page.wait_for_timeout(PAUSE)
        delays = self.screen.page.evaluate("window.delays.splice(0)")
        self.count += len(delays)
        self.longest[name] = max([self.longest.get(name, 0), *delays])


def work_on_a_large_board(screen: Screen, pages: int = 4) -> Delays:
    """Everything that a board is used for, with hundreds of its rows shown."""
    board = screen.part("Follow-ups")
    rows = board.locator("li.action")
    expect(rows).to_have_count(150)
    delays, more = Delays(screen), board.get_by_role("button", name="Show more Later")
    for page in range(1, pages + 1):
        # By a key: rows that come into view push the button about, from under a pointer that aims at it.
        delays.do("show a hundred more", lambda: more.press("Enter"))
        expect(rows).to_have_count(150 + 100 * page)
        screen.settle()
    keyboard = screen.page.keyboard
    for _ in range(3):
        delays.do("done", rows.nth(1).get_by_role("button", name="Done").click)
    delays.do("undo", lambda: keyboard.press("Control+z"))
    delays.do("tick one", rows.nth(2).get_by_role("checkbox").check)
    delays.do("tick all", board.get_by_role("button", name="Select all shown").click)
    delays.do("tick none", board.get_by_role("button", name="Clear the selection").click)
    delays.do("open more about one", rows.nth(400).get_by_role("button", name="More about").click)
    delays.do("edit one", rows.nth(400).get_by_role("button", name="Edit").click)
    delays.do("type a letter", lambda: keyboard.press("a"))
    delays.do("give up", lambda: keyboard.press("Escape"))
    rows.nth(200).focus()
    for key in "jjjkk":
        delays.do("next or previous row", lambda key=key: keyboard.press(key))
    delays.do("dismiss by the keyboard", lambda: keyboard.press("x"))
    delays.do("show those of all", board.get_by_role("button", name="My team’s").click)
    return delays
