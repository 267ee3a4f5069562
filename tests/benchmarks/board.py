"""A board of 2,000 follow-ups in a browser: the longest delay of each interaction, from the input to the next frame.

``python -m tests.benchmarks.board [--database FILE] [--actions 2000] [--pages 4]``; CHROMIUM may name the browser.
Up to 200 ms is called good. No machine that does other things is held to it, so that it prints and judges nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import sync_playwright

from examples.crm.database import create_unless_there
from examples.crm.screenshots import chromium
from tests.benchmarks.command import run
from tests.browser.conftest import ARGUMENTS, running
from tests.browser.delays import work_on_a_large_board
from tests.browser.office import add_actions, close_everything
from tests.browser.screen import Screen


def measure(url: str, *, actions: int, pages: int) -> tuple[list[dict[str, Any]], bool]:
    database = Path(sa.make_url(url).database or "")
    create_unless_there(database)
    with running(database) as crm, sync_playwright() as playwright:
        close_everything(crm)
        add_actions(crm, actions)
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        screen = Screen(browser, crm.address)
        screen.open("/")
        delays = work_on_a_large_board(screen, pages)
        screen.close()
        browser.close()
    lines = [{"interaction": name, "longest, ms": longest} for name, longest in delays.longest.items()]
    lines.append({"interaction": f"the longest of {delays.count}", "longest, ms": max(delays.longest.values())})
    return lines, delays.count > 0


if __name__ == "__main__":
    run(__doc__, measure, actions=2000, pages=4)
