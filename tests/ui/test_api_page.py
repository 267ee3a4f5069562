"""The page that shows the OpenAPI document."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

import pytest

from tests.hosts.host import Host
from tests.marks import databases, one_host

pytestmark = [one_host, databases("sqlite")]

PAGE = "/relationships/api"


def test_the_page_loads_its_files_from_the_application_alone(host: Host) -> None:
    client = host.person("view").client
    page = client.get(PAGE).text
    loaded = re.findall(r'(?:src|<link rel="stylesheet" href)="(/relationships/api/[^"]+)"', page)
    assert not re.search(r'(?:src|href)="(?!/relationships/|/api/relationships/)', page)
    assert [path.rpartition("/")[2] for path in loaded] == [
        "swagger-ui.css",
        "look.css",
        "start.js",
        "swagger-ui-bundle.js",
    ]
    for path in loaded:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.mimetype == ("text/css" if path.endswith(".css") else "text/javascript")
        assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert 'data-document="/api/relationships/openapi.json"' in page
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)


def test_the_page_and_its_files_are_for_those_who_may_look(host: Host) -> None:
    for path in (PAGE, f"{PAGE}/start.js", f"{PAGE}/swagger-ui-bundle.js"):
        assert host.person("none").client.get(path).status_code == 403, path
        assert host.app.test_client().get(path).status_code == 401, path


def test_nothing_else_of_the_package_is_served(host: Host) -> None:
    client = host.person("view").client
    for name in ("swagger-ui.js", "oauth2-redirect.html", "VERSION", "..%2f__init__.py", "nothing"):
        assert client.get(f"{PAGE}/{name}").status_code == 404, name


def test_its_scripts_and_sheets_carry_the_nonce_of_the_page(host: Host) -> None:
    host.app.jinja_env.globals["csp_nonce"] = lambda: "abc"
    page = host.person("view").client.get(PAGE).text
    assert len(re.findall(r'(?:start|bundle)\.js" nonce="abc"|(?:ui|look)\.css" nonce="abc"', page)) == 4
    del host.app.jinja_env.globals["csp_nonce"]


def test_without_the_extra_the_page_is_not_there_and_says_what_is_missing(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "flask_swagger_ui", None)  # what an import finds where it is not installed
    client = host.person("view").client
    for path in (PAGE, f"{PAGE}/swagger-ui-bundle.js"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "pip install &#39;flask-relationships[docs-ui]&#39;" in answer.text
    assert client.get("/relationships/").status_code == 200


def test_without_the_interface_there_is_no_page(make_host: Callable[..., Host]) -> None:
    host = make_host(RELATIONSHIPS_UI_ENABLED=False)
    assert host.person("view").client.get(PAGE).status_code == 404
