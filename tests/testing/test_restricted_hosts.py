"""The contract suite passes on applications whose documented settings and tables restrict what its tests do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "name",
    ["TestEverySetting", "TestUniqueNames", "TestEveryContactHasACompany", "TestNoCompany", "TestNoReaderCallback"],
)
def test_the_suite_passes_on_a_restricted_host(name: str) -> None:
    command = [sys.executable, "-m", "pytest", "tests/testing/restricted.py", "-q", "-n", "0", "-m", ""]
    done = subprocess.run(  # noqa: S603
        [*command, "-p", "no:cacheprovider", "--tb=short", "-k", name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_the_suite_without_pytest_says_what_to_install() -> None:
    code = "import sys; sys.modules['pytest'] = None; import flask_relationships.testing.contract"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert "needs pytest. Install it: pip install pytest" in done.stderr
