"""Swagger UI under the policy that the elements run under: it parses no markup and loads no image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.screen import Screen
from tests.browser.test_policy import with_nonces

OpenScreen = Callable[..., Screen]


def read(screen: Screen, path: str) -> Any:
    return screen.context.request.get(f"{screen.address}/api/relationships{path}").json()


def open_route(screen: Screen, path: str) -> None:
    control = screen.page.locator(".opblock-summary-control").filter(has_text=path)
    control.first.click()
    expect(control.first).to_have_attribute("aria-expanded", "true")


def run_route(screen: Screen) -> None:
    screen.page.get_by_role("button", name="Try it out").click()
    screen.page.get_by_role("button", name="Execute").click()
    expect(screen.page.locator(".live-responses-table .response .response-col_status").first).to_contain_text("20")


@pytest.mark.parametrize("nonces", [True, False], ids=["nonces and strict-dynamic", "self"])
def test_every_route_is_there_and_one_can_be_tried(open_screen: OpenScreen, crm: Any, nonces: bool) -> None:
    if nonces:
        with_nonces(crm)
    screen = open_screen("/relationships/api")
    document = read(screen, "/openapi.json")
    routes = screen.page.locator(".opblock")
    expect(routes.first).to_be_visible()
    assert routes.count() == sum(len(methods) for methods in document["paths"].values())
    open_route(screen, "/action-centre")
    assert screen.axe() == []
    run_route(screen)
    assert screen.axe() == []
    screen.page.get_by_role("button", name="Schemas").last.click()
    assert screen.complaints == []


def test_a_route_that_writes_is_sent_with_the_token(open_screen: OpenScreen) -> None:
    screen = open_screen("/relationships/api")
    screen.page.locator(".opblock-put .opblock-summary-control").first.click()
    run_route(screen)
    assert read(screen, "/calendar-feeds")["feeds"]


def test_its_texts_are_never_markup(open_screen: OpenScreen, crm: Any) -> None:
    def insert(response: Any) -> Any:
        if response.is_json and b'"openapi"' in response.data:
            response.set_data(response.get_data(as_text=True).replace("Needs `", "<img src=x onerror=alert(1)> `"))
        return response

    crm.app.after_request(insert)
    screen = open_screen("/relationships/api")
    open_route(screen, "/action-centre")
    expect(screen.page.get_by_text("<img src=x onerror=alert(1)>").first).to_be_visible()
    assert screen.page.locator("#relationships-api img").count() == 0


@pytest.mark.parametrize("options", [{"width": 360}, {"width": 360, "scheme": "dark"}, {"rtl": True}], ids=str)
def test_it_fits(open_screen: OpenScreen, options: dict[str, Any]) -> None:
    screen = open_screen("/relationships/api", **options)
    open_route(screen, "/action-centre")
    assert not screen.is_wider_than_the_window()
    assert screen.axe() == []
