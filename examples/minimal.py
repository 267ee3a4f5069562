"""The smallest host: ``flask --app examples.minimal run``, then http://127.0.0.1:5000/."""

# mypy: disable-error-code="name-defined, misc, untyped-decorator"
# ruff: noqa: ARG001, ERA001  (the permission callback must take a target; the documentation includes by markers)

# start: models
from __future__ import annotations

from flask import Flask, render_template_string
from flask_login import LoginManager, UserMixin, login_user
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from flask_relationships import ConsoleTransport, ContactMapping, Relationships, UserMapping


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)
login_manager = LoginManager()


class User(UserMixin, db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    full_name: Mapped[str]
    is_admin: Mapped[bool]


class Contact(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    given_name: Mapped[str]
    family_name: Mapped[str]
    email: Mapped[str]
    mobile: Mapped[str]


@login_manager.user_loader
def load_user(user_id: str) -> User | None:
    return db.session.get(User, int(user_id))


# end: models


# start: binding
relationships = Relationships(
    db=db,
    contact=ContactMapping(Contact, first_name="given_name", last_name="family_name", phone="mobile"),
    user=UserMapping(User, name="full_name"),
    transport=ConsoleTransport(),  # prints messages; leave it out to send them through Twilio
)


@relationships.permission_callback
def allowed(user: User, permission: str, target: object) -> bool:
    return user.is_admin or permission != "relationships:manage"


# end: binding


# start: application
def create_app(database: str = "sqlite:///minimal.sqlite") -> Flask:
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="change me", SESSION_COOKIE_SAMESITE="Lax", SQLALCHEMY_DATABASE_URI=database)
    db.init_app(app)
    login_manager.init_app(app)
    relationships.init_app(app)
    app.add_url_rule("/", view_func=start_page)
    with app.app_context():
        create_sample_rows()
    return app


def create_sample_rows() -> None:
    """Create the tables, one user and one contact."""
    db.create_all()
    if db.session.get(User, 1) is None:
        sam = Contact(given_name="Sam", family_name="Okafor", email="sam@orchard.example", mobile="+442079460123")
        db.session.add_all([User(id=1, full_name="Ada Quill", is_admin=True), sam])
        db.session.commit()


PAGE = """<!doctype html>
<html lang="en">
<title>{{ contact.given_name }}</title>
<h1>{{ contact.given_name }} {{ contact.family_name }}</h1>
{{ relationships.contact_panel(contact.id) }}
</html>"""


def start_page() -> str:
    """Log the one user in and show the one contact with its relationships panel."""
    login_user(db.session.get_one(User, 1))
    return render_template_string(PAGE, contact=db.session.get_one(Contact, 1))


# end: application
