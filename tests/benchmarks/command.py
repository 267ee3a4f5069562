"""What the commands of this folder share: their database, and how they print what they found."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.databases import DATABASES, SQLITE, Databases

DATABASE = f"the URL of an empty one, or {', '.join(DATABASES)}, which is made; {SQLITE}, if left out"


@contextmanager
def database(given: str | None) -> Iterator[str]:
    """The URL of the database that ``--database`` names; one that is made for this is gone afterwards."""
    if given not in (None, *DATABASES):
        yield str(given)
        return
    with tempfile.TemporaryDirectory() as folder:
        databases = Databases(Path(folder))
        try:
            yield databases.url(given or SQLITE, "measured")
        except (pytest.skip.Exception, pytest.fail.Exception) as missing:
            sys.exit(str(missing))
        finally:
            databases.stop()


def run(description: str | None, measure: Callable[..., tuple[list[dict[str, Any]], bool]], **numbers: int) -> None:
    """Measure, print a table, and exit with 1 where it is not as it should be.

    ``numbers`` are the options, with their defaults. ``measure`` takes the database's URL and them, and returns the
    lines of the table and whether they are right.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", help=DATABASE)
    for name, default in numbers.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default, help=f"{default}, if left out")
    given = vars(parser.parse_args())
    logging.getLogger("flask_relationships").setLevel(logging.CRITICAL)
    with database(given.pop("database")) as url:
        lines, right = measure(url, **given)
    print_table([{"database": sa.make_url(url).get_backend_name(), **line} for line in lines])
    sys.exit(0 if right else 1)


def print_table(lines: Sequence[dict[str, Any]]) -> None:
    rows = [list(lines[0]), *([str(value) for value in line.values()] for line in lines)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
