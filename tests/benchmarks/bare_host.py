"""The host of the minimal example without the tool: what a start-up takes that no plugin can save."""

from __future__ import annotations

from flask import Flask
from flask_login import LoginManager, UserMixin
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


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


def create_app(database: str) -> Flask:
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="change me", SQLALCHEMY_DATABASE_URI=database)
    db.init_app(app)
    login_manager.init_app(app)
    with app.app_context():
        db.create_all()
        if db.session.get(User, 1) is None:
            sam = Contact(given_name="Sam", family_name="Okafor", email="sam@orchard.example", mobile="+442079460123")
            db.session.add_all([User(id=1, full_name="Ada Quill", is_admin=True), sam])
            db.session.commit()
    return app
