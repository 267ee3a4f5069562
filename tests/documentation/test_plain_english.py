"""Plain technical English: no text that people read uses the words of this list.

The list is made from rules 1 and 2 of the standard: the verbs and nouns of the field take the place of mannered ones.
To check further texts, add a source to `SOURCES`: a function that yields a place and a `Text`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "flask_relationships"

WORDS = {
    r"told": "report, print, pass, call",
    r"(?:tells?|telling) of": "report, describe",
    r"heed(?:s|ed|ing)?": "check, apply, respect",
    r"ow(?:es?|ed|ing)": "pending sync, must",
    r"(?:is|are|was|were|be|been|being) asked": "is called, is requested",
    r"(?:go|goes|going|went) by": "use, depend on",
    r"in peace": "skip, stop",
    r"brings": "cause, run, create",
    r"what (?:time brings|is due)": "scheduled jobs, due work",
    r"narrow(?:s|ed|ing)?": "filter",
    r"says? of": "describe, report",
    r"know(?:s|ing)? of": "have, contain",
    r"lets? in|lets? anyone in": "allow",
    r"made anew|begun again": "created again, executed again",
    r"beside it|of its own accord": "in the same request, automatically",
    r"so much the (?:more|less|better|worse)": "write a new sentence",
    r"whoever|whomever|whatsoever": "the user, each user",
    r"is well|are well": "is valid, has no errors",
    r"bell": "notify",
}
"""What no text may say, as a regular expression, and what to write instead."""

EVERYDAY = {
    r"ready": "built-in, finished, set up",
    r"whose": "of a user",
    r"nobody": "anonymous user, unassigned, no user",
    r"somebody": "a user, a person",
    r"listings?": "pagination, list",
    r"mistakes?": "configuration error",
}
"""Everyday words. They are allowed in sentences, and not in headings and names."""

PUBLIC_NAMES = {
    "Mistake",
    "mistakes",
    "require_ready",
    "require_ready_from",
    "whose",
    "assignee=nobody",
    "ready_pages",
    "tests.binding.mistakes",
}
"""Public names that stay. They are written as code, and code is not searched; names are compared with this set."""


@dataclass(frozen=True)
class Text:
    """One text. Headings and names are searched for everyday words too."""

    words: str
    is_heading: bool = False
    is_name: bool = False


Source = Callable[[], Iterator[tuple[str, Text]]]


def find_words(texts: Iterable[tuple[str, Text]]) -> list[str]:
    """Return one line for each word that a text should not use: its place, the word, and what to write instead."""
    found = []
    for place, text in texts:
        if text.is_name and text.words in PUBLIC_NAMES:
            continue
        words = " ".join(parts_of_name(text.words)) if text.is_name else text.words
        listed = {**WORDS, **EVERYDAY} if text.is_heading or text.is_name else WORDS
        for pattern, instead in listed.items():
            found += [
                f"{place}: {match[0]!r} in {_around(words, match)!r}; write {instead}"
                for match in re.finditer(rf"\b(?:{pattern})\b", words, re.IGNORECASE)
            ]
    return found


def parts_of_name(name: str) -> list[str]:
    """The words of an identifier: ``snake_case``, ``CamelCase`` and ``kebab-case``."""
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)


def _around(words: str, match: re.Match[str]) -> str:
    return words[max(match.start() - 30, 0) : match.end() + 30].replace("\n", " ")


def markdown(place: str, text: str) -> Iterator[tuple[str, Text]]:
    """The headings and sentences of a page, without code and without the targets of links."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            shown = re.sub(r"\]\([^)]*\)", "]", re.sub(r"`+[^`]*`+", "", line))
            yield f"{place}:{number}", Text(shown.lstrip("# "), is_heading=line.startswith("#"))


def pages() -> Iterator[tuple[str, Text]]:
    """The pages of the documentation, their file names and their headings."""
    for path in sorted((ROOT / "docs").rglob("*.md")):
        place = str(path.relative_to(ROOT))
        yield place, Text(path.stem, is_name=True)
        yield from markdown(place, path.read_text())


def readme() -> Iterator[tuple[str, Text]]:
    """The README and the guide for contributors."""
    for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md"):
        yield from markdown(name, (ROOT / name).read_text())


def changes() -> Iterator[tuple[str, Text]]:
    """The list of changes, without the section of version 0.1, which was published with its words."""
    text = (ROOT / "CHANGES.md").read_text()
    yield from markdown("CHANGES.md", text.split("\n## Version 0.1")[0])


def interface() -> Iterator[tuple[str, Text]]:
    """The modules of the interface, its templates, styles and catalogues: comments, texts and names."""
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix not in (".js", ".ts", ".html", ".css", ".po"):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            place = f"{path.relative_to(ROOT)}:{number}"
            yield place, Text(line)
            names = re.findall(r"[A-Za-z_](?:[\w-]*\w)?", re.sub(r"//.*|\bmsg\w+ .*|^ *\*.*", "", line))
            yield from ((place, Text(name, is_name=True)) for name in names if name not in NAMES_OF_THE_INTERFACE)


NAMES_OF_THE_INTERFACE = {"nobody", "readyState"}
"""The value of `assignee=nobody` in JavaScript, and a property of browsers."""


SOURCES: tuple[Source, ...] = (readme, changes, pages, interface)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
def test_no_text_uses_a_word_of_the_list(source: Source) -> None:
    texts = list(source())
    assert len(texts) > 20
    assert find_words(texts) == []


class TestTheSearch:
    @pytest.mark.parametrize(
        "words",
        [
            "Nothing is told.",
            "It heeds a STOP.",
            "A person brings it.",
            "The callback is asked first.",
            "It goes by date.",
        ],
    )
    def test_it_finds_a_mannered_word(self, words: str) -> None:
        assert len(find_words([("here", Text(words))])) == 1

    def test_an_everyday_word_counts_in_headings_and_names_only(self) -> None:
        assert find_words([("here", Text("The page is ready."))]) == []
        assert len(find_words([("here", Text("Ready pages", is_heading=True))])) == 1
        assert len(find_words([("here", Text("make_ready", is_name=True))])) == 1
        assert len(find_words([("here", Text("WhoseTurn", is_name=True))])) == 1

    def test_a_public_name_stays(self) -> None:
        assert (
            find_words([("here", Text("Mistake", is_name=True)), ("here", Text("require_ready", is_name=True))]) == []
        )

    def test_code_and_addresses_are_left_out(self) -> None:
        text = "See [Errors](told.md) and `nobody`.\n\n```python\ntold = 1\n```\n\n# Heading\n"
        assert find_words(markdown("page", text)) == []

    def test_it_names_the_place_and_what_to_write(self) -> None:
        (line,) = find_words(markdown("page.md", "One.\nIt is told.\n"))
        assert line.startswith("page.md:2: 'told' in 'It is told.'; write ")
