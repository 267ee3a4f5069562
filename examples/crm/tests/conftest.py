"""The CRM over its test client, with sample data that are made once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from examples.crm import create_app
from examples.crm.database import create_unless_there
from examples.crm.extensions import db
from examples.crm.sample_data import PASSWORD
from examples.crm.sample_data.names import USERS
from examples.crm.sample_data.people import email_of
from examples.crm.tour.browser import Page


class Person:
    """Somebody at a browser: forms and JSON requests carry the CSRF token of the page last opened."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.token = ""

    def open(self, path: str, **options: Any) -> TestResponse:
        response = self.client.get(path, buffered=True, **options)
        if response.mimetype == "text/html":
            self.token = Page(response.text).meta.get("csrf-token", self.token)
        return response

    def submit(self, path: str, **fields: str) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token, **fields})

    def log_in(self, email: str, password: str = PASSWORD, **fields: str) -> TestResponse:
        self.open("/login")
        answer = self.submit("/login", email=email, password=password, **fields)
        self.open("/")
        return answer

    def call(self, method: str, path: str, body: Any = None) -> TestResponse:
        headers = {"X-CSRFToken": self.token}
        return self.client.open(f"/api/relationships{path}", method=method, json=body, headers=headers)


LogIn = Callable[[str], Person]


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "crm.sqlite"
    create_unless_there(path)
    return path


@pytest.fixture
def app(sample_file: Path, tmp_path: Path) -> Iterator[Flask]:
    database = tmp_path / "crm.sqlite"
    shutil.copy(sample_file, database)
    app = create_app({"DATABASE": database, "SECRET_KEY": "for tests", "TESTING": True})
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def nobody(app: Flask) -> Person:
    return Person(app)


@pytest.fixture
def log_in(app: Flask) -> LogIn:
    """Logs in the first of a level."""

    def log_in(level: str) -> Person:
        person = Person(app)
        answer = person.log_in(email_of(next(name for name, of, _ in USERS if of == level)))
        assert answer.status_code == 302
        return person

    return log_in
