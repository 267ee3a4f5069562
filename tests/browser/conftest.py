"""The demo CRM in a real browser: Debian's Chromium, driven by Playwright.

Everything that the console says, that a page raises or that its content security policy forbids fails the test.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from examples.crm import create_app
from examples.crm.database import create_unless_there
from examples.crm.tour import served
from tests.browser.faults import Faults
from tests.browser.screen import Screen
from tests.databases import missing

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path. Skips where there is none, and fails where everything must be there."""
    names = ("chromium-headless-shell", "chromium", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        missing("chromium is not available: apt-get install chromium-headless-shell, or let CHROMIUM name one")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "crm.sqlite"
    create_unless_there(path)
    return path


class Crm:
    """A running demo, with faults that a test may put in its way."""

    def __init__(self, app: Any, address: str) -> None:
        self.app, self.address = app, address
        self.faults = Faults()
        app.before_request(self.faults.before)
        app.after_request(self.faults.after)


@contextmanager
def running(database: Path, **config: Any) -> Iterator[Crm]:
    app = create_app({"DATABASE": database, "SECRET_KEY": "for tests", **config})
    with served(app) as address:
        yield Crm(app, address)


@pytest.fixture
def make_crm(sample_file: Path, tmp_path: Path) -> Iterator[Callable[..., Crm]]:
    """Start the demo with sample data of its own: ``make_crm(WTF_CSRF_TIME_LIMIT=1)``."""
    opened: list[Any] = []

    def make(**config: Any) -> Crm:
        database = tmp_path / f"{len(opened)}.sqlite"
        shutil.copy(sample_file, database)
        manager = running(database, **config)
        opened.append(manager)
        return manager.__enter__()

    yield make
    for manager in opened:
        manager.__exit__(None, None, None)


@pytest.fixture
def crm(make_crm: Callable[..., Crm]) -> Crm:
    return make_crm()


@pytest.fixture(scope="session")
def known() -> dict[str, Any]:
    """Cookies by level: the demos of a session have one secret key and copies of the same people."""
    return {}


@pytest.fixture
def open_screen(browser: Browser, crm: Crm, known: dict[str, Any]) -> Iterator[Callable[..., Screen]]:
    """Open a page as somebody of a level: ``open_screen("/contacts/1", level="consultant", width=360)``."""
    screens: list[Screen] = []

    def open_screen(path: str, *, on: Crm | None = None, **options: Any) -> Screen:
        screen = Screen(browser, (on or crm).address, known=known, **options)
        screens.append(screen)
        screen.open(path)
        return screen

    yield open_screen
    complaints = [complaint for screen in screens for complaint in screen.complaints]
    for screen in screens:
        screen.close()
    assert complaints == []


@pytest.fixture
def screen(open_screen: Callable[..., Screen]) -> Screen:
    """The first contact's page, as a manager sees it."""
    return open_screen("/contacts/1")


@pytest.fixture
def page(screen: Screen) -> Page:
    return screen.page
