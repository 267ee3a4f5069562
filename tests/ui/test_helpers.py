"""Template helpers refuse what would draw nothing, or an element that does not work."""

from __future__ import annotations

from typing import Any

import pytest
from flask import render_template_string
from jinja2 import ChoiceLoader, DictLoader, UndefinedError
from werkzeug.exceptions import HTTPException

from tests.hosts.host import Host
from tests.marks import databases, one_host

pytestmark = [one_host, databases("sqlite")]

REFUSED = [
    ("contact_panel(row)", TypeError, "takes the id of a Contact, not a row of Contact. Write"),
    ("thread({'id': 1})", TypeError, "relationships.thread() takes the id of a Contact"),
    ("profile(nothing.id)", UndefinedError, ""),
    ("profile(nothing)", UndefinedError, "undefined variable"),
    ("partners(row)", TypeError, "takes the id of a Company"),
    ("action_board(contact_link='/c/{id}')", TypeError, "has no keyword contact_link. Did you mean contact_url?"),
    ("contact_panel(1, whose='all')", TypeError, "has no keyword whose"),
    ("action_board(contact_url='/c/')", ValueError, 'such as "/contacts/{id}"'),
    ("client_summary(1, without='partner')", ValueError, "has the unknown section partner. The sections are contacts"),
    ("action_board(people=[1, 2])", ValueError, 'must be a list of {"id": ..., "name": ...}'),
    ("action_board(whose='everybody')", ValueError, "must be 'all' or 'own'"),
]


def render(host: Host, call: str) -> str:
    """What a template of the host draws for an executive."""
    person, contact = host.person("manage"), host.contact()
    from tests.hosts.ordinary import Contact

    with host.app.test_request_context("/"):
        from flask_login import login_user

        from tests.hosts.ordinary import User

        login_user(host.session.get_one(User, int(person.id)))
        row = host.session.get_one(Contact, int(contact))
        return render_template_string("{{ relationships." + call + " }}", row=row)


@pytest.mark.parametrize(("call", "error", "words"), REFUSED, ids=[call for call, *_ in REFUSED])
def test_a_helper_refuses(host: Host, call: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as raised:
        render(host, call)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    "call",
    [
        "contact_panel(row.id, class_='wide', data_turbo='false', aria_label='Ada', hx_boost='true')",
        "action_board(contact_url='/c/{id}', people=[{'id': 1, 'name': 'Grace'}], whose='all')",
        "contact_panel(row.id, templates=[], time_zone='Europe/Paris')",
    ],
)
def test_a_helper_takes_attributes(host: Host, call: str) -> None:
    assert "<rel-" in render(host, call)


def test_a_key_that_is_none_draws_nothing(host: Host) -> None:
    assert "<rel-" not in render(host, "contact_panel(none)")


def test_the_helpers_may_have_another_name(make_host: Any) -> None:
    host = make_host(RELATIONSHIPS_TEMPLATE_NAME="people_tool", RELATIONSHIPS_UI_PREFIX="/tool")
    host.app.jinja_env.globals["relationships"] = "own value"
    person = host.person("view").client
    assert "<rel-actions" in person.get("/tool/").get_data(as_text=True)
    with host.app.test_request_context("/"):
        assert render_template_string("{{ relationships }} {{ people_tool.module() }}").startswith("own value <script")


def test_the_block_of_ready_pages_may_have_another_name(make_host: Any) -> None:
    host = make_host(RELATIONSHIPS_BASE_BLOCK="main", RELATIONSHIPS_BASE_TEMPLATE="acme.html")
    base = "<title>{% block title %}{% endblock %}</title><nav>Acme</nav>{% block main %}{% endblock %}"
    assert host.app.jinja_loader is not None
    host.app.jinja_loader = ChoiceLoader([DictLoader({"acme.html": base}), host.app.jinja_loader])
    page = host.person("view").client.get("/relationships/").get_data(as_text=True)
    assert page.index("<nav>Acme</nav>") < page.index("<rel-actions")
    assert "<title>Follow-ups</title>" in page


class TestAnonymousUsers:
    @pytest.mark.parametrize("view", ["login", "no_such_view", None])
    def test_a_login_view_that_is_no_endpoint(self, make_host: Any, view: str | None) -> None:
        host = make_host(RELATIONSHIPS_UI_PREFIX="/p")
        host.app.config["PROPAGATE_EXCEPTIONS"] = False
        host.app.login_manager.login_view, before = view, host.app.login_manager.login_view
        try:
            for path in ("/p/", "/p/contacts/1", "/p/clients/1", "/p/api"):
                assert host.app.test_client().get(path).status_code == 401, path
        finally:
            host.app.login_manager.login_view = before

    def test_another_kind_of_login_manager(self, make_host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        host = make_host(RELATIONSHIPS_UI_PREFIX="/p")
        monkeypatch.setattr(host.app.extensions["relationships"].own_callbacks, "current_user", lambda: None)
        monkeypatch.setattr(host.app, "login_manager", object())
        assert host.app.test_client().get("/p/").status_code == 401

    @pytest.mark.parametrize("status", [401, 403, 404])
    def test_the_application_s_own_error_handlers_answer(self, make_host: Any, status: int) -> None:
        host = make_host(RELATIONSHIPS_UI_PREFIX=f"/p{status}")

        def shown(error: HTTPException) -> tuple[str, int]:
            return f"own page: {error.code} {error.description}", int(error.code or 0)

        host.app._got_first_request = False
        host.app.register_error_handler(HTTPException, shown)
        client = {401: host.anonymous(), 403: host.person("none"), 404: host.person("view")}[status].client
        answer = client.get(f"/p{status}/contacts/987654")
        assert (answer.status_code, answer.get_data(as_text=True)[:13]) == (status, f"own page: {status}")
