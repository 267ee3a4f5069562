"""The properties and parts of the elements, from the modules that read them."""

from __future__ import annotations

import re
from pathlib import Path

import flask_relationships
from docs.generated.markdown import table

ELEMENTS = Path(flask_relationships.__file__).parent / "ui" / "elements"

MEANINGS = {
    "accent": "links, the focus outline, the main button",
    "on-accent": "text on the accent colour",
    "surface": "background of a section and of its fields",
    "text": "text",
    "muted": "secondary text",
    "line": "lines between rows and around sections",
    "control-line": "borders of fields and buttons, with a contrast of 3:1 against the surface",
    "danger": "failed, overdue or irreversible",
    "warning": "needs attention",
    "success": "successful",
    "radius": "corner radius of a section; that of its buttons is derived",
    "space": "space inside and between sections",
    "shadow": "shadow of a section",
    "font": "font",
    "font-size": "font size",
    "thread-height": "height at which the list of messages starts to scroll",
}


def properties() -> dict[str, str]:
    """Each ``--rel-*`` property that a module reads, with its default."""
    found: dict[str, str] = {}
    for path in (ELEMENTS / "theme.js", *sorted(ELEMENTS.glob("*.js"))):
        for name, default in re.findall(
            r"var\(--rel-([\w-]+), ?((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)", path.read_text()
        ):
            found.setdefault(name, default)
    return found


def parts() -> list[str]:
    """The names of the parts that every element has."""
    (found,) = re.findall(r"PARTS = \[(.+?)\]\.join", (ELEMENTS / "element.js").read_text(), re.DOTALL)
    return re.findall(r'"([\w-]+)"', found)


def theme() -> str:
    """The table of properties. A property without a meaning here is a KeyError."""
    rows = ((f"`--rel-{name}`", _colours(default), MEANINGS[name]) for name, default in properties().items())
    return table(("Property", "Default", "Used for"), rows)


def shadow_parts() -> str:
    return ", ".join(f"`{name}`" for name in parts())


def _colours(default: str) -> str:
    pair = re.fullmatch(r"light-dark\((.+), (.+)\)", default)
    return f"`{pair[1]}`, dark `{pair[2]}`" if pair else f"`{default}`"
