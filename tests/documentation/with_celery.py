"""What an application adds to let Celery's workers send its messages: part of the page on running."""

# mypy: ignore-errors

# start: the application of Celery
from celery import Celery, Task
from flask import Flask

from flask_relationships.celery import beat_schedule


def make_celery(app: Flask) -> Celery:
    class FlaskTask(Task):
        def __call__(self, *args, **kwargs):
            with app.app_context():
                return self.run(*args, **kwargs)

    celery_app = Celery(app.name, task_cls=FlaskTask)
    celery_app.conf.broker_url = app.config["CELERY_BROKER_URL"]
    celery_app.conf.beat_schedule = beat_schedule(seconds=60)
    celery_app.set_default()
    app.extensions["celery"] = celery_app
    return celery_app


# end: the application of Celery
