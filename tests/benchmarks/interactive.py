"""How soon the demo's contact panel can be used, beside Flask-Admin's form of the same contact.

Both run in this process, on the same sample data, and are opened in one browser by turns. Time runs from the start of
the navigation until what the page is for has been used: its data are drawn, a control of it is pressed as soon as it
is there, and what that opens is painted. For the panel, all four parts and then "Edit the profile"; for Flask-Admin,
the form and then the list of organisations. Cold is with an empty cache, warm the next visit.

``python -m tests.benchmarks.interactive [--rounds 15]``, with ``pip install -e '.[bench]'``
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from examples.crm import create_app
from examples.crm.extensions import db
from examples.crm.models import Contact
from examples.crm.sample_data import PASSWORD
from examples.crm.sample_data.people import email_of
from examples.crm.screenshots import ARGUMENTS, MANAGER, chromium
from examples.crm.tour import served
from tests.benchmarks.command import print_table

WATCH = Path(__file__).with_suffix(".js").read_text()

PAGES = {"contact panel": "/contacts/1", "Flask-Admin form": "/admin/contact/edit/?id=1"}

MISSING = "Flask-Admin is not installed. pip install -e '.[bench]'"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="15, if left out")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        app = create_app({"DATABASE": Path(folder) / "crm.sqlite", "SECRET_KEY": "for figures"})
        if not add_admin(app):
            print(MISSING)
            return 1
        with served(app) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
            print_table(measure(browser, address, rounds))
            browser.close()
    return 0


def add_admin(app: Flask) -> bool:
    """Flask-Admin's view of the contacts, at /admin, on the same rows. False where it is not installed."""
    try:
        from flask_admin import Admin
        from flask_admin.contrib.sqla import ModelView
    except ModuleNotFoundError:
        return False
    if "babel" not in app.extensions:
        try:
            from flask_babel import Babel  # Flask-Admin fails where it is installed and not used
        except ModuleNotFoundError:
            pass
        else:
            Babel(app)
    admin = Admin(app)
    admin.add_view(ModelView(Contact, db.session, endpoint="contact"))

    def own_policy(response: Response) -> Response:
        if request.path.startswith("/admin"):  # it has inline scripts, and parses markup
            response.headers["Content-Security-Policy"] = "default-src 'self' data: 'unsafe-inline' 'unsafe-eval'"
        return response

    app.after_request(own_policy)
    return True


def measure(browser: Browser, address: str, rounds: int) -> list[dict[str, Any]]:
    """The medians of each page, cold and warm."""
    state = logged_in(browser, address)
    found: dict[tuple[str, str], list[dict[str, float]]] = {}
    for place in range(rounds + 1):  # the first, in which the server compiles its templates, counts for neither
        for name, path in PAGES.items():
            context = browser.new_context(storage_state=state, viewport={"width": 1180, "height": 900})
            context.add_init_script(WATCH)
            for cache in ("cold", "warm"):
                taken = visit(context, address + path)
                if place:
                    found.setdefault((name, cache), []).append(taken)
            context.close()
    return [line(name, cache, taken) for (name, cache), taken in found.items()]


def logged_in(browser: Browser, address: str) -> Any:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/login")
    page.get_by_label("E-mail address").fill(email_of(MANAGER))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    state = context.storage_state()
    context.close()
    return state


def visit(context: BrowserContext, address: str) -> dict[str, float]:
    page = context.new_page()
    page.goto(address, wait_until="commit")
    measured: dict[str, float] | None = None
    for _ in range(400):  # not `wait_for_function`, which the demo's policy refuses
        measured = page.evaluate("globalThis.measured ?? null")
        if measured is not None:
            break
        page.wait_for_timeout(50)
    assert measured is not None, f"{address} was not usable within twenty seconds"
    page.close()
    return measured


def line(name: str, cache: str, taken: list[dict[str, float]]) -> dict[str, Any]:
    def median(key: str) -> float:
        return statistics.median(one[key] for one in taken)

    used = sorted(one["used"] for one in taken)
    return {
        "page": name,
        "cache": cache,
        "visits": len(taken),
        "drawn ms": round(median("drawn")),
        "interactive ms": round(median("used")),
        "fastest": round(used[0]),
        "slowest": round(used[-1]),
        "requests": round(median("requests")),
        "KB loaded": round(median("bytes") / 1024),
    }


if __name__ == "__main__":
    raise SystemExit(main())
