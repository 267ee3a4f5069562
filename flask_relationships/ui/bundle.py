"""The modules of ``elements`` as the one that browsers load: three dozen requests become one.

It is put together when first asked for, so that nothing has to be built before the package can be installed. The
modules follow one another in one scope, each after what it imports, so no two may declare the same name; comments
are left out. It understands the few forms that these modules are written in, and refuses all others.
"""

from __future__ import annotations

import re
from pathlib import Path

PUBLIC = ("Client", "Problem", "configure")
"""What pages may import from the whole."""

_import = re.compile(r'^import (?:\{([^}]*)\} from )?"\./([\w-]+)\.js";$', re.MULTILINE)
_export = re.compile(r"^export (?=(?:async )?(?:function|class|const)\b)", re.MULTILINE)
_exported = re.compile(r"^export (?:async )?(?:function|class|const) (\w+)", re.MULTILINE)
_declared = re.compile(r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)
_other = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)
_comment = re.compile(r"^[ ]*(?:/\*\*.*?\*/|//[^\n]*)\n|^[ ]+", re.MULTILINE | re.DOTALL)
_sheet = re.compile(r"(?<=sheet\(`)[^`]*")
_space = re.compile(
    r"""("[^"]*"|'[^']*')|/\*.*?\*/\s*|\s*;?\s*(\})\s*|\s*([{;])\s*|(?<=[:,])\s+(?=[^{}]*[;}])""", re.DOTALL
)
"""What a style sheet does not need: comments, a last semicolon, and space around braces and before values. Texts stay
as they are."""
_text = r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\$]|\\.|\$(?!\{)|\$\{[^`{}]*\})*`)"""
_gap = re.compile(_text + r"| *([{}()\[\],:?=*&|<>;]) *")
"""The texts of a line of code, and the space around signs outside them, which is not needed."""


def bundle(folder: Path) -> str:
    """The source of all modules in a folder. Raises ValueError for what is written in another form than these."""
    sources = {path.stem: path.read_text() for path in sorted(folder.glob("*.js"))}
    ordered: list[str] = []
    for name in sources:
        _visit(name, sources, ordered, ())
    owners: dict[str, str] = {}
    for name in ordered:
        for declared in _declared.findall(sources[name]):
            if declared in owners:
                raise ValueError(f"{owners[declared]}.js and {name}.js both declare {declared}: give one another name")
            owners[declared] = name
    return "".join([*(_body(name, sources) for name in ordered), f"export {{ {', '.join(PUBLIC)} }};\n"])


def _visit(name: str, sources: dict[str, str], ordered: list[str], above: tuple[str, ...]) -> None:
    if name in above:
        raise ValueError(f"{' imports '.join((*above, name))}: modules may not import each other in a circle")
    if name not in sources:
        raise ValueError(f"{above[-1]}.js imports {name}.js, which is not there")
    if name in ordered:
        return
    for _, other in _import.findall(sources[name]):
        _visit(other, sources, ordered, (*above, name))
    ordered.append(name)


def _body(name: str, sources: dict[str, str]) -> str:
    source = sources[name]
    for names, other in _import.findall(source):
        _know(name, names, other, sources)
    body = _export.sub("", _import.sub("", source))
    strange = _other.search(body)
    if strange:
        raise ValueError(f"{name}.js says {strange[0]!r}, which is no form that is bundled")
    body = _sheet.sub(lambda found: _shrunk(found[0]), _comment.sub("", body))
    return "".join(_line(line) for line in body.splitlines() if line)


def _line(line: str) -> str:
    """A line with less space, and no line of its own where it goes on; one with a template in a template, or with a
    slash, which may be a regular expression or the start of a comment, as it is."""
    if re.search("[`/]", re.sub(_text, "", line)):
        return line + "\n"
    tight = _gap.sub(lambda found: found[1] or found[2], line)
    return tight if tight[-1] in ";{,([" else tight + "\n"


def _know(name: str, names: str, other: str, sources: dict[str, str]) -> None:
    wanted = {one.strip() for one in names.split(",") if one.strip()}
    unknown = wanted - set(_exported.findall(sources[other]))
    if unknown:
        raise ValueError(f"{name}.js imports {', '.join(sorted(unknown))} from {other}.js, which exports no such thing")


def _shrunk(sheet: str) -> str:
    return _space.sub(lambda found: "".join(part or "" for part in found.groups()), sheet).strip()
