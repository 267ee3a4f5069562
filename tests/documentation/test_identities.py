"""The ways to say who is asking that the documentation shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from flask import Flask, g, request
from flask.testing import FlaskClient
from flask_jwt_extended import JWTManager, create_access_token
from flask_login import login_user

from tests.documentation.conftest import MakeHost
from tests.documentation.identities import (
    from_flask_jwt_extended,
    from_the_session,
    from_the_token,
    from_what_the_host_has_found,
    load_user,
    login_manager,
    with_the_claims,
)

ACTIONS = "/api/relationships/relationship-actions"
KEY = "a key of at least thirty-two bytes"


def test_a_bare_key_in_the_session(make_host: MakeHost) -> None:
    given: list[Any] = []

    def allowed(user: Any, permission: str, target: object) -> bool:
        given.append(user)
        return True

    app = make_host(current_user=from_the_session, permission=allowed)
    client = app.test_client()
    assert client.get(ACTIONS).status_code == 401
    with client.session_transaction() as session:
        session["user_id"] = 1
    assert client.get(ACTIONS).status_code == 200
    assert given == [1]
    with client.session_transaction() as session:
        session["user_id"] = 2
    assert client.get(ACTIONS).status_code == 401, "there is no such user"


class TestToken:
    @pytest.fixture
    def client(self, make_host: MakeHost) -> FlaskClient:
        app = make_host(current_user=from_the_token, permission=lambda user, *_: user["role"] == "staff")
        app.config["TOKEN_KEY"] = KEY
        return app.test_client()

    @staticmethod
    def status(client: FlaskClient, key: str = KEY, **claims: Any) -> int:
        claims = {"sub": "1", "role": "staff", "exp": datetime.now(UTC) + timedelta(minutes=5), **claims}
        kept = {name: claim for name, claim in claims.items() if claim is not None}
        token = jwt.encode(kept, key, algorithm="HS256")
        return client.get(ACTIONS, headers={"Authorization": f"Bearer {token}"}).status_code

    def test_a_good_one(self, client: FlaskClient) -> None:
        assert self.status(client) == 200

    def test_the_permission_callback_is_given_the_claims(self, client: FlaskClient) -> None:
        assert self.status(client, role="visitor") == 403

    @pytest.mark.parametrize(
        "claims",
        [
            {"exp": datetime.now(UTC) - timedelta(minutes=5)},
            {"exp": None},
            {"sub": None},
            {"sub": "2"},
            {"key": "another key of at least thirty-two bytes"},
        ],
        ids=["expired", "for ever", "nobody", "a user that is gone", "forged"],
    )
    def test_bad_ones(self, client: FlaskClient, claims: dict[str, Any]) -> None:
        assert self.status(client, **claims) == 401

    def test_none(self, client: FlaskClient) -> None:
        assert client.get(ACTIONS).status_code == 401


def test_an_object_of_flask_login(make_host: MakeHost) -> None:
    app = make_host(current_user=None, permission=lambda user, *_: user.is_admin)
    login_manager.init_app(app)
    app.add_url_rule("/login", "login", lambda: str(login_user(load_user("1"))))
    client = app.test_client()
    assert client.get(ACTIONS).status_code == 401
    client.get("/login")
    assert client.get(ACTIONS).status_code == 200


class TestFlaskJWTExtended:
    @staticmethod
    def status(app: Flask, **claims: Any) -> int:
        with app.app_context():
            token = create_access_token(claims.pop("identity", "1"), additional_claims=claims)
        return app.test_client().get(ACTIONS, headers={"Authorization": f"Bearer {token}"}).status_code

    @pytest.fixture(params=[from_flask_jwt_extended, with_the_claims])
    def app(self, request: pytest.FixtureRequest, make_host: MakeHost) -> Flask:
        app = make_host(current_user=request.param)
        app.config["JWT_SECRET_KEY"] = KEY
        JWTManager(app)
        return app

    def test_somebody_and_nobody(self, app: Flask) -> None:
        assert self.status(app) == 200
        assert self.status(app, identity="2") == 401
        assert app.test_client().get(ACTIONS).status_code == 401

    def test_the_permission_callback_is_given_the_claims(self, make_host: MakeHost) -> None:
        app = make_host(current_user=with_the_claims, permission=lambda user, *_: user["role"] == "staff")
        app.config["JWT_SECRET_KEY"] = KEY
        JWTManager(app)
        assert [self.status(app, role=role) for role in ("staff", "visitor")] == [200, 403]


def test_a_mapping_that_the_host_has_found(make_host: MakeHost) -> None:
    app = make_host(current_user=from_what_the_host_has_found)

    @app.before_request
    def find_user() -> None:
        if "X-User" in request.headers:
            g.user = {"id": int(request.headers["X-User"]), "role": "staff"}

    client = app.test_client()
    statuses = [client.get(ACTIONS, headers=headers).status_code for headers in ({}, {"X-User": "1"}, {"X-User": "2"})]
    assert statuses == [401, 200, 401]
