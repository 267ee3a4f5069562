"""How many of the package's modules and calls each of five flows runs through, and how often it changes the module.

``python -m tests.benchmarks.flows`` prints a table for the demo CRM on SQLite. The page "Architecture" has the flows.
Only calls of Python functions count, of the second run of each flow: the first one fills caches.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from flask import Flask

import flask_relationships
from examples.crm import create_app
from examples.crm.contract import LarkfieldHost
from flask_relationships import jobs
from flask_relationships.testing import Caller, FakeTwilio

PACKAGE = f"{Path(flask_relationships.__file__).parent}/"
TESTING = f"{PACKAGE}testing/"
INBOUND = "https://crm.example/api/relationships/webhooks/twilio/inbound"
EVENT = {"event_type": "birthday", "title": "Birthday", "event_date": "1980-05-15", "recurs_annually": True}


class Trace:
    """The calls of one flow, by module."""

    def __init__(self) -> None:
        self.modules: list[str] = []

    def note(self, frame: FrameType, what: str, _argument: Any) -> None:
        name = frame.f_code.co_filename
        if what == "call" and name.startswith(PACKAGE) and not name.startswith(TESTING):
            self.modules.append(name.removeprefix(PACKAGE))

    @property
    def changes(self) -> int:
        return sum(before != after for before, after in zip(self.modules, self.modules[1:], strict=False))


@contextmanager
def traced() -> Iterator[Trace]:
    trace = Trace()
    sys.setprofile(trace.note)
    try:
        yield trace
    finally:
        sys.setprofile(None)


class Host(LarkfieldHost):
    """The demo with the account of a fake Twilio."""

    def create_app(self, database_url: str) -> Flask:
        own = {"SQLALCHEMY_DATABASE_URI": database_url, "SECRET_KEY": "for tests", "DEMO_ACCOUNTS": False}
        return create_app(own | self.config)


class Flows:
    """The five flows on one application, whose contact has opted in."""

    def __init__(self, host: Host, twilio: FakeTwilio) -> None:
        self.host, self.twilio = host, twilio
        self.user: Caller = host.person("manage", "manager", squad="North")
        self.contact = host.contact()
        opted_in = {"twilio_opt_in": True, "phone_number": "+44 20 7946 0018"}
        self.user.patch(f"/contacts/{self.contact}/relationship", opted_in)

    def create_life_event(self) -> None:
        self.user.post(f"/contacts/{self.contact}/life-events", EVENT)

    def send(self) -> None:
        self.user.post(f"/contacts/{self.contact}/messages", {"channel": "sms", "body": "Happy birthday!"})

    def list_for_manager(self) -> None:
        self.user.get("/relationship-actions", limit="50")

    def run_scheduled_jobs(self) -> None:
        with self.host.app.app_context():
            jobs.run_due()

    def receive(self) -> None:
        status = self.twilio.receive(INBOUND, "+442079460018", self.twilio.sms_from, "Thanks!")
        assert status in (200, 204), status

    @property
    def named(self) -> dict[str, Callable[[], None]]:
        return {
            "POST life event": self.create_life_event,
            "send": self.send,
            "list for a manager": self.list_for_manager,
            "scheduled run": self.run_scheduled_jobs,
            "inbound webhook": self.receive,
        }


def measure() -> dict[str, Trace]:
    """Return the trace of each flow."""
    found = {}
    with tempfile.TemporaryDirectory() as folder, FakeTwilio() as twilio:
        host = Host(f"sqlite:///{folder}/flows.sqlite", **twilio.config(PUBLIC_URL="https://crm.example"))
        flows = Flows(host, twilio)
        twilio.connect(host.app)
        for name, run in flows.named.items():
            run()
            with traced() as trace:
                run()
            found[name] = trace
        host.close()
    return found


def main() -> None:
    print("| flow | modules | calls | changes of module |\n| --- | ---: | ---: | ---: |")
    for name, trace in measure().items():
        print(f"| {name} | {len(set(trace.modules))} | {len(trace.modules)} | {trace.changes} |")


if __name__ == "__main__":
    main()
