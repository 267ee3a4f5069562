"""An application that knows its users by a token in a header alone: Ledger, with one page of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, Response
from flask_jwt_extended import create_access_token
from playwright.sync_api import Browser, Page, Request, expect
from werkzeug.serving import make_server

from examples.crm.tour import Silent
from examples.jwt_tenants import create_app
from examples.jwt_tenants.commands import seed
from examples.jwt_tenants.extensions import db

PAGE = """<!doctype html><html lang="en"><title>Ledger</title><script type="module" src="/start.js"></script>
<rel-contact-panel contact-id="2" name="Cher"></rel-contact-panel>"""

START = (Path(__file__).parents[1] / "documentation" / "tokens.js").read_text()

RIGHTS = ["relationships:view", "relationships:update"]

MakeToken = Callable[..., str]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = create_app(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    app.add_url_rule("/app", "page", lambda: PAGE)
    app.add_url_rule("/start.js", "start", lambda: Response(START, mimetype="text/javascript"))
    with app.app_context():
        seed()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def make_token(app: Flask) -> MakeToken:
    def make_token(seconds: int = 600) -> str:
        with app.app_context():
            claims = {"tenant": "north", "may": RIGHTS}
            return create_access_token("1", additional_claims=claims, expires_delta=timedelta(seconds=seconds))

    return make_token


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(8000)
    yield context.new_page()
    context.close()


def open_with(page: Page, address: str, token: str) -> None:
    page.add_init_script(f"window.token = '{token}'")
    page.goto(f"{address}/app")


def test_the_module_needs_no_token_and_every_call_carries_it(page: Page, address: str, make_token: MakeToken) -> None:
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    token = make_token()
    open_with(page, address, token)
    for name in ("Relationship", "Life events", "Follow-ups", "Messages"):
        expect(page.get_by_role("region", name=name)).to_have_attribute("aria-busy", "false")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Add event").click()
    page.get_by_label("Type").fill("Award")
    page.get_by_label("Title").fill("Won an award")
    page.get_by_role("region", name="Life events").get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Won an award").first).to_be_visible()
    sent = {"/api/" in one.url: one.headers.get("authorization") for one in asked}
    assert sent == {True: f"Bearer {token}", False: None}


def test_an_expired_token_is_explained_and_a_new_one_is_taken(page: Page, address: str, make_token: MakeToken) -> None:
    open_with(page, address, make_token(-1))
    profile = page.get_by_role("region", name="Relationship")
    expect(profile.get_by_role("alert")).to_have_text(
        "Your log-in has expired. Log in again, then try again here: what you typed is kept."
    )
    page.evaluate("token => { window.token = token; }", make_token())
    profile.get_by_role("button", name="Try again").click()
    expect(profile.get_by_role("button", name="Edit the profile")).to_be_visible()


def test_what_was_typed_is_there_when_the_token_has_expired_meanwhile(
    page: Page, address: str, make_token: MakeToken
) -> None:
    open_with(page, address, make_token())
    page.get_by_role("button", name="Edit the profile").click()
    page.get_by_label("Preferred name").fill("Cherilyn")
    page.evaluate("token => { window.token = token; }", make_token(-1))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").filter(has_text="Your log-in has expired.")).to_be_visible()
    expect(page.get_by_label("Preferred name")).to_have_value("Cherilyn")
    page.evaluate("token => { window.token = token; }", make_token())
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="Relationship").get_by_text("Cherilyn", exact=True)).to_be_visible()
