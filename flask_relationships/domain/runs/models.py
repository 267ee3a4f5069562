from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Table, unique


class RefreshTable(Table):
    """The last completion of a pass over the host's rows, which has a longer period than the runs."""

    __name_of_table__ = "refreshes"

    name: Mapped[str] = mapped_column(sa.String(50))
    done_at: Mapped[datetime] = mapped_column(sa.DateTime)

    @classmethod
    def constraints(cls) -> Sequence[Any]:
        return (unique(cls, "name"),)


class RunTable(Table):
    """The last run of scheduled jobs, one row for each runner: ``command``, ``worker``, ``celery`` or ``code``.

    ``succeeded_at`` is the beginning of the last successful run. ``lag`` is the seconds between the successful run
    before it and its beginning: the longest that a job had waited. ``failed`` has the names of the jobs that failed.
    """

    __name_of_table__ = "runs"

    runner: Mapped[str] = mapped_column(sa.String(20))
    began_at: Mapped[datetime] = mapped_column(sa.DateTime)
    ended_at: Mapped[datetime] = mapped_column(sa.DateTime)
    succeeded_at: Mapped[datetime | None] = mapped_column(sa.DateTime)
    lag: Mapped[int | None] = mapped_column(sa.Integer)
    failed: Mapped[str | None] = mapped_column(sa.Text)

    @classmethod
    def constraints(cls) -> Sequence[Any]:
        return (unique(cls, "runner"),)
