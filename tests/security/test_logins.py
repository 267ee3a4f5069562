"""The log-ins that Flask applications have, driven as they are, and an application that has none of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask_jwt_extended as jwt
import pytest
import sqlalchemy as sa
from flask_login import LoginManager, UserMixin, current_user, login_user

from tests.hosts.made import Made
from tests.security.asking import ACTIONS, Make, creator


class Wrapper(UserMixin):  # type: ignore[misc]
    """A user as Flask-Login has them, who is no row."""

    def __init__(self, id: int) -> None:
        self.id = id


class Loadable:
    """What Flask-Login asks of a user at least, and no more: no row, and no id."""

    is_authenticated = is_active = True

    def __init__(self, key: Any) -> None:
        self.key = key

    def get_id(self) -> str:
        return str(self.key)


class TestFlaskLogin:
    @pytest.fixture(params=["a row", "a wrapper", "a wrapper without an id"])
    def made(self, request: pytest.FixtureRequest, make: Make) -> Made:
        load: dict[str, Callable[[str], Any]] = {
            "a row": lambda key: made.models.db.session.get(made.models.User, int(key)),
            "a wrapper": lambda key: Wrapper(int(key)),
            "a wrapper without an id": Loadable,
        }
        made = make("int", 7, None)
        manager = LoginManager(made.app)
        manager.user_loader(load[request.param])
        made.app.add_url_rule("/login", "login", lambda: str(login_user(Wrapper(7))), methods=["POST"])
        return made

    def test_logged_in_and_not(self, made: Made) -> None:
        client = made.app.test_client()
        path = f"/api/relationships{ACTIONS}"
        assert client.get(path).status_code == 401
        client.post("/login")
        assert client.get(path).status_code == 200
        with made.app.app_context():
            made.models.db.session.execute(sa.delete(made.models.User))
            made.models.db.session.commit()
        assert client.get(path).status_code == 401

    def test_the_callback_receives_what_it_stands_for(self, make: Make) -> None:
        received: list[Any] = []
        made = make("int", 7, lambda: current_user, permission=lambda user, *_: received.append(user) or True)
        manager, wrapper = LoginManager(made.app), Wrapper(7)
        manager.request_loader(lambda _request: wrapper)
        assert creator(made) == "7"
        assert received
        assert all(user is wrapper for user in received)


class TestFlaskJWTExtended:
    """Its identity is text, since a token's subject has to be, also where keys are integers."""

    @staticmethod
    def who() -> Any:
        jwt.verify_jwt_in_request(optional=True)
        return jwt.get_jwt_identity()

    @staticmethod
    def looked_up() -> Any:
        jwt.verify_jwt_in_request()
        return jwt.current_user

    def token(self, made: Made, identity: str) -> dict[str, str]:
        with made.app.app_context():
            return {"Authorization": f"Bearer {jwt.create_access_token(identity)}"}

    def test_the_identity(self, make: Make) -> None:
        made = make("int", 7, self.who)
        jwt.JWTManager(made.app)
        path = f"/api/relationships{ACTIONS}"
        client = made.app.test_client()
        assert client.get(path).status_code == 401
        assert client.get(path, headers=self.token(made, "8")).status_code == 401
        assert client.get(path, headers={"Authorization": "Bearer forged"}).status_code == 401
        assert creator(made, headers=self.token(made, "7")) == "7"

    def test_its_current_user(self, make: Make) -> None:
        made = make("int", 7, self.looked_up)
        manager = jwt.JWTManager(made.app)
        manager.user_lookup_loader(
            lambda _header, claims: made.models.db.session.get(made.models.User, int(claims["sub"]))
        )
        assert made.app.test_client().get(f"/api/relationships{ACTIONS}").status_code == 401
        assert creator(made, headers=self.token(made, "7")) == "7"


WITHOUT_FLASK_LOGIN = """
import sys
sys.modules["flask_login"] = None
import flask_relationships
assert "twilio" not in sys.modules
from flask import Flask, session
from flask_sqlalchemy import SQLAlchemy
import sqlalchemy as sa
from flask_relationships import ContactMapping, Relationships, UserMapping
from flask_relationships.testing import MemoryTransport

db = SQLAlchemy()

class User(db.Model):
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(50))

class Contact(db.Model):
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(50))

app = Flask(__name__)
app.config.update(SQLALCHEMY_DATABASE_URI="sqlite://", SECRET_KEY="for tests")
db.init_app(app)
contact = ContactMapping(Contact, name="name", email=None, phone=None, company=None)
told = {} if "default" in sys.argv else {"current_user": lambda: session.get("user")}
Relationships(
    app, db, contact=contact, user=UserMapping(User), permission=lambda *_: True, transport=MemoryTransport(), **told
)
with app.app_context():
    db.create_all()
    db.session.add_all([User(id=1, name="Ada"), Contact(id=1, name="Bob")])
    db.session.commit()
client = app.test_client()
path = "/api/relationships/relationship-actions"
statuses = [client.get(path).status_code]
with client.session_transaction() as kept:
    kept["user"] = 1
statuses.append(client.get(path).status_code)
assert sys.modules["flask_login"] is None
assert "twilio" not in sys.modules
print(*statuses)
"""


@pytest.mark.parametrize(("callback", "statuses"), [("own", "401 200"), ("default", "401 401")])
def test_a_host_without_a_login_manager_never_touches_flask_login(callback: str, statuses: str, tmp_path: Path) -> None:
    """Flask-Login cannot even be imported here; without a callback there is nobody, and no error."""
    program = [sys.executable, "-c", WITHOUT_FLASK_LOGIN, callback]
    root = Path(__file__).parents[2]
    run = subprocess.run(  # noqa: S603 (this interpreter)
        program, capture_output=True, text=True, cwd=root, timeout=60, check=False
    )
    assert run.stdout.split("\n")[0] == statuses, run.stderr
