"""What an application writes to run what is due itself: part of the page on running."""

from __future__ import annotations

from flask import Flask


def run_before_the_holidays(app: Flask) -> int:
    # start: a run of your own
    from datetime import timedelta

    from flask_relationships.jobs.registry import run_due

    with app.app_context():
        done = run_due()
        for name in done.failed:
            app.logger.error("%s was not done", name)
        ahead = run_due(on=done.today + timedelta(days=7), dry_run=True)
    # end: a run of your own
    return len(ahead.steps)
