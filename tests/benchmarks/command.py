"""What the commands of this folder share: their database, and how they print what they found."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa


def run(description: str | None, measure: Callable[..., tuple[list[dict[str, Any]], bool]], **numbers: int) -> None:
    """Measure, print a table, and exit with 1 where it is not as it should be.

    ``numbers`` are the options, with their defaults. ``measure`` takes the database's URL and them, and returns the
    lines of the table and whether they are right.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", help="the URL of an empty one; SQLite in a temporary folder, if left out")
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{default}, if left out")
    given = vars(parser.parse_args())
    logging.getLogger("flask_relationships").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        url = given.pop("database") or f"sqlite:///{folder}/measured.sqlite"
        lines, right = measure(url, **given)
    _print([{"database": sa.make_url(url).get_backend_name(), **line} for line in lines])
    sys.exit(0 if right else 1)


def _print(lines: Sequence[dict[str, Any]]) -> None:
    rows = [list(lines[0]), *([str(value) for value in line.values()] for line in lines)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
