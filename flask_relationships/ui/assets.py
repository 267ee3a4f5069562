"""What browsers load, under a path that names its version, so that it may be kept for ever."""

from __future__ import annotations

import functools
import gzip
import hashlib
from pathlib import Path

from flask import Response, abort, current_app, jsonify, request

from ..translations import LOCALES, catalogue
from .bundle import bundle

ELEMENTS = Path(__file__).parent / "elements"

MODULE, PAGE_STYLES = "elements.js", "page.css"
KINDS = {MODULE: "text/javascript", PAGE_STYLES: "text/css"}
"""Not left to `mimetypes`, which asks the machine it runs on."""

FOR_EVER = "public, max-age=31536000, immutable"


@functools.cache
def content(name: str) -> bytes:
    return bundle(ELEMENTS).encode() if name == MODULE else (ELEMENTS / name).read_bytes()


@functools.cache
def _compressed(name: str) -> bytes:
    return gzip.compress(content(name), 9, mtime=0)


@functools.cache
def version() -> str:
    """A digest of all that is served: another content has another path, and never meets an old copy of itself."""
    digest = hashlib.sha256()
    for told in (*(content(name) for name in KINDS), *(path.read_bytes() for path in sorted(LOCALES.rglob("*.mo")))):
        digest.update(hashlib.sha256(told).digest())
    return digest.hexdigest()[:12]


def asset(asked: str, name: str) -> Response:
    """The module or the style sheet. A page older or newer than this server gets those there are, not to be kept."""
    if name not in KINDS:
        abort(404)
    if current_app.debug:  # whoever works on the elements sees them change
        content.cache_clear()
        _compressed.cache_clear()
    packed = request.accept_encodings.quality("gzip") > 0
    response = Response(_compressed(name) if packed else content(name), mimetype=KINDS[name])
    if packed:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    return _kept(response, asked)


def locale(asked: str, name: str) -> Response:
    """The texts of a language as JSON: an empty catalogue where there is none of it, which is English."""
    return _kept(jsonify(catalogue(name)), asked)


def _kept(response: Response, asked: str) -> Response:
    fresh = asked == version() and not current_app.debug
    response.headers["Cache-Control"] = FOR_EVER if fresh else "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.add_etag()
    response.make_conditional(request)
    return response
