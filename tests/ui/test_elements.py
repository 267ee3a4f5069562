"""The sources of the elements: small, translated, and without anything that a strict policy forbids."""

from __future__ import annotations

import gettext
import gzip
import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

import flask_relationships

PACKAGE = Path(flask_relationships.__file__).parent
ELEMENTS = PACKAGE / "ui" / "elements"
LOCALES = PACKAGE / "locales"
MAX_COMPRESSED_BYTES = 100_000
MAX_COLUMNS = 120
MAX_LINES = 400
KEYWORDS = {"t": None, "n": (1, 2), "text": None, "plural_text": (1, 2), "Meaning": None, "marked": None}


def test_all_modules_together_are_small() -> None:
    total = sum(len(gzip.compress(path.read_bytes(), 9)) for path in ELEMENTS.glob("*.js"))
    assert total <= MAX_COMPRESSED_BYTES, f"{total} bytes compressed"


def test_no_line_is_long() -> None:
    for path in (*PACKAGE.rglob("ui/**/*.js"), *PACKAGE.rglob("ui/**/*.css"), *PACKAGE.rglob("ui/**/*.ts")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            assert len(line) <= MAX_COLUMNS, f"{path.name}:{number} has {len(line)} columns"


def test_no_module_parses_markup_evaluates_text_or_writes_inline_style() -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\.cssText|DOMParser"
    for path in ELEMENTS.glob("*.js"):
        assert not re.search(forbidden, path.read_text()), path.name


def test_no_template_holds_script_or_style() -> None:
    for path in (PACKAGE / "ui" / "templates").rglob("*.html"):
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=", path.read_text()), path.name


def test_no_module_is_long() -> None:
    for path in ELEMENTS.glob("*.js"):
        without_style_sheets = re.sub(r"css`[^`]*`", "", path.read_text())
        assert len(without_style_sheets.splitlines()) <= MAX_LINES, path.name


def texts_in_the_source() -> set[str | tuple[str, str]]:
    """What `pybabel extract` finds with the mappings of pyproject.toml."""
    found: set[str | tuple[str, str]] = set()
    sources = [("javascript", path) for path in ELEMENTS.glob("*.js")]
    folders = ("ui", "domain/feeds", "domain/life_events", "domain/keeping_in_touch")
    others = [
        PACKAGE / "providers/twilio/errors.py",
        *(path for name in folders for path in (PACKAGE / name).glob("*.py")),
    ]
    sources += [("python", path) for path in others]
    templates = (
        *(PACKAGE / "ui" / "templates").rglob("*.html"),
        *(PACKAGE / "domain" / "feeds" / "templates").glob("*"),
    )
    sources += [("jinja2.ext:babel_extract", path) for path in templates]
    for method, path in sources:
        options = {"parse_template_string": "true"} if method == "javascript" else {}
        for _, words, _, _ in extract_from_file(method, path, KEYWORDS, options=options):
            found.add(words if isinstance(words, str) else (words[0], words[1]))
    return found


def test_no_text_stands_where_its_extraction_does_not_look() -> None:
    """Inside another text's values, `pybabel` passes it over."""
    found = texts_in_the_source()
    for path in ELEMENTS.glob("*.js"):
        source = re.sub(r'" \+\s*"', "", path.read_text())
        for words in re.findall(r'(?<![\w.$])t\(\s*"((?:[^"\\]|\\.)*)"', source):
            assert words in found, f"{path.name}: give {words!r} a line of its own, before the text that it stands in"


def catalogue(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / "flask_relationships.po").open("rb") as file:
        return read_po(file, locale=language)


def test_every_text_is_translated_and_every_translation_is_used() -> None:
    known = {tuple(one.id) if isinstance(one.id, (list, tuple)) else one.id: one for one in catalogue("de") if one.id}
    missing, unused = texts_in_the_source() - known.keys(), known.keys() - texts_in_the_source()
    assert not missing, f"not in the catalogue: {sorted(map(str, missing))}; see docs/interface.md, Languages"
    assert not unused, f"in the catalogue alone: {sorted(map(str, unused))}"
    for key, one in known.items():
        forms = one.string if isinstance(one.string, tuple) else (one.string,)
        assert all(forms), key
        for form in forms:
            assert set(re.findall(r"\{\w+\}", str(form))) <= set(re.findall(r"\{\w+\}", str(key))), key


def test_the_compiled_catalogue_is_that_of_the_source() -> None:
    compiled = gettext.translation("flask_relationships", str(LOCALES), ["de"])
    for one in catalogue("de"):
        if one.id and isinstance(one.string, tuple):
            told = [compiled.ngettext(one.id[0], one.id[1], number) for number in (1, 2)]
            assert told == list(one.string), "run: pybabel compile -d flask_relationships/locales"
        elif one.id:
            assert compiled.gettext(str(one.id)) == one.string, one.id
