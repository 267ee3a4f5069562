"""Translate the texts that users read, in templates, mails and the modules of the interface."""

from __future__ import annotations

import functools
import gettext
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

DOMAIN = "flask_relationships"
LOCALES = Path(__file__).parent / "locales"

PLURAL_NUMBERS = 200
"""For how many numbers the modules receive the plural form. From 100 on, the rules of all languages repeat."""

ENGLISH_DAYS = {"MMMEd": "{0:%a} {0.day} {0:%b}", "MMMMd": "{0.day} {0:%B}", "yMMMMd": "{0.day} {0:%B %Y}"}
"""The English forms of days, which need no locale data."""

_find_locale: Callable[[], str | None] = lambda: None  # noqa: E731

_tag = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")


@functools.cache
def _languages() -> frozenset[str]:
    """Return the languages that have a catalogue."""
    return frozenset(path.parts[-3] for path in LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))


@functools.cache
def _translations(language: str) -> gettext.NullTranslations:
    """Return the catalogue of a language of `_languages`. Clients may request others, which are not cached."""
    return gettext.translation(DOMAIN, str(LOCALES), languages=[language])


def _of(locale: str) -> gettext.NullTranslations:
    """Return the translations of a locale such as ``de``, ``de-AT`` or ``de_AT``; English if there are none."""
    if not _tag.fullmatch(locale):
        return gettext.NullTranslations()
    language = locale.replace("_", "-").partition("-")[0].lower()
    return _translations(language) if language in _languages() else gettext.NullTranslations()


def catalogue(locale: str) -> dict[str, Any]:
    """Return the texts of a locale for the modules.

    :returns: ``texts`` by their English text, with the forms of a plural as a list, and ``plural``, the form of each
        number from 0.
    """
    translations = _of(locale)
    if not isinstance(translations, gettext.GNUTranslations):
        return {"texts": {}, "plural": ""}
    known: dict[Any, str] = translations._catalog  # type: ignore[attr-defined]
    texts: dict[str, Any] = {}
    for key in sorted(known, key=str):
        if isinstance(key, tuple):  # a text with its form, whose forms follow each other
            texts.setdefault(key[0], []).append(known[key])
        elif key:
            texts[key] = known[key]
    plural: Any = translations.plural  # type: ignore[attr-defined]
    return {"texts": texts, "plural": "".join(str(plural(number)) for number in range(PLURAL_NUMBERS))}


def use_locale(find: Callable[[], str | None]) -> None:
    """Set the function that returns the language of `text`, which is English without one.

    :param find: returns the locale of the present request or job, such as ``de-AT``; None for the default.
    """
    global _find_locale
    _find_locale = find


def language() -> str:
    """Return the locale of `text`: the one of the request if it has a catalogue, else English."""
    chosen = _find_locale()
    has_catalogue = chosen is not None and isinstance(_of(chosen), gettext.GNUTranslations)
    return str(chosen) if has_catalogue else "en"


def text(words: str, **values: Any) -> str:
    """Return a text in the language of the request, with ``{name}`` replaced by each value."""
    translated = _of(_find_locale() or "en").gettext(words) if words else words
    for name, value in values.items():
        translated = translated.replace("{" + name + "}", str(value))
    return translated


def marked(words: str) -> str:
    """Return the same words, and mark them for `pybabel extract`. `text` translates them where they are used."""
    return words


def written_day(day: date, form: str = "MMMEd") -> str:
    """Return a day in the language of `text`.

    :param form: one of ``MMMEd``, ``MMMMd`` and ``yMMMMd``, as the Unicode locale data names them.
    """
    locale = language()
    if locale == "en":
        return ENGLISH_DAYS[form].format(day)
    from babel.dates import format_skeleton  # installed if Flask-Babel has chosen a language

    return str(format_skeleton(form, day, locale=locale.replace("-", "_")))


def plural_text(one: str, many: str, count: int) -> str:
    """Return one of two texts in the language of the request, with ``{count}`` replaced by the number."""
    return _of(_find_locale() or "en").ngettext(one, many, count).replace("{count}", str(count))
