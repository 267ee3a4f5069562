"""The modules as they are served: small, and without anything that a strict policy forbids."""

from __future__ import annotations

import gettext
import gzip
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

import flask_relationships
from flask_relationships.ui.bundle import bundle

PACKAGE = Path(flask_relationships.__file__).parent
ELEMENTS = PACKAGE / "ui" / "elements"
LOCALES = PACKAGE / "locales"
MOST_BYTES = 40_000
KEYWORDS = {"t": None, "n": (1, 2), "text": None, "plural_text": (1, 2), "Meaning": None, "marked": None}


def test_all_of_it_is_small() -> None:
    total = len(gzip.compress(bundle(ELEMENTS).encode(), 9))
    assert total <= MOST_BYTES, f"{total} bytes compressed"


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ({"a": 'import { x } from "./b.js";', "b": 'import { y } from "./a.js";'}, "a imports b imports a"),
        ({"a": 'import { x } from "./gone.js";'}, "a.js imports gone.js, which is not there"),
        ({"a": 'import { x, y } from "./b.js";', "b": "export const y = 1;"}, "a.js imports x from b.js"),
        ({"a": "export let x = 1;"}, "a.js says 'export let x = 1;'"),
        ({"a": "export default 1;"}, "a.js says 'export default 1;'"),
        ({"a": 'import x from "https://cdn.example/x.js";'}, "a.js says 'import x from"),
        ({"a": "const x = 1;", "b": "export function x() {}"}, "a.js and b.js both declare x"),
    ],
)
def test_what_cannot_be_bundled_is_refused_by_its_name(tmp_path: Path, sources: dict[str, str], words: str) -> None:
    for name, source in sources.items():
        (tmp_path / f"{name}.js").write_text(source + "\n")
    with pytest.raises(ValueError, match=re.escape(words)):
        bundle(tmp_path)


def test_a_style_sheet_loses_what_it_does_not_need_and_no_text_of_it(tmp_path: Path) -> None:
    rules = """
a::after, b > c { content: "a,  b: {c} ; /* d */"; color : red; }
/* It's a comment, isn't it? */
d:is(e, f) { background: url('g,  h') , rgb(0 0 0 / 5%); }
"""
    (tmp_path / "a.js").write_text(f"const own = sheet(`{rules}`);\n")
    assert bundle(tmp_path).partition("export ")[0] == (
        """const own=sheet(`a::after, b > c{content: "a,  b: {c} ; /* d */";color :red}"""
        """d:is(e, f){background:url('g,  h') ,rgb(0 0 0 / 5%)}`);"""
    )


def test_code_loses_its_comments_and_space_and_nothing_of_its_texts(tmp_path: Path) -> None:
    source = """
/** Why. */
const one = { a: "b , c", d: [1, 2] };
// Why.
  const two = (text) => text.replace(/ [,;] /, "x : y").split(' = ') ;
const three = `a , ${one.a} ; b`;
const four = `a , ${ one.a ? ` b , c ` : "" } ; d`;
"""
    (tmp_path / "a.js").write_text(source)
    assert bundle(tmp_path).splitlines() == [
        """const one={a:"b , c",d:[1,2]};const two = (text) => text.replace(/ [,;] /, "x : y").split(' = ') ;""",
        'const three=`a , ${one.a} ; b`;const four = `a , ${ one.a ? ` b , c ` : "" } ; d`;',
        "export { Client, Problem, configure };",
    ]


def test_no_module_parses_markup_evaluates_text_or_writes_inline_style() -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\.cssText|DOMParser"
    for path in ELEMENTS.glob("*.js"):
        assert not re.search(forbidden, path.read_text()), path.name


def test_no_template_holds_script_or_style() -> None:
    for path in (PACKAGE / "ui" / "templates").rglob("*.html"):
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=", path.read_text()), path.name


def test_no_module_is_long() -> None:
    for path in ELEMENTS.glob("*.js"):
        assert len(path.read_text().splitlines()) <= 300, path.name


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
        for words in re.findall(r'(?<![\w.$])t\(\s*"((?:[^"\\]|\\.)*)"', path.read_text()):
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
