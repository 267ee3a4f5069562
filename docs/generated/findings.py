"""The table of what `flask relationships check` can find."""

from __future__ import annotations

from docs.generated.markdown import table
from flask_relationships.checks.runner import all_kinds


def findings() -> str:
    """Every kind of finding, in the order of the command's output."""
    rows = (
        (f"`{kind.code}`", kind.level, kind.meaning, _escaped(kind.fix), f"[more]({kind.page})")
        for kind in all_kinds()
    )
    return table(("Code", "Level", "What was found", "What to do", ""), rows)


def _escaped(fix: str) -> str:
    """The underscores and stars of code are no emphasis in a cell."""
    return fix.replace("*", "\\*").replace("_", "\\_")
