"""The modules, style sheet and texts that browsers load.

Their path names the version of all of them. A module imports the others by relative paths, so that the modules of one
version only meet each other, and each may be cached without end.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import re
from pathlib import Path

from flask import Response, abort, current_app, jsonify, request

from ..api.locale import folder_of_texts
from ..translations import catalogue, catalogue_files, has_english_texts

ELEMENTS = Path(__file__).parent / "elements"

ENTRY, PAGE_STYLES = "elements.js", "page.css"

OTHER_ELEMENTS = "other-elements.js"
"""Loads the entry later: a page that shows one element does not wait for the modules of all others."""

MIME_TYPES = {".js": "text/javascript", ".css": "text/css"}
"""Not left to `mimetypes`, which reads the registry of the machine that it runs on."""

_import = re.compile(r'^(?:import|export)\b[^;]*?"\./([\w-]+\.js)";', re.MULTILINE)

CACHED_WITHOUT_END = "public, max-age=31536000, immutable"


@functools.cache
def names() -> frozenset[str]:
    """Return the names of all files that are served."""
    return frozenset(path.name for path in ELEMENTS.iterdir() if path.suffix in MIME_TYPES)


@functools.cache
def graph(module: str) -> tuple[str, ...]:
    """Return the names of a module and of all that it imports, itself included, in the order of their evaluation."""
    found: dict[str, None] = {}
    for name in _import.findall((ELEMENTS / module).read_text()):
        found |= dict.fromkeys(graph(name))
    return (*found, module)


@functools.cache
def content(name: str) -> bytes:
    """Return a file as it is on the disk."""
    return (ELEMENTS / name).read_bytes()


@functools.cache
def _compressed(name: str) -> bytes:
    return gzip.compress(content(name), 9, mtime=0)


def version() -> str:
    """Return a digest of everything that is served, so that other content has another path.

    It ends in ``-en`` if English texts are replaced: otherwise the modules do not load a catalogue for English.
    """
    folder = folder_of_texts()
    return f"{_digest(folder)}-en" if has_english_texts(folder) else _digest(folder)


@functools.cache
def _digest(folder: str | None) -> str:
    digest = hashlib.sha256()
    for name in sorted(names()):
        digest.update(name.encode() + hashlib.sha256(content(name)).digest())
    for path in catalogue_files(folder):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def asset(requested: str, name: str) -> Response:
    """Return a module or the style sheet.

    Another version's entry forwards to this version's, and its other modules are not found: modules of two versions
    are never mixed.
    """
    if name not in names():
        abort(404)
    if requested != version() and name.endswith(".js"):
        if name != ENTRY:
            abort(404)
        return _finish(Response(_forwarding_entry(), mimetype=MIME_TYPES[".js"]), requested)
    if current_app.debug:  # a developer sees each change of an element
        content.cache_clear()
        _compressed.cache_clear()
    packed = request.accept_encodings.quality("gzip") > 0
    response = Response(_compressed(name) if packed else content(name), mimetype=MIME_TYPES[Path(name).suffix])
    if packed:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    return _finish(response, requested)


def _forwarding_entry() -> str:
    """Return a module that exports what this version's entry exports.

    It imports every module by itself: the browser asks for all of them at the same time, not level by level.
    """
    folder = f"../{version()}"
    imports = [f'import "{folder}/{name}";\n' for name in graph(ENTRY)]
    return "".join([*imports, f'export * from "{folder}/{ENTRY}";\n'])


def locale(requested: str, name: str) -> Response:
    """Return the texts of a language as JSON: an empty catalogue, which means English, for an unknown language."""
    return _finish(jsonify(catalogue(name, folder_of_texts())), requested)


def _finish(response: Response, requested: str) -> Response:
    """Add the headers that say how long a response may be cached."""
    is_current = requested == version() and not current_app.debug
    response.headers["Cache-Control"] = CACHED_WITHOUT_END if is_current else "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.add_etag()
    response.make_conditional(request)
    return response
