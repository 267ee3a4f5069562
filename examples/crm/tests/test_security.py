from __future__ import annotations

import re
from pathlib import Path

from flask import Flask

from examples.crm.security import CONTENT_SECURITY_POLICY, secret_key_in

from .conftest import LogIn, Person

CRM = Path(__file__).parent.parent
PAGES = (
    "/",
    "/contacts/",
    "/contacts/1",
    "/contacts/1/edit",
    "/companies/",
    "/companies/1",
    "/tasks/",
    "/team/",
    "/lost",
)


def test_every_answer_carries_the_policy_and_the_other_headers(log_in: LogIn) -> None:
    manager = log_in("manager")
    for path in (*PAGES, "/static/crm.css", "/static/lost.css", "/api/relationships/contacts/1/relationship"):
        headers = manager.open(path).headers
        assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY, path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["X-Frame-Options"] == "DENY", path
        assert headers["Referrer-Policy"] == "same-origin", path


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    directives = dict(part.split(" ", 1) for part in CONTENT_SECURITY_POLICY.split("; "))
    assert directives["default-src"] == "'none'"
    sources = {source for value in directives.values() for source in value.split()}
    assert sources == {"'none'", "'self'", "'script'"}


def test_no_page_has_inline_script_or_style(log_in: LogIn, nobody: Person) -> None:
    manager = log_in("manager")
    for page in (nobody.open("/login").text, *(manager.open(path).text for path in PAGES)):
        assert "<html" in page
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", page)


def test_the_crm_has_no_script_of_its_own() -> None:
    assert not list((CRM / "static").rglob("*.js"))


def test_pages_with_personal_details_are_not_kept_by_caches(log_in: LogIn) -> None:
    manager = log_in("manager")
    assert manager.open("/contacts/1").headers["Cache-Control"] == "no-store"
    assert manager.open("/static/crm.css").headers["Cache-Control"] != "no-store"


def test_a_form_without_the_token_is_refused(log_in: LogIn) -> None:
    manager = log_in("manager")
    manager.token = ""
    for path in ("/tasks/", "/contacts/1/archive", "/contacts/1/edit", "/logout"):
        assert manager.submit(path, title="x").status_code == 400
    assert manager.open("/contacts/1").status_code == 200


def test_the_tool_wants_the_token_too_and_says_so_in_json(log_in: LogIn) -> None:
    manager = log_in("manager")
    manager.token = ""
    for method, path in (("PATCH", "/contacts/1/relationship"), ("POST", "/contacts/1/life-events")):
        answer = manager.call(method, path, {"event_type": "x", "title": "x"})
        assert answer.status_code == 400
        assert answer.mimetype == "application/problem+json"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(nobody: Person) -> None:
    cookie = nobody.open("/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_signing_key_is_made_once_and_is_for_its_owner_only(tmp_path: Path) -> None:
    key = secret_key_in(tmp_path)
    assert len(key) >= 48
    assert secret_key_in(tmp_path) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret_key"]


def test_foreign_keys_are_enforced(app: Flask) -> None:
    from examples.crm.extensions import db

    with app.app_context():
        assert db.session.execute(db.text("PRAGMA foreign_keys")).scalar() == 1
        assert db.session.execute(db.text("PRAGMA foreign_key_check")).all() == []
