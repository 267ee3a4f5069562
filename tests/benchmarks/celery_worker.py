"""The application of a Celery worker: ``celery -A tests.benchmarks.celery_worker worker``."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from flask_relationships.testing import FakeTwilio
from tests.documentation.with_celery import make_celery
from tests.hosts.ordinary import create_app

flask_app = create_app(os.environ["MEASURED_DATABASE"], RELATIONSHIPS_DISPATCH="celery")
flask_app.config["CELERY_BROKER_URL"] = os.environ["MEASURED_BROKER"]
flask_app.extensions["relationships"].transport = FakeTwilio.transport_to(os.environ["MEASURED_TWILIO"])
flask_app.extensions["relationships"].clock = lambda: datetime.now(UTC)
app = make_celery(flask_app)
