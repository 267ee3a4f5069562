"""The texts that people read: one gettext domain, for templates, mails and, as JSON, the modules of the interface."""

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

PLURALS_TOLD = 200
"""For how many numbers the modules are told which plural form is theirs. From 100 on the rules of all languages
repeat with the last two digits."""

ENGLISH_DAYS = {"MMMEd": "{0:%a} {0.day} {0:%b}", "MMMMd": "{0.day} {0:%B}", "yMMMMd": "{0.day} {0:%B %Y}"}
"""Forms of days in English, which need no locale data."""

_find_locale: Callable[[], str | None] = lambda: None  # noqa: E731

_tag = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")


@functools.cache
def _languages() -> frozenset[str]:
    """Return the languages that have a catalogue."""
    return frozenset(path.parts[-3] for path in LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))


@functools.cache
def _translations(language: str) -> gettext.NullTranslations:
    """Return the catalogue of a language of `_languages`: anybody may ask for others, which are not remembered."""
    return gettext.translation(DOMAIN, str(LOCALES), languages=[language])


def _of(locale: str) -> gettext.NullTranslations:
    """The translations of a locale such as ``de``, ``de-AT`` or ``de_AT``; English where there are none."""
    if not _tag.fullmatch(locale):
        return gettext.NullTranslations()
    language = locale.replace("_", "-").partition("-")[0].lower()
    return _translations(language) if language in _languages() else gettext.NullTranslations()


def catalogue(locale: str) -> dict[str, Any]:
    """``texts`` by their English, the forms of a plural as a list, and ``plural``, the form of each number from 0."""
    translations = _of(locale)
    if not isinstance(translations, gettext.GNUTranslations):
        return {"texts": {}, "plural": ""}
    known: dict[Any, str] = translations._catalog  # type: ignore[attr-defined]
    texts: dict[str, str | list[str]] = {key: words for key, words in known.items() if isinstance(key, str) and key}
    forms = sorted((key[1], key[0], words) for key, words in known.items() if isinstance(key, tuple))
    texts |= {one: [words for _, other, words in forms if other == one] for _, one, _ in forms}
    plural: Any = translations.plural  # type: ignore[attr-defined]
    return {"texts": texts, "plural": "".join(str(plural(number)) for number in range(PLURALS_TOLD))}


def use_locale(find: Callable[[], str | None]) -> None:
    """Let this function say in which language `text` speaks. Without one it is English.

    :param find: returns the locale of the present request or job, such as ``de-AT``; None for the default one.
    """
    global _find_locale
    _find_locale = find


def language() -> str:
    """The locale that `text` speaks: the one of the request where there is a catalogue of it, else English."""
    chosen = _find_locale()
    told = chosen is not None and isinstance(_of(chosen), gettext.GNUTranslations)
    return str(chosen) if told else "en"


def text(words: str, **values: Any) -> str:
    """A text in the language of the request, with ``{name}`` replaced by each value."""
    told = _of(_find_locale() or "en").gettext(words) if words else words
    for name, value in values.items():
        told = told.replace("{" + name + "}", str(value))
    return told


def marked(words: str) -> str:
    """Return the same words, and let `pybabel extract` find them. `text` translates them where they are used."""
    return words


def written_day(day: date, form: str = "MMMEd") -> str:
    """Return a day in the language of `text`.

    :param form: one of ``MMMEd``, ``MMMMd`` and ``yMMMMd``, as the Unicode locale data names them.
    """
    locale = language()
    if locale == "en":
        return ENGLISH_DAYS[form].format(day)
    from babel.dates import format_skeleton  # there where Flask-Babel has chosen a language

    return str(format_skeleton(form, day, locale=locale.replace("-", "_")))


def plural_text(one: str, many: str, count: int) -> str:
    return _of(_find_locale() or "en").ngettext(one, many, count).replace("{count}", str(count))
