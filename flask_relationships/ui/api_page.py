"""The page that shows the OpenAPI document with Swagger UI, which the extra ``docs-ui`` installs."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from flask import Response, abort, request, url_for
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from ..api.application import state
from .embedding import called, nonce

SWAGGER_FILES = Path(__file__).parent / "swagger"

STYLE_SHEETS = ("swagger-ui.css", "look.css")
SCRIPTS = ("start.js", "swagger-ui-bundle.js")
"""In this order, because the first changes globals that the second reads."""

MIME_TYPES = {".css": "text/css", ".js": "text/javascript"}


class Swagger:
    """The helpers that the page's template calls as ``swagger``."""

    def __init__(self, blueprint_name: str) -> None:
        self._blueprint = blueprint_name

    @property
    def document(self) -> str:
        """The address of the document."""
        return url_for(f"{state.settings.blueprint_name}.openapi.show")

    @pass_context
    def token(self, context: Context) -> str:
        """Return the CSRF token; "" if the application has none."""
        return called(context, "csrf_token") or ""

    @pass_context
    def sheets(self, context: Context) -> Markup:
        return self._tags(context, '<link rel="stylesheet" href="{}"{}>\n', STYLE_SHEETS)

    @pass_context
    def scripts(self, context: Context) -> Markup:
        return self._tags(context, '<script src="{}"{}></script>\n', SCRIPTS)

    def _tags(self, context: Context, tag: str, names: tuple[str, ...]) -> Markup:
        addresses = [url_for(f"{self._blueprint}.api_asset", name=name) for name in names]
        return Markup("").join(Markup(tag).format(address, nonce(context)) for address in addresses)  # noqa: S704


def asset(name: str) -> Response:
    """Return a script or style sheet of the page. Browsers revalidate it, because its path has no version."""
    if name not in (*STYLE_SHEETS, *SCRIPTS):
        abort(404)
    own, folder = SWAGGER_FILES / name, swagger_ui()
    path = own if own.exists() else folder / name
    answer = Response(path.read_bytes(), mimetype=MIME_TYPES[path.suffix])
    answer.headers.update({"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"})
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def swagger_ui() -> Path:
    """Return the folder of Swagger UI, or answer 404 with the reason if the extra is not installed."""
    try:
        return Path(str(files("flask_swagger_ui"))) / "dist"
    except ModuleNotFoundError:
        abort(404, description="This page needs Swagger UI: pip install 'flask-relationships[docs-ui]'.")
