"""The application of Celery's processes: ``celery -A tests.running.celery_application worker``, and ``beat``."""

from __future__ import annotations

import os

from flask_relationships.celery import beat_schedule
from tests.documentation.with_celery import make_celery
from tests.running.application import create_app

flask_app = create_app()
flask_app.config["CELERY_BROKER_URL"] = os.environ["WORKER_BROKER"]
app = make_celery(flask_app)
app.conf.beat_schedule = beat_schedule(seconds=1)
