"""Convert keys in addresses."""

from __future__ import annotations

from werkzeug.routing import BaseConverter, Map

from .bound import Hosts

CONVERTER = "relationships_key"
"""The name of the converter for host keys in our routes."""

OWN_ID_CONVERTER = "relationships_own_id"
"""The name of the converter for our ids, for routes where another route has a word in the same place."""


class KeyConverter(BaseConverter):
    """A key without a slash: an integer, a UUID."""


class TextKeyConverter(BaseConverter):
    """A key of text, which may hold slashes. A client writes one as ``%2F``, and a server decodes it."""

    part_isolating = False
    regex = r"[^/][\s\S]*?"  # a dot is no line break, which a key may hold too
    weight = 200


class OwnIdConverter(BaseConverter):
    """One of our ids. A word such as ``preview`` in its place belongs to another route."""

    regex = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"


def register_converter(url_map: Map, hosts: Hosts) -> None:
    """Register the converters for the keys of these hosts."""
    addressed = filter(None, (hosts.contact, hosts.company))
    is_text = any(host.key_type.python_type is str for host in addressed)
    ours = {CONVERTER: TextKeyConverter if is_text else KeyConverter, OWN_ID_CONVERTER: OwnIdConverter}
    url_map.converters = {**url_map.converters, **ours}
