"""The table of problems."""

from __future__ import annotations

from http import HTTPStatus

from docs.generated.markdown import table
from flask_relationships import errors
from flask_relationships.errors import Problem


def every_problem() -> list[type[Problem]]:
    """The problems that have a status and code of their own, by status and code."""
    found = [
        problem
        for problem in vars(errors).values()
        if isinstance(problem, type) and issubclass(problem, Problem) and hasattr(problem, "code")
    ]
    return sorted(found, key=lambda problem: (problem.status, problem.code))


def problems() -> str:
    """Every problem with its status, code and title."""
    rows = (
        (f"{problem.status} {HTTPStatus(problem.status).phrase}", f"`{problem.code}`", problem.title)
        for problem in every_problem()
    )
    return table(("Status", "Code", "Title"), rows)
