"""The table of the results of `flask relationships check`."""

from __future__ import annotations

from docs.generated.markdown import table
from flask_relationships.checks.runner import all_kinds


def check_results() -> str:
    """Return every result, in the order of the command's output."""
    rows = (
        (f"`{kind.code}`", kind.level, kind.meaning, _escaped(kind.fix), f"[more]({kind.page})") for kind in all_kinds()
    )
    return table(("Code", "Level", "Result", "Fix", ""), rows)


def _escaped(fix: str) -> str:
    """The underscores and stars of code are no emphasis in a cell."""
    return fix.replace("*", "\\*").replace("_", "\\_")
