"""The language of a request: Flask-Babel's, where the application uses it."""

from __future__ import annotations

from flask import current_app, has_request_context


def locale_of_request() -> str | None:
    """The language that Flask-Babel has chosen where the application uses it; None leaves it to the page.

    Outside a request it is that of ``force_locale``, else the default one: an application's selector asks the request.
    """
    if not current_app or "babel" not in current_app.extensions:
        return None
    from flask_babel import get_babel, get_locale

    try:
        chosen = get_locale()
    except RuntimeError:
        if has_request_context():
            raise
        chosen = get_babel().instance.default_locale
    return None if chosen is None else str(chosen).replace("_", "-")
