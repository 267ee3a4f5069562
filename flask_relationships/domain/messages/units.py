"""Run a unit of work on messages and commit it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from ...context import Context
from ...db.statements import retried

_P = ParamSpec("_P")
_T = TypeVar("_T")

MAX_ATTEMPTS = 6
"""How often a unit of work is begun. It is the only record of a message that has left or come in."""


def run_unit(ctx: Context, work: Callable[Concatenate[Context, _P], _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Run ``work(ctx, ...)`` and commit. Begin again if it collided with another transaction.

    :raises SQLAlchemyError: another error of the database, or the last attempt collided too.
    """

    def run() -> _T:
        result = work(ctx, *args, **kwargs)
        ctx.commit()
        return result

    return retried(ctx.session, run, MAX_ATTEMPTS, unless=lambda: False)
