"""The unit tests of the elements' rules, by node's own runner."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from tests.databases import missing

ROOT = Path(__file__).parents[2]
MIN_MAJOR = 18
TIMEOUT_SECONDS = 120


def node() -> str:
    """Return node's path. Skip, or fail where every server is required, if there is none or it is too old."""
    found = shutil.which("node")
    if found is None:
        missing(f"node is not available: install Node.js {MIN_MAJOR} or later (apt-get install nodejs)")
    assert found is not None
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    match = re.fullmatch(r"v(\d+)\..*", version)
    if match is None or int(match[1]) < MIN_MAJOR:
        missing(f"node {version} is too old: install Node.js {MIN_MAJOR} or later")
    return found


def test_the_rules_of_the_elements_hold() -> None:
    files = sorted(map(str, (ROOT / "tests" / "javascript").glob("*.test.js")))
    command = [node(), "--test", "--test-reporter=tap", *files]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)  # noqa: S603
    assert run.returncode == 0, run.stdout + run.stderr
    # Without a test node succeeds too.
    passed = re.search(r"^# pass (\d+)$", run.stdout, re.MULTILINE)
    assert passed is not None
    assert int(passed[1]) >= len(files), run.stdout
