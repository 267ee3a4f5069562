"""The ladder of the interface: no pages, ready pages, elements in the application's own templates."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import pytest
from flask import render_template_string
from jinja2 import ChoiceLoader, DictLoader

from flask_relationships.errors import RelationshipsError
from flask_relationships.ui.assets import ELEMENTS, graph
from tests.hosts.host import Host
from tests.marks import databases, one_host
from tests.ui.javascript import literals

pytestmark = [one_host, databases("sqlite")]

MakeHost = Callable[..., Host]

OWN_BASE = """<html><title>{% block title %}{% endblock %} at Acme</title>
<nav>Acme</nav>{% block content %}{% endblock %}</html>"""


def attributes(page: str, tag: str) -> dict[str, str]:
    found = re.search(rf"<{tag}([^>]*)>", page)
    assert found is not None, page
    return dict(re.findall(r'([\w-]+)="([^"]*)"', found[1]))


def test_the_ready_pages_hold_their_elements(host: Host) -> None:
    person, contact, company = host.person("update"), host.contact(), host.company()
    for path, tag in {
        "/relationships/": "rel-actions",
        f"/relationships/contacts/{contact}": "rel-contact-panel",
        f"/relationships/clients/{company}": "rel-summary",
    }.items():
        answer = person.client.get(path)
        assert answer.status_code == 200, path
        assert attributes(answer.text, tag)["api"] == "/api/relationships"
        assert answer.headers["Cache-Control"] == "no-store"


def test_an_element_is_told_what_it_needs_and_no_more_than_its_viewer_may(host: Host) -> None:
    contact = host.contact("Grete", "Hermann")
    told = {}
    for access in ("view", "update", "manage"):
        person = host.person(access)
        page = person.client.get(f"/relationships/contacts/{contact}").text
        told[access] = attributes(page, "rel-contact-panel")["permissions"]
        assert attributes(page, "rel-contact-panel")["viewer"] == person.id
        assert attributes(page, "rel-contact-panel")["name"] == "Grete Hermann"
    assert told == {"view": "view", "update": "view update", "manage": "view update manage"}


def test_pages_are_for_those_who_may_look(host: Host) -> None:
    contact = host.contact()
    for path in ("/relationships/", f"/relationships/contacts/{contact}", "/relationships/token"):
        assert host.person("none").client.get(path).status_code == 403, path
        assert host.app.test_client().get(path).status_code == 401, path
        assert host.person("view").client.get(path).status_code == 200, path


def test_the_files_of_the_package_are_for_everybody_and_may_be_kept_by_everybody(host: Host) -> None:
    module = module_of(host.person("view").client.get(f"/relationships/contacts/{host.contact()}").text)
    folder = module.rpartition("/")[0]
    for path in (module, f"{folder}/page.css", f"{folder}/locales/de.json"):
        answer = host.app.test_client().get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Set-Cookie" not in answer.headers


def test_a_row_that_is_not_there_has_no_page(host: Host) -> None:
    client = host.person("view").client
    for path in ("contacts/999", "contacts/none", "clients/999"):
        assert client.get(f"/relationships/{path}").status_code == 404, path


def test_nobody_is_sent_to_the_log_in_of_the_application(make_host: MakeHost) -> None:
    host = make_host(RELATIONSHIPS_UI_PREFIX="/people")
    manager: Any = host.app.login_manager  # type: ignore[attr-defined]
    manager.login_view = "log_in"
    try:
        answer = host.app.test_client().get("/people/")
        assert answer.status_code == 302
        assert answer.location.startswith("/login?next=")
        assert host.app.test_client().get("/api/relationships/relationship-actions").status_code == 401
    finally:
        manager.login_view = None


def test_without_the_interface_there_is_only_the_api(make_host: MakeHost) -> None:
    host = make_host(RELATIONSHIPS_UI_ENABLED=False)
    person = host.person("view")
    assert person.client.get("/relationships/").status_code == 404
    assert person.ask("GET", "/relationship-actions").status_code == 200


def test_what_a_call_block_holds_stands_in_the_element(host: Host) -> None:
    person = host.person("view")
    template = '{% call relationships.action_board() %}<a slot="footer" href="/a?b&c">{{ "<b>" }}</a>{% endcall %}'
    view = host.app.view_functions["relationships_ui.actions"]
    host.app.view_functions["relationships_ui.actions"] = lambda: render_template_string(template)
    try:
        page = person.client.get("/relationships/").text
    finally:
        host.app.view_functions["relationships_ui.actions"] = view
    assert page.endswith('<a slot="footer" href="/a?b&c">&lt;b&gt;</a></rel-actions>')
    assert "caller" not in page


def test_the_pages_stand_in_the_base_template_of_the_application(make_host: MakeHost) -> None:
    host = make_host(RELATIONSHIPS_BASE_TEMPLATE="acme.html")
    host.app.jinja_loader = ChoiceLoader([DictLoader({"acme.html": OWN_BASE})])
    page = host.person("view").client.get(f"/relationships/contacts/{host.contact('Grete', 'Hermann')}").text
    assert "<title>Grete Hermann at Acme</title>" in page
    assert "<nav>Acme</nav>" in page
    assert "page.css" not in page


def test_a_base_template_that_has_no_place_for_the_pages_is_told_of(make_host: MakeHost) -> None:
    host = make_host(RELATIONSHIPS_BASE_TEMPLATE="acme.html", PROPAGATE_EXCEPTIONS=True)
    host.app.jinja_loader = ChoiceLoader([DictLoader({"acme.html": OWN_BASE.replace("content", "main")})])
    with pytest.raises(RelationshipsError, match=r"acme\.html has no block 'content'"):
        host.person("view").client.get("/relationships/")


def test_a_module_has_a_path_of_its_version_and_is_cached_without_end(host: Host) -> None:
    client = host.person("view").client
    module = module_of(client.get(f"/relationships/contacts/{host.contact()}").text)
    answer = client.get(module)
    assert answer.mimetype == "text/javascript"
    assert "immutable" in answer.headers["Cache-Control"]
    packed = client.get(module, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == answer.data
    assert client.get(module, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    for path in ("../pages.py", "..%2fpages.py", "nothing.js", "elements", "types.d.ts"):
        assert client.get(module.rpartition("/")[0] + "/" + path).status_code == 404, path


def test_each_module_is_served_as_it_is_written(host: Host) -> None:
    """A minifier once lost a line of a template literal."""
    client = host.person("view").client
    folder = module_of(client.get(f"/relationships/contacts/{host.contact()}").text).rpartition("/")[0]
    for path in ELEMENTS.glob("*.js"):
        for encoding in ("identity", "gzip"):
            answer = client.get(f"{folder}/{path.name}", headers={"Accept-Encoding": encoding})
            served = gzip.decompress(answer.data) if encoding == "gzip" else answer.data
            assert literals(served.decode()) == literals(path.read_text()), path.name
            assert served == path.read_bytes(), path.name


def test_the_literals_of_a_module_are_found() -> None:
    source = """
