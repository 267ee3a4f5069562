"""The documentation builds without a warning, and the pages have the generated parts in them."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from docs.generated.operations import every_operation
from docs.generated.problems import every_problem
from flask_relationships.config import KEYS, PREFIX

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("sphinx", "furo", "myst_parser")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the built pages."""
    absent = [module for module in NEEDED if find_spec(module) is None]
    if absent:
        reason = f"{', '.join(absent)} not installed: pip install -e '.[docs]'"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("html")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-E", "-q", "-b", "html", "docs", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return folder


def text_of(built: Path, page: str) -> str:
    found = (built / f"{page}.html").read_text()
    return html.unescape(re.sub(r"<[^>]+>", "", found))


def test_every_page_is_reached_from_the_index(built: Path) -> None:
    index = (built / "index.html").read_text()
    folder = ROOT / "docs"
    pages = {path.relative_to(folder).with_suffix(".html") for path in folder.rglob("*.md")} - {Path("index.html")}
    assert {page for page in pages if f'href="{page}"' not in index} == set()


def test_the_generated_parts_are_in_the_pages(built: Path) -> None:
    configuration, errors, api = (text_of(built, page) for page in ("configuration", "errors", "api"))
    assert [key.name for key in KEYS if PREFIX + key.name not in configuration] == []
    assert [problem.code for problem in every_problem() if problem.code not in errors] == []
    assert [path for path, *_ in every_operation() if path not in api] == []
    assert "generated:" not in configuration + errors + api


def test_nothing_is_fetched_from_elsewhere(built: Path) -> None:
    for page in built.glob("*.html"):
        fetched = re.findall(r"<(?:script|img|link)[^>]+(?:src|href)=\"(https?:[^\"]+)\"", page.read_text())
        assert fetched == [], page.name
