"""The properties and parts of the elements, from the modules that read them."""

from __future__ import annotations

import re
from pathlib import Path

import flask_relationships
from docs.generated.markdown import table

ELEMENTS = Path(flask_relationships.__file__).parent / "ui" / "elements"

MEANINGS = {
    "accent": "links, the focus, the button that counts",
    "on-accent": "what is written on it",
    "surface": "the ground of a section and of its fields",
    "text": "text",
    "muted": "what is said beside",
    "line": "between rows and around sections",
    "control-line": "around fields and buttons: three to one against the surface",
    "danger": "what failed, is overdue or cannot be taken back",
    "warning": "what to look at",
    "success": "what is well",
    "radius": "the corners of a section; those of its buttons follow",
    "space": "inside and between sections",
    "shadow": "below a section",
    "font": "the font",
    "font-size": "the size of text",
    "thread-height": "how high the list of messages grows before it scrolls",
}


def properties() -> dict[str, str]:
    """Each ``--rel-*`` property that a module reads, with what is taken where the page sets none."""
    found: dict[str, str] = {}
    for path in (ELEMENTS / "theme.js", *sorted(ELEMENTS.glob("*.js"))):
        for name, default in re.findall(
            r"var\(--rel-([\w-]+), ?((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)", path.read_text()
        ):
            found.setdefault(name, default)
    return found


def parts() -> list[str]:
    """The names that `::part()` knows in every element."""
    (found,) = re.findall(r"PARTS = \[(.*?)\]\.join", (ELEMENTS / "element.js").read_text(), re.DOTALL)
    return re.findall(r'"([\w-]+)"', found)


def theme() -> str:
    """The table of properties. A property without a meaning here is a KeyError."""
    rows = ((f"`--rel-{name}`", _colours(default), MEANINGS[name]) for name, default in properties().items())
    return table(("Property", "Where it is not set", "What it is for"), rows)


def shadow_parts() -> str:
    return ", ".join(f"`{name}`" for name in parts())


def _colours(default: str) -> str:
    pair = re.fullmatch(r"light-dark\((.+), (.+)\)", default)
    return f"`{pair[1]}`, dark `{pair[2]}`" if pair else f"`{default}`"