const one = "a  \\"b"; // "no"
/* 'no' */ const two = `c
    d ${ { e: `f ${"g"}` }.e } // h`;
const three = text.replace(/["/]`/g, 'i') / 2;
"""
    assert literals(source) == ['"a  \\"b"', "c\n    d ", "f ", '"g"', "", " // h", "'i'"]


def test_every_module_is_reached_from_the_entry_within_one_version(host: Host) -> None:
    client = host.person("view").client
    module = module_of(client.get(f"/relationships/contacts/{host.contact()}").text)
    reached, waiting = set(), [module]
    while waiting:
        address = waiting.pop()
        if address not in reached:
            reached.add(address)
            waiting += [urljoin(address, found) for found in imports(client.get(address).text)]
    folder = module.rpartition("/")[0]
    assert reached | {f"{folder}/other-elements.js"} == {f"{folder}/{path.name}" for path in ELEMENTS.glob("*.js")}


def imports(source: str) -> list[str]:
    return re.findall(r'^(?:import|export)\b[^;]*?"(\.[^"]+)";', source, re.MULTILINE)


@pytest.mark.parametrize("other", ["latest", "0123456789ab"])
def test_another_version_s_entry_forwards_to_the_modules_of_this_one(host: Host, other: str) -> None:
    client = host.person("view").client
    module = module_of(client.get(f"/relationships/contacts/{host.contact()}").text)
    version = module.split("/")[-2]
    address = module.replace(version, other)
    answer = client.get(address)
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.mimetype == "text/javascript"
    assert {urljoin(address, found).rpartition("/")[2] for found in imports(answer.text)} == set(graph("elements.js"))
    assert answer.text.endswith(f'export * from "../{version}/elements.js";\n')
    assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    for name in ("client.js", "dom.js"):
        assert client.get(address.replace("elements.js", name)).status_code == 404, name
    assert client.get(address.replace("elements.js", "page.css")).headers["Cache-Control"] == "no-cache"


def scripts_and_preloads(page: str) -> tuple[list[str], list[str]]:
    scripts = re.findall(r'<script type="module" src="[^"]+/([^"/]+)"', page)
    return scripts, re.findall(r'<link rel="modulepreload" href="[^"]+/([^"/]+)"', page)


def test_a_page_asks_at_once_for_all_that_its_element_imports(host: Host) -> None:
    client = host.person("view").client
    scripts, preloads = scripts_and_preloads(client.get(f"/relationships/contacts/{host.contact()}").text)
    assert scripts == ["contact-panel.js", "other-elements.js"]
    assert {"profile.js", "thread.js", "dom.js", "theme.js"} < set(preloads)
    assert "actions.js" not in preloads, "the board is not on this page"
    assert len(set(preloads)) == len(preloads)
    folder = module_of(client.get("/relationships/").text).rpartition("/")[0]
    for name in preloads:
        imported = {found.removeprefix("./") for found in imports(client.get(f"{folder}/{name}").text)}
        assert imported <= set(preloads), name


def test_two_elements_of_a_page_ask_for_no_module_twice(host: Host) -> None:
    page = host.person("view").client.get(f"/relationships/clients/{host.company()}").text
    scripts, preloads = scripts_and_preloads(page)
    assert scripts == ["summary.js", "other-elements.js", "partners.js"]
    assert len(set(preloads)) == len(preloads)
    assert {"summary-figures.js", "form.js"} < set(preloads)


def test_the_module_alone_preloads_every_other_one(host: Host) -> None:
    with host.app.test_request_context("/"):
        scripts, preloads = scripts_and_preloads(render_template_string("{{ relationships.module() }}"))
    assert scripts == ["elements.js"]
    assert {*preloads, "elements.js", "other-elements.js"} == {path.name for path in ELEMENTS.glob("*.js")}


def test_the_script_carries_the_nonce_of_the_page(host: Host) -> None:
    contact, client = host.contact(), host.person("view").client
    names = host.app.jinja_env.globals
    for nonce in ("abc", lambda: "abc"):
        names["csp_nonce"] = nonce
        page = client.get(f"/relationships/contacts/{contact}").text
        assert re.search(r'<script type="module" src="[^"]+" nonce="abc"></script>', page)
        assert page.count('<link rel="modulepreload"') == page.count('.js" nonce="abc">\n') > 1
    del names["csp_nonce"]


def test_no_page_holds_script_or_style_of_its_own(host: Host) -> None:
    client = host.person("manage").client
    for path in ("/relationships/", f"/relationships/contacts/{host.contact()}"):
        page = client.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", page)


def test_what_stands_inside_without_javascript_is_of_this_contact_and_writes_nothing(host: Host) -> None:
    person, contact = host.person("manage"), host.contact()
    path = f"/contacts/{contact}/life-events"
    person.post(path, {"event_type": "wedding", "title": "<b>Wedding</b>", "event_date": "2999-01-02"})
    page = person.client.get(f"/relationships/contacts/{contact}").text
    assert "Next: &lt;b&gt;Wedding&lt;/b&gt;, 2999-01-02" in page
    assert "1 follow-up is open" in page
    assert "agreed" not in page  # there is no profile yet, and looking makes none
    with host.app.app_context():
        assert host.db.session.query(host.relationships.models.Profile).count() == 0


@pytest.mark.parametrize("language", ["de", "de-AT", "de_CH"])
def test_the_modules_are_told_the_texts_of_a_language(host: Host, language: str) -> None:
    client = host.person("view").client
    module = module_of(client.get(f"/relationships/contacts/{host.contact()}").text)
    told = client.get(f"{module.rpartition('/')[0]}/locales/{language}.json").get_json()
    assert told["texts"]["Life events"] == "Lebensereignisse"
    assert told["texts"]["{count} segment"] == ["{count} Segment", "{count} Segmente"]
    assert told["plural"][:3] == "101"
    assert client.get(f"{module.rpartition('/')[0]}/locales/tlh.json").get_json() == {"texts": {}, "plural": ""}


def module_of(page: str) -> str:
    """Return the address of the module that defines every element, which a script of the page imports later."""
    found = re.search(r'<script type="module" src="([^"]+)/other-elements\.js"', page)
    assert found is not None, page
    return f"{found[1]}/elements.js"
