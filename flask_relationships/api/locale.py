"""Find the language of a request, if the application uses Flask-Babel."""

from __future__ import annotations

from flask import current_app, has_request_context

from ..translations import Language
from .application import find_registered_state


def language_of_request() -> Language:
    """Return the locale of the request and the folder of the application's own texts."""
    return Language(locale_of_request(), folder_of_texts())


def folder_of_texts() -> str | None:
    """Return the folder of the application's own texts. It does not depend on the request."""
    state = find_registered_state() if current_app else None
    return None if state is None else state.settings.translations


def locale_of_request() -> str | None:
    """Return the language that Flask-Babel has selected; None if the application does not use it.

    Outside a request it is the language of ``force_locale``, else the default: selectors need a request.
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
