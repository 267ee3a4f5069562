"""The texts of the application: its own catalogues come before those of the package, in every language."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import request
from flask_babel import Babel, force_locale

from flask_relationships import ConfigurationError
from flask_relationships.translations import plural_text, text
from flask_relationships.ui.assets import version
from tests.hosts.host import Host
from tests.marks import databases, one_host
from tests.ui.catalogues import write_catalogue

pytestmark = [one_host, databases("sqlite")]

MakeHost = Callable[..., Host]

OPEN = ("{count} follow-up is open", "{count} follow-ups are open")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_catalogue(tmp_path, "en", {"Birthday": "Big day", OPEN: ("{count} task is open", "{count} tasks are open")})
    write_catalogue(tmp_path, "de", {"Birthday": "Wiegenfest"})
    return write_catalogue(tmp_path, "fr", {"Birthday": "Anniversaire", OPEN: ("{count} ouvert", "{count} ouverts")})


def texts_of(host: Host, language: str) -> dict[str, Any]:
    with host.app.app_context():
        path = f"/relationships/static/{version()}/locales/{language}.json"
    texts: dict[str, Any] = host.app.test_client().get(path).json["texts"]
    return texts


def test_the_texts_of_the_application_come_first(make_host: MakeHost, folder: Path) -> None:
    host = make_host(RELATIONSHIPS_TRANSLATIONS=str(folder))
    assert texts_of(host, "de")["Birthday"] == "Wiegenfest"
    assert texts_of(host, "de")["Wedding"] == "Hochzeit"
    assert texts_of(host, "de")[OPEN[0]][1] == "{count} Aufgaben sind offen"


def test_a_language_that_the_package_does_not_have(make_host: MakeHost, folder: Path) -> None:
    host = make_host(RELATIONSHIPS_TRANSLATIONS=str(folder))
    assert texts_of(host, "fr-CA") == {"Birthday": "Anniversaire", OPEN[0]: ["{count} ouvert", "{count} ouverts"]}
    assert texts_of(host, "it") == {}


def test_a_region_continues_with_its_language(make_host: MakeHost, folder: Path) -> None:
    write_catalogue(folder, "de_AT", {"Birthday": "Geburtstag", "Partners": "Geschäftspartner"})
    host = make_host(RELATIONSHIPS_TRANSLATIONS=str(folder))
    austrian, german = texts_of(host, "de-AT"), texts_of(host, "de-CH")
    assert (austrian["Birthday"], austrian["Partners"], austrian["Wedding"]) == (
        "Geburtstag",
        "Geschäftspartner",
        "Hochzeit",
    )
    assert (german["Birthday"], german["Wedding"]) == ("Wiegenfest", "Hochzeit")


def test_english_texts_can_be_replaced_on_the_server_and_in_the_browser(make_host: MakeHost, folder: Path) -> None:
    host = make_host(RELATIONSHIPS_TRANSLATIONS=str(folder))
    assert texts_of(host, "en-GB")["Birthday"] == "Big day"
    with host.app.app_context():
        assert text("Birthday") == "Big day"
        assert text("Wedding") == "Wedding"
        assert plural_text(*OPEN, 2) == "2 tasks are open"
        assert version().endswith("-en"), "the modules load a catalogue for English only if there is one"


def test_the_language_of_the_request_selects_the_catalogue(make_host: MakeHost, folder: Path) -> None:
    host = make_host(RELATIONSHIPS_TRANSLATIONS=str(folder))
    Babel(host.app, locale_selector=lambda: request.accept_languages.best_match(["de", "en"]))
    with host.app.app_context():
        for language, words in {"de": "Wiegenfest", "fr": "Anniversaire", "en": "Big day", "it": "Birthday"}.items():
            with force_locale(language):
                assert text("Birthday") == words


def test_each_application_has_its_own_texts(make_host: MakeHost, folder: Path) -> None:
    own, other = make_host(RELATIONSHIPS_TRANSLATIONS=str(folder)), make_host()
    with other.app.app_context():
        assert text("Birthday") == "Birthday"
        standard = version()
    with own.app.app_context():
        assert text("Birthday") == "Big day"
        assert version().removesuffix("-en") != standard, "a browser must not keep the texts of another application"


def test_pages_use_them(make_host: MakeHost, tmp_path: Path) -> None:
    words = "The rest of this part needs JavaScript."
    host = make_host(RELATIONSHIPS_TRANSLATIONS=str(write_catalogue(tmp_path, "en", {words: "Enable JavaScript."})))
    page = host.person("update").client.get(f"/relationships/contacts/{host.contact()}").text
    assert "Enable JavaScript." in page
    assert words not in page


def test_a_module_is_served_without_asking_for_a_language(make_host: MakeHost) -> None:
    """A selector may read the session or the user: a module that every cache may keep depends on neither."""
    host, selected = make_host(), []
    Babel(host.app, locale_selector=lambda: selected.append(request.path))
    with host.app.app_context():
        path = f"/relationships/static/{version()}/texts.js"
    assert host.app.test_client().get(path).status_code == 200
    assert selected == []


@pytest.mark.parametrize("content", [b"", b"msgid", b"\xde\x12\x04\x95" + 16 * b"\xff"])
def test_a_damaged_catalogue_is_a_configuration_error(make_host: MakeHost, tmp_path: Path, content: bytes) -> None:
    write_catalogue(tmp_path, "de", {})
    (tmp_path / "de/LC_MESSAGES/flask_relationships.mo").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"RELATIONSHIPS_TRANSLATIONS.*compiled catalogues"):
        make_host(RELATIONSHIPS_TRANSLATIONS=str(tmp_path))


@pytest.mark.parametrize("value", ["translations", "/no/such/folder", 7])
def test_a_folder_without_catalogues_is_a_configuration_error(make_host: MakeHost, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"RELATIONSHIPS_TRANSLATIONS.*absolute path of a folder"):
        make_host(RELATIONSHIPS_TRANSLATIONS=value)
