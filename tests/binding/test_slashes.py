"""Keys of text that hold a slash, and what a host's `abort()` may say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask import Flask, abort
from flask_sqlalchemy import SQLAlchemy

from flask_relationships import ContactMapping, Relationships, UserMapping
from flask_relationships.testing import MemoryTransport

KEYS = ["A/1", "2026/11/30", "a/b c", "x/messages", "relationship/relationship", "ä/ö", "50%/2"]


@pytest.fixture(scope="module")
def app() -> Flask:
    db = SQLAlchemy()

    class User(db.Model):  # type: ignore[name-defined,misc]
        code = sa.Column(sa.String(40), primary_key=True)
        name = sa.Column(sa.String(40))

    class Contact(db.Model):  # type: ignore[name-defined,misc]
        code = sa.Column(sa.String(40), primary_key=True)
        first_name = sa.Column(sa.String(40))
        last_name = sa.Column(sa.String(40))

    app = Flask(__name__)
    app.config.update(SQLALCHEMY_DATABASE_URI="sqlite://")
    db.init_app(app)
    Relationships(
        app,
        db,
        contact=ContactMapping(Contact),
        user=UserMapping(User),
        permission=lambda *_: True,
        current_user=lambda: "u/1",
        transport=MemoryTransport(),
    )
    with app.app_context():
        db.create_all()
        db.session.add(User(code="u/1", name="Grace"))
        db.session.add_all(Contact(code=key, first_name="Ada", last_name=key) for key in KEYS)
        db.session.commit()
    return app


@pytest.mark.parametrize("key", KEYS)
def test_a_contact_whose_key_holds_a_slash(app: Flask, key: str) -> None:
    client, at = app.test_client(), f"/api/relationships/contacts/{quote(key, safe='')}"
    profile = client.get(f"{at}/relationship")
    assert (profile.status_code, profile.json["profile"]["contact_id"]) == (200, key)  # type: ignore[index]
    event = client.post(f"{at}/life-events", json={"event_type": "award", "title": "Award"})
    assert event.status_code == 201
    id = event.json["event"]["id"]  # type: ignore[index]
    assert client.patch(f"{at}/life-events/{id}", json={"title": "Prize"}).status_code == 200
    assert [one["title"] for one in client.get(f"{at}/life-events").json["events"]] == ["Prize"]  # type: ignore[index]
    assert client.get(f"{at}/relationship-actions").json["actions"][0]["contact_id"] == key  # type: ignore[index]
    assert client.delete(f"{at}/life-events/{id}").status_code == 200
    assert client.get(f"{at}x/relationship").status_code == 404
    assert client.get(f"/relationships/contacts/{quote(key, safe='')}").status_code == 200


@pytest.mark.parametrize(
    ("description", "detail"),
    [
        ("No such plan.", "No such plan."),
        (None, "Forbidden"),
        ({"field": "is wrong"}, "Forbidden"),
        (["one", "two"], "Forbidden"),
        (type("Lazy", (), {"__str__": lambda _self: "Later translated."})(), "Later translated."),
    ],
    ids=["text", "none", "dict", "list", "lazy"],
)
def test_the_description_of_an_abort_of_the_host(description: Any, detail: str) -> None:
    host = _host_that(lambda: abort(403, description=description))
    answer = host.test_client().get("/api/relationships/relationship-actions")
    assert answer.status_code == 403
    told = answer.get_json(force=True)
    assert (told["code"], told["detail"]) == ("http_403", detail if description is not None else told["detail"])


def _host_that(before_request: Callable[[], Any]) -> Flask:
    db = SQLAlchemy()

    class User(db.Model):  # type: ignore[name-defined,misc]
        id = sa.Column(sa.Integer, primary_key=True)
        name = sa.Column(sa.String(40))

    class Contact(db.Model):  # type: ignore[name-defined,misc]
        id = sa.Column(sa.Integer, primary_key=True)
        first_name = sa.Column(sa.String(40))
        last_name = sa.Column(sa.String(40))

    app = Flask(__name__)
    app.config.update(SQLALCHEMY_DATABASE_URI="sqlite://")
    db.init_app(app)
    Relationships(app, db, contact=ContactMapping(Contact), user=UserMapping(User), permission=lambda *_: True)
    app.before_request(before_request)
    return app
