"""Split a column with the whole name, in SQL where it is text, so that a list needs one statement."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from .paths import Viewer
from .sources import Field
from .texts import as_text, is_plain


class _place_of_space(FunctionElement[int]):  # noqa: N801 (an SQL function)
    """The position of the first space in a text, from 1; 0 if there is none."""

    type = sa.Integer()
    inherit_cache = True


@compiles(_place_of_space)
def _instr(element: Any, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)}, ' ')"


@compiles(_place_of_space, "postgresql")
def _strpos(element: Any, compiler: Any, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)}, ' ')"


def split_name(name: Field) -> tuple[Field, Field]:
    """Return the first word and the rest of a name. Surrounding spaces are removed; blank text becomes NULL."""
    whole = name.expression
    if whole is None or not is_plain(name.type):
        return _split_on_rows(name)

    def first(viewer: Viewer) -> sa.ColumnElement[Any]:
        text = sa.func.trim(whole(viewer))
        place = _place_of_space(text)
        return sa.case((place > 0, sa.func.substr(text, 1, place - 1)), (text != "", text), else_=sa.null())

    def rest(viewer: Viewer) -> sa.ColumnElement[Any]:
        text = sa.func.trim(whole(viewer))
        place = _place_of_space(text)
        return sa.case((place > 0, sa.func.trim(sa.func.substr(text, place + 1))), else_=sa.null())

    return Field(expression=first, type=sa.String()), Field(expression=rest, type=sa.String())


def _split_on_rows(name: Field) -> tuple[Field, Field]:
    late = name.on_rows()

    def words(row: Any, selected: tuple[Any, ...]) -> list[str]:
        return (as_text(late.read(row, iter(selected))) or "").split(maxsplit=1)

    return (
        Field(value=lambda row, *selected: next(iter(words(row, selected)), None), beside=late.beside),
        Field(value=lambda row, *selected: " ".join(words(row, selected)[1:]).strip() or None, beside=late.beside),
    )
