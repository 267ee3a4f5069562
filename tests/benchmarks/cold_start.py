"""What the tool adds to the start of a host: milliseconds and MiB, in fresh interpreters that take turns.

An import is compared with that of the libraries that the tool stands on, a whole application with the same host without
the tool. The bar is what an import may add: 60 ms and 12 MiB. Milliseconds are those that the process has worked, the
least of all rounds, since a machine that does something else only ever adds to them; ``slower`` is by how much of what
it is compared with, the median of the rounds' ratios.

``python -m tests.benchmarks.cold_start [--rounds 15] [--most-ms 60] [--most-mib 12]`` exits with 1 above the bar.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.command import print_table

LIBRARIES = "import flask, flask_sqlalchemy, marshmallow, sqlalchemy"

STARTS = {
    "the libraries": LIBRARIES,
    "and import flask_relationships": f"{LIBRARIES}, flask_relationships",
    "a host without the tool": f"{LIBRARIES}; from tests.benchmarks.bare_host import create_app; create_app('sqlite://')",
    "the minimal example": f"{LIBRARIES}; from examples.minimal import create_app; create_app('sqlite://')",
}

COMPARED = (
    ("and import flask_relationships", "the libraries"),
    ("the minimal example", "a host without the tool"),
)

MEASURED = """
import json, sys, time
began = time.process_time()
exec(sys.argv[1])
worked = time.process_time() - began
with open("/proc/self/status") as file:
    resident = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
print(json.dumps([worked * 1000, resident / 1024]))
"""


def measure(rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Of each start the milliseconds and MiB of each round. One round goes before, which fills the caches."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in STARTS}
    for number in range(rounds + 1):
        for name, code in STARTS.items():
            ms, mib = json.loads(_run(MEASURED, code))
            if number:
                found[name].append((ms, mib))
    return found


def _run(*arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)  # noqa: S603
    return done.stdout


def _lines(found: dict[str, list[tuple[float, float]]]) -> list[dict[str, Any]]:
    lines = []
    compared = dict(COMPARED)
    for name, rounds in found.items():
        line = {"start": name, "ms": round(_least(rounds)), "MiB": round(median(mib for _, mib in rounds), 1)}
        other = found.get(compared.get(name, ""))
        if other is None:
            lines.append({**line, "ms more": "", "MiB more": "", "slower": ""})
        else:
            ratio = median(ms / theirs for (ms, _), (theirs, _) in zip(rounds, other, strict=True))
            more = median(mib for _, mib in rounds) - median(mib for _, mib in other)
            added = {"ms more": round(_least(rounds) - _least(other)), "MiB more": round(more, 1)}
            lines.append({**line, **added, "slower": f"{ratio:.2f}x"})
    return lines


def _least(rounds: list[tuple[float, float]]) -> float:
    return min(ms for ms, _ in rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--most-ms", type=float, default=60)
    parser.add_argument("--most-mib", type=float, default=12)
    asked = parser.parse_args()
    lines = _lines(measure(asked.rounds))
    print_table(lines)
    ours = lines[1]
    sys.exit(0 if ours["ms more"] <= asked.most_ms and ours["MiB more"] <= asked.most_mib else 1)


if __name__ == "__main__":
    main()
