from __future__ import annotations

from ...api.fields import Choice, JSONInt, Schema, Text, Timestamp

MAX_SECONDS = 2**31 - 1


class Run(Schema):
    """The last run of scheduled jobs by one runner."""

    runner = Text(20, nullable=False, description="command, worker, celery, or code of the application's own")
    began_at = Timestamp(nullable=False)
    ended_at = Timestamp(nullable=False)
    succeeded_at = Timestamp(description="When its last successful run began")
    lag = JSONInt(0, MAX_SECONDS, description="Seconds between the successful run before it and its beginning")
    failed = Text(description="The jobs that failed in the last run")


class Health(Schema):
    status = Choice(
        ("ok", "failing", "late", "never"),
        nullable=False,
        description="late: the last run in which all was done is longer ago than RELATIONSHIPS_RUN_LATE_AFTER",
    )
    succeeded_at = Timestamp(description="When the last successful run began")
    lag = JSONInt(0, MAX_SECONDS, description="Seconds since then")
    late_after = JSONInt(60, MAX_SECONDS, nullable=False, description="Seconds")
