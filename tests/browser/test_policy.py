"""The strictest policies a page may have, and that a violation of either kind would be seen."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from flask import Response, g, request
from playwright.sync_api import expect

from tests.browser.screen import Screen

STRICT = (
    "default-src 'none'; script-src 'nonce-{0}' 'strict-dynamic'; style-src 'nonce-{0}'; connect-src 'self';"
    " img-src 'self'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)

OpenScreen = Callable[..., Screen]


def with_nonces(crm: Any) -> None:
    def nonce() -> str:
        if "nonce" not in g:
            g.nonce = secrets.token_urlsafe(16)
        return str(g.nonce)

    def add(response: Response) -> Response:
        if request.path.startswith("/relationships/"):  # the demo's own pages know no nonce
            response.headers["Content-Security-Policy"] = STRICT.format(nonce())
        return response

    crm.app.jinja_env.globals["csp_nonce"] = nonce
    crm.app.after_request(add)


def test_the_ready_page_runs_with_nonces_strict_dynamic_and_trusted_types(open_screen: OpenScreen, crm: Any) -> None:
    with_nonces(crm)
    screen = open_screen("/relationships/contacts/1")
    for part in ("Relationship", "Life events", "Follow-ups", "Messages"):
        expect(screen.part(part)).to_have_attribute("aria-busy", "false")
    screen.page.get_by_role("button", name="Edit the profile").click()
    screen.page.get_by_role("button", name="Add event").click()
    assert screen.axe() == []
    assert screen.page.evaluate("customElements.whenDefined('rel-actions').then(() => true)"), "it is loaded later"
    assert screen.complaints == []


SAME = """async () => {
    const { Client } = await import("/relationships/static/latest/elements.js");
    const entry = document.querySelector("script[src*=contact-panel]").src.replace("contact-panel", "elements");
    return Client === (await import(entry)).Client;
}"""


def test_the_public_address_leads_to_the_modules_that_the_helpers_load(open_screen: OpenScreen) -> None:
    assert open_screen("/contacts/1").page.evaluate(SAME)


def test_a_tag_that_is_written_beside_a_helper_is_defined_too(open_screen: OpenScreen) -> None:
    screen = open_screen("/contacts/1")
    screen.page.evaluate("document.querySelector('main').append(document.createElement('rel-partners'))")
    expect(screen.part("Partners")).to_be_visible()


def test_a_violation_of_the_policy_would_be_seen(open_screen: OpenScreen) -> None:
    screen = open_screen("/contacts/1")
    screen.page.evaluate("document.body.setAttribute('style', 'color: red')")
    screen.settle()
    assert any("policy: style-src" in complaint for complaint in screen.complaints)
    screen.complaints.clear()


def test_axe_looks_into_the_shadow_roots(open_screen: OpenScreen) -> None:
    screen = open_screen("/contacts/1")
    screen.page.get_by_role("button", name="Edit the profile").click()
    screen.page.get_by_label("Preferred name").evaluate(
        "node => node.closest('.field').querySelector('label').remove()"
    )
    assert "label" in {rule for rule, _ in screen.axe()}


@pytest.mark.parametrize("path", ["/relationships/contacts/1", "/relationships/"])
def test_the_ready_pages_fit_a_narrow_window(open_screen: OpenScreen, path: str) -> None:
    screen = open_screen(path, width=360)
    assert not screen.is_wider_than_the_window()
