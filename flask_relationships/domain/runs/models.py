from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Table, unique


class RefreshTable(Table):
    """When a pass over the host's rows was last completed. It has a period of its own, longer than that of the runs."""

    __name_of_table__ = "refreshes"

    name: Mapped[str] = mapped_column(sa.String(50))
    done_at: Mapped[datetime] = mapped_column(sa.DateTime)

    @classmethod
    def constraints(cls) -> Sequence[Any]:
        return (unique(cls, "name"),)


class RunTable(Table):
    """The last run of what is due, one row for each way to run it: ``command``, ``worker``, ``celery`` or ``code``.

    ``succeeded_at`` is when the last one began in which every step was done, and ``lag`` how many seconds before it
    nothing had been done: the longest that something due had waited. ``failed`` names the steps that were not done.
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
