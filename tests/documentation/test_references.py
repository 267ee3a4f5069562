"""What messages of the package say of the documentation: pages and sections that exist, with their titles."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from flask_relationships import Mistake, documentation
from flask_relationships.checks.runner import all_kinds
from flask_relationships.documentation import PAGES, SECTIONS, reference

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def headings(file: str) -> list[str]:
    """The headings of a page, its title first."""
    return re.findall(r"^#+ (.+)$", (DOCS / file).read_text(), re.MULTILINE)


def anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_the_titles_are_those_of_the_pages() -> None:
    assert {page: headings(f"{page}.md")[0] for page in PAGES} == PAGES


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_is_in_its_page(section: str) -> None:
    file, _, name = section.partition("#")
    heading = SECTIONS[section]
    assert heading in headings(file)
    assert anchor(heading) == name


def test_every_check_result_names_a_section() -> None:
    named = {kind.page for kind in all_kinds()}
    assert named <= set(SECTIONS)
    unused = set(SECTIONS) - named - {"errors.md#configuration-errors"}
    assert unused == set()
    assert {section.partition(".")[0] for section in SECTIONS} | {"configuration-errors"} == set(PAGES)


def test_a_message_names_the_titles_until_there_is_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reference("migrations.md#sqlite") == "Migrations, section SQLite"
    mistake = Mistake("attribute_missing", "Contact has no attribute fon.", "Use phone.")
    assert mistake.page == "Configuration errors, section attribute_missing"
    monkeypatch.setattr(documentation, "DOCUMENTATION_URL", "https://docs.example")
    assert reference("migrations.md#sqlite") == "https://docs.example/migrations.html#sqlite"
    assert mistake.page == "https://docs.example/configuration-errors.html#attribute_missing"


def test_the_project_names_no_address_while_it_has_none() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert ("urls" in project) == (documentation.PROJECT_URL is not None)


def test_no_other_module_names_a_page_in_a_message() -> None:
    """Sections are named by their file as an argument of a `Kind`, and nowhere else."""
    pages = "|".join(path.stem for path in DOCS.glob("*.md"))
    found = []
    for path in (ROOT / "flask_relationships").rglob("*.py"):
        if path.name != "documentation.py":
            found += re.findall(rf"(?<![\"\w-])(?:docs/)?(?:{pages})\.(?:md|html)\b", path.read_text())
    assert found == []
