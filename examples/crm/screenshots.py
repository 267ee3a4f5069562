"""Make the screenshots of the documentation: ``python -m examples.crm.screenshots [--all] [folder]``.

Needs playwright (``pip install playwright``) and a Chromium, which ``CHROMIUM`` may name. Without a folder it
writes ``docs/images``. ``--all`` makes every page, narrow and wide, light and dark, for looking at.
"""

from __future__ import annotations

import importlib
import itertools
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from .sample_data import PASSWORD
from .sample_data.people import email_of
from .tour import demo_in

MANAGER = "Ana Ruiz"

PAGES = {"start": "/", "contact": "/contacts/1", "company": "/companies/1"}
DARK_PAGES = {"contact": "/contacts/1"}
MORE_PAGES = {
    "contacts": "/contacts/",
    "companies": "/companies/",
    "tasks": "/tasks/",
    "team": "/team/",
    "edit": "/contacts/1/edit",
}

WIDE, NARROW = 1180, 360

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main(arguments: list[str]) -> int:
    everything = "--all" in arguments
    folder = Path(next((argument for argument in arguments if argument != "--all"), "docs/images"))
    folder.mkdir(parents=True, exist_ok=True)
    complaints: list[str] = []
    # Not imported at the top: playwright is none of the extras, and this module is all that needs it.
    sync_playwright = importlib.import_module("playwright.sync_api").sync_playwright
    with (
        tempfile.TemporaryDirectory() as database,
        demo_in(Path(database)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        if everything:
            for width, scheme in itertools.product((WIDE, NARROW), ("light", "dark")):
                photograph(
                    browser,
                    address,
                    folder,
                    complaints,
                    width,
                    scheme,
                    {**PAGES, **MORE_PAGES},
                    f"-{width}-{scheme}",
                    whole=True,
                )
        else:
            photograph(browser, address, folder, complaints, WIDE, "light", PAGES)
            photograph(browser, address, folder, complaints, WIDE, "dark", DARK_PAGES, "-dark")
        browser.close()
    for complaint in complaints:
        print(f"The browser complains: {complaint}")
    return 1 if complaints else 0


def photograph(
    browser: Any,
    address: str,
    folder: Path,
    complaints: list[str],
    width: int,
    scheme: str,
    pages: dict[str, str],
    suffix: str = "",
    *,
    whole: bool = False,
) -> None:
    """Log in and take a picture of each page. What the console says (refused by the policy, failed) is a complaint."""
    page = browser.new_page(
        viewport={"width": width, "height": 1180}, locale="en-GB", color_scheme=scheme, reduced_motion="reduce"
    )
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{address}/login")
    if whole:
        page.screenshot(path=folder / f"login{suffix}.png", full_page=True)
    page.get_by_label("E-mail address").fill(email_of(MANAGER))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    for name, path in pages.items():
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=folder / f"{name}{suffix}.png", full_page=whole)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            complaints.append(f"{path} is wider than {width} px")
    page.close()


def chromium() -> str | None:
    names = ("chromium-headless-shell", "chromium", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
