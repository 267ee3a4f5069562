"""Read the host's values of many contacts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ...context import Context
from ...hosts.bound import SYSTEM, HostRow


def read_host_rows(ctx: Context, keys: Iterable[Any], fields: Sequence[str]) -> dict[Any, HostRow]:
    """Return the contacts that are present, with the values of these fields, by key."""
    found = ctx.hosts.contact.values(ctx.session, keys, fields, SYSTEM)
    return {key: HostRow(None, key, dict(zip(fields, values, strict=True)), SYSTEM) for key, values in found.items()}
