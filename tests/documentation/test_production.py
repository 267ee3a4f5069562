"""The deployment checklist: the factory reads the environment, and its commands and keys exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_relationships.config import KEYS, PREFIX
from tests.documentation.production import create_app

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "deployment.md").read_text()


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_RELATIONSHIPS_TIMEZONE", "Europe/Lisbon")
    monkeypatch.setenv("FLASK_RELATIONSHIPS_TWILIO_AUTH_TOKEN", '["new", "old"]')
    monkeypatch.setenv("FLASK_RELATIONSHIPS_BIRTHDAY_EVENTS", "true")
    app = create_app()
    settings = app.extensions["relationships"].settings
    assert str(settings.timezone) == "Europe/Lisbon"
    assert settings.birthday_events is True
    assert app.config["RELATIONSHIPS_TWILIO_AUTH_TOKEN"] == ["new", "old"]
    assert isinstance(app.wsgi_app, ProxyFix)


def test_the_keys_that_the_page_names_exist() -> None:
    named = set(re.findall(rf"{PREFIX}([A-Z_]+)", PAGE))
    assert len(named) > 5
    assert named <= {key.name for key in KEYS}
