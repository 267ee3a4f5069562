"""Every page that a finding names is there, with its anchor."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flask_relationships.checks.results import CONFIGURATION_ERRORS_PAGE
from flask_relationships.checks.runner import all_kinds

DOCS = Path(__file__).resolve().parents[2] / "docs"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as MyST makes them."""
    headings = re.findall(r"^#{1,3} (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", sorted({CONFIGURATION_ERRORS_PAGE, *(kind.page for kind in all_kinds())}))
def test_every_page_and_anchor_is_there(page: str) -> None:
    name, _, anchor = page.partition("#")
    assert anchor in anchors(DOCS / name)


def test_a_code_has_one_meaning() -> None:
    codes = [kind.code for kind in all_kinds()]
    assert len(codes) == len(set(codes)) > 40
    assert [code for code in codes if not re.fullmatch(r"[a-z]+(_[a-z]+)*", code)] == []
