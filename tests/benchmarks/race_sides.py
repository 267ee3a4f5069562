"""What one side of a race can do: make a request, post a webhook, run a scheduled job, delete a row of the host's."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from flask_relationships.api.application import state
from flask_relationships.jobs.registry import JOBS
from flask_relationships.jobs.runner import run_jobs
from flask_relationships.providers.base import OutboundMessage, Report
from flask_relationships.testing import FakeTwilio
from flask_relationships.testing.twilio.webhooks import sign
from tests.hosts.host import PREFIX
from tests.hosts.ordinary import Company, Contact, OrdinaryHost, User
from tests.hosts.transport import WatchedTransport

Ids = dict[str, str]

PUBLIC_URL = "https://crm.example.com"

MODELS: dict[str, Any] = {"contact": Contact, "company": Company, "user": User, "reader": User}

PROGRAM = {"X-Requested-With": "XMLHttpRequest"}
"""A POST without a body needs one of these headers."""


class AskedTransport(WatchedTransport):
    """A transport that can also be asked what became of a message."""

    def search(self, message: OutboundMessage, attempted_at: datetime, now: datetime) -> list[Report]:
        return []

    def fetch(self, provider_sid: str) -> Report:
        return Report("delivered", provider_sid)


class Side:
    """One process of a race."""

    def __init__(self, host: OrdinaryHost) -> None:
        self.host = host
        self._clients: dict[str, FlaskClient] = {}

    def log_in(self, user: str) -> None:
        if user not in self._clients:
            self._clients[user] = self.host.app.test_client()
            self._clients[user].post("/login", data={"user": user})

    def ask(self, user: str, method: str, path: str, body: Any) -> str:
        """Make a request of the API, and return the status of its answer."""
        options = {} if body is None else {"json": body}
        response = self._clients[user].open(f"{PREFIX}{path}", method=method, headers=PROGRAM, **options)
        return _status(response)

    def post(self, path: str, form: dict[str, str]) -> str:
        """Post a webhook as Twilio does."""
        form = {"AccountSid": FakeTwilio.account_sid, "ApiVersion": "2010-04-01", **form}
        request = sign(f"{PUBLIC_URL}{PREFIX}/webhooks/twilio{path}", form, FakeTwilio.auth_token)
        client = self.host.app.test_client()
        headers = dict(request.headers)
        return _status(client.post(f"{PREFIX}/webhooks/twilio{path}", PUBLIC_URL, data=request.body, headers=headers))

    def run(self, step: str) -> str:
        """Run one scheduled job."""
        with self.host.app.app_context():
            steps = [one for one in JOBS if one.name == step]
            assert steps, step
            done = run_jobs(steps, state.today(), dry_run=False, progress=None, stopped=lambda: False)
        return f"failed ({done.results[0].failure})" if done.failed else "ran"

    def delete(self, kind: str, id: str) -> str:
        """Delete a row of the host's, as its own code does: again where the database was locked."""
        session = self.host.db.session
        with self.host.app.app_context():
            for _ in range(20):
                try:
                    row = session.get(MODELS[kind], int(id))
                    if row is not None:
                        session.delete(row)
                    session.commit()
                    return "deleted"
                except OperationalError:
                    session.rollback()
                    time.sleep(0.02)
        return "locked"

    def execute(self, *statements: sa.Executable) -> None:
        with self.host.app.app_context():
            for statement in statements:
                self.host.db.session.execute(statement)
            self.host.db.session.commit()


def _status(response: Any) -> str:
    if response.status_code == 503 and "Retry-After" not in response.headers:
        return "503 without Retry-After"
    return str(response.status_code)
