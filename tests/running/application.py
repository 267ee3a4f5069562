"""The application of a worker's process: ``flask --app tests.running.application relationships worker``."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from flask import Flask

from flask_relationships.testing import FakeTwilio
from tests.hosts import ordinary


def create_app() -> Flask:
    app = ordinary.create_app(os.environ["WORKER_DATABASE"])
    state = app.extensions["relationships"]
    state.transport = FakeTwilio.transport_to(os.environ["WORKER_TWILIO"])
    state.clock = lambda: datetime.now(UTC)
    return app
