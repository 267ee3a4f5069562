"""Read filters and pagination from the query, and build the response of a page."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from flask import request

from ..api.application import state
from ..db.pagination import LARGEST_PAGE, Page
from ..errors import InvalidMember, ValidationFailed
from .dumping import members_of
from .fields import Schema
from .loading import load
from .strict_json import UNFIT
from .view import Answer


def read_query(schema: type[Schema]) -> dict[str, Any]:
    """Return the query's filters. Raises `ValidationFailed`."""
    known = members_of(schema)
    filters = {name: value for name, value in request.args.items() if name in known}
    unfit = [name for name, value in filters.items() if UNFIT.search(value)]
    if unfit:
        words = "This text holds a NUL character."
        raise ValidationFailed(errors=[InvalidMember(f"?{name}", "unfit_text", words) for name in unfit])
    return load(schema, filters, pointer="?")


def read_page() -> Page:
    """Return ``limit`` and ``cursor`` of the query. Without a limit it is `RELATIONSHIPS_MAX_ROWS`.

    :raises ValidationFailed: if the limit is not a number from 1 to `LARGEST_PAGE`.
    """
    text, cursor = request.args.get("limit"), request.args.get("cursor")
    if text is None:
        return Page(state.settings.max_rows, cursor, whole=True)
    if not re.fullmatch(r"[0-9]{1,4}", text, re.ASCII) or not 1 <= int(text) <= LARGEST_PAGE:
        words = f"A limit is a whole number from 1 to {LARGEST_PAGE}."
        raise ValidationFailed(errors=[InvalidMember("?limit", "out_of_range", words)])
    return Page(int(text), cursor)


def page_answer(name: str, items: list[dict[str, Any]], page: Page, cursor: str | None) -> Answer:
    """Return a list in its envelope, with the cursor of the next page in the body and as a link.

    A request without a limit gets the bare envelope, unless there are more rows than one answer may hold.
    """
    body: dict[str, Any] = {name: items}
    if page.whole and cursor is None:
        return Answer(body)
    body["next_cursor"] = cursor
    if cursor is None:
        return Answer(body)
    query = urlencode([*((k, v) for k, v in request.args.items(multi=True) if k != "cursor"), ("cursor", cursor)])
    return Answer(body, headers={"Link": f'<{request.path}?{query}>; rel="next"'})
