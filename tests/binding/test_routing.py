"""Our addresses among the host's: they win inside the prefix, and nothing changes outside of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from flask_relationships import ConfigurationError
from tests.binding.peopled import PeopledHost

API = "/api/relationships"
PROFILE = f"{API}/contacts/1/relationship"

Build = Callable[..., PeopledHost]


@pytest.fixture
def build() -> Iterator[Build]:
    built: list[PeopledHost] = []

    def build(before: Any = None, after: Any = None, **options: Any) -> PeopledHost:
        host = PeopledHost(**options).build(before, after)
        built.append(host)
        return host

    yield build
    for host in built:
        host.close()


def look(client: Any, root: str = "", **options: Any) -> None:
    """The tool answers inside its prefix as ever."""
    assert client.get(root + PROFILE, **options).status_code == 200
    unknown = client.get(f"{root}{API}/nothing/at/all", **options)
    assert (unknown.status_code, unknown.mimetype) == (404, "application/problem+json")
    wrong = client.delete(root + PROFILE, **options)
    assert (wrong.status_code, wrong.mimetype) == (405, "application/problem+json")
    assert set(wrong.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "PATCH"}
    options_of = client.options(root + PROFILE, **options)
    assert (options_of.status_code, "PATCH" in options_of.headers["Allow"]) == (200, True)


@pytest.mark.parametrize("early", [True, False])
def test_a_single_page_application_that_catches_every_path(build: Build, early: bool) -> None:
    def catch_all(app: Flask) -> None:
        def page(path: str) -> str:
            return f"the page of {path}"

        app.add_url_rule("/", "index", page, defaults={"path": "index"})
        app.add_url_rule("/<path:path>", "page", page, methods=["GET", "POST", "DELETE"])

    host = build(catch_all, None) if early else build(None, catch_all)
    client = host.app.test_client()
    look(client)
    for path in ("index", "contacts/1", "api/other", "api/relationships-of-mine"):
        assert client.get(f"/{path}", follow_redirects=True).text == f"the page of {path}"


def test_static_files_at_the_root(build: Build, tmp_path: Path) -> None:
    (tmp_path / "about.txt").write_text("a file")
    host = build(flask={"static_folder": str(tmp_path), "static_url_path": ""})
    client = host.app.test_client()
    look(client)
    with client.get("/about.txt") as answer:
        assert answer.text == "a file"
    assert client.get("/nothing").mimetype == "text/html"


def test_without_strict_slashes(build: Build) -> None:
    def loosen(app: Flask) -> None:
        app.url_map.strict_slashes = False

    client = build(loosen).app.test_client()
    look(client)
    assert client.get(f"{PROFILE}/").status_code == 200


def test_a_slash_at_the_end(build: Build) -> None:
    client = build().app.test_client()
    assert client.get(f"{PROFILE}/").status_code == 404
    assert client.get(f"{API}/").status_code == 404
    assert client.get(API, follow_redirects=True).mimetype == "application/problem+json"


def test_mounted_below_a_path(build: Build) -> None:
    app = build(APPLICATION_ROOT="/crm").app
    mounted = DispatcherMiddleware(Flask("elsewhere"), {"/crm": app})
    client = Client(mounted)
    look(client, "/crm")
    assert client.get(PROFILE).mimetype == "text/html"
    document = client.get(f"/crm{API}/openapi.json").get_json()
    assert document["servers"] == [{"url": "/crm"}]
    assert build().app.test_client().get(f"{API}/openapi.json").get_json()["servers"] == [{"url": "/"}]


def test_hosts_that_are_matched_are_refused(build: Build) -> None:
    with pytest.raises(ConfigurationError, match="subdomain_matching"):
        build(flask={"host_matching": True, "static_host": "static.example"})


def test_subdomains_that_are_matched(build: Build) -> None:
    """The tool is at the name of the server itself."""
    host = build(flask={"subdomain_matching": True}, SERVER_NAME="crm.example")
    client = host.app.test_client()
    look(client, base_url="https://crm.example")
    assert client.get(PROFILE, base_url="https://other.crm.example").status_code == 404


def test_outside_of_the_prefix_nothing_changes(build: Build) -> None:
    host = build()
    bare = Flask("bare")
    for app in (host.app, bare):
        app.add_url_rule("/page", "page", lambda: "a page")
    for method, path in (
        ("GET", "/nothing"),
        ("POST", "/page"),
        ("GET", "/page"),
        ("GET", "/api"),
        ("OPTIONS", "/page"),
    ):
        ours, theirs = host.app.test_client().open(path, method=method), bare.test_client().open(path, method=method)
        assert (ours.status_code, ours.data, dict(ours.headers)) == (
            theirs.status_code,
            theirs.data,
            dict(theirs.headers),
        )
