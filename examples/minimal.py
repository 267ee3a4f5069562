"""The smallest host: ``flask --app examples.minimal run``, then http://127.0.0.1:5000/."""

# ruff: noqa: ARG001, ERA001  (the permission callback must take a target; the documentation includes by markers)

from __future__ import annotations

from flask import Flask, redirect
from flask_login import LoginManager, UserMixin, login_user
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug.wrappers import Response

from flask_relationships import ConsoleTransport, ContactMapping, Relationships, UserMapping


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)
login_manager = LoginManager()


class User(UserMixin, db.Model):  # type: ignore[name-defined, misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    full_name: Mapped[str]
    is_admin: Mapped[bool]


class Contact(db.Model):  # type: ignore[name-defined, misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    given_name: Mapped[str]
    family_name: Mapped[str]
    email: Mapped[str]
    mobile: Mapped[str]


# start: quickstart
relationships = Relationships(
    db=db,
    contact=ContactMapping(Contact, first_name="given_name", last_name="family_name", phone="mobile"),
    user=UserMapping(User, name="full_name"),
    transport=ConsoleTransport(),  # prints messages; leave it out to send them through Twilio
)


@relationships.permission_callback
def allowed(user: User, permission: str, target: object) -> bool:
    return user.is_admin or permission != "relationships:manage"


def create_app(database: str = "sqlite:///minimal.sqlite") -> Flask:
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="change me", SESSION_COOKIE_SAMESITE="Lax", SQLALCHEMY_DATABASE_URI=database)
    db.init_app(app)
    login_manager.init_app(app)
    relationships.init_app(app)
    return with_sample_rows(app)


# end: quickstart


def with_sample_rows(app: Flask) -> Flask:
    """Make the tables, one user and one contact, and a page at ``/`` that logs that user in."""
    app.add_url_rule("/", view_func=log_in)
    with app.app_context():
        db.create_all()
        if db.session.get(User, 1) is None:
            sam = Contact(given_name="Sam", family_name="Okafor", email="sam@orchard.example", mobile="+442079460123")
            db.session.add_all([User(id=1, full_name="Ada Quill", is_admin=True), sam])
            db.session.commit()
    return app


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load_user(user_id: str) -> User | None:
    return db.session.get(User, int(user_id))


def log_in() -> Response:
    """Log the one user in and show the API's answer for the one contact."""
    login_user(db.session.get_one(User, 1))
    return redirect("/api/relationships/contacts/1/relationship")
