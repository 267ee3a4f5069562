"""Every mistake we could think of that an integrator makes, each on a small host of its own.

``python -m tests.binding.mistakes`` prints the list with the messages; the page of traps is made from it too.
"""

from __future__ import annotations

import logging

from tests.binding import mistakes_in_applications, mistakes_in_mappings
from tests.binding.bench import TRAPS, Bench, Told, Trap, commit

__all__ = ["TRAPS", "Bench", "Told", "Trap", "commit", "mistakes_in_applications", "mistakes_in_mappings"]


def main() -> None:
    """Print the catalogue."""
    logging.lastResort = None
    logging.getLogger().addHandler(logging.NullHandler())
    for mistake in TRAPS:
        told = commit(mistake)
        print(f"{mistake.name} [{told.code or 'log'}]\n    {told.message}")
        if told.fix:
            print(f"    Fix: {told.fix}")


if __name__ == "__main__":
    main()
