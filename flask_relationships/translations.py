"""Translate the texts that users read, in templates, mails and the modules of the interface."""

from __future__ import annotations

import functools
import gettext
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

DOMAIN = "flask_relationships"
LOCALES = Path(__file__).parent / "locales"
CATALOGUES = f"*/LC_MESSAGES/{DOMAIN}.mo"
"""The compiled catalogues in a folder of translations."""

PLURAL_NUMBERS = 200
"""For how many numbers the modules receive the plural form. From 100 on, the rules of all languages repeat."""

ENGLISH_DAYS = {"MMMEd": "{0:%a} {0.day} {0:%b}", "MMMMd": "{0.day} {0:%B}", "yMMMMd": "{0.day} {0:%B %Y}"}
"""The English forms of days, which need no locale data."""


class Language(NamedTuple):
    """What `text` translates to.

    :param locale: such as ``de-AT``; None for the default.
    :param folder: the application's own translations, which come before those of this package.
    """

    locale: str | None = None
    folder: str | None = None


_find_language: Callable[[], Language] = Language


def catalogue_files(folder: str | None) -> list[Path]:
    """Return the compiled catalogues of this package, then those in the folder of an application."""
    roots = (LOCALES, Path(folder)) if folder else (LOCALES,)
    return [path for root in roots for path in sorted(root.glob(CATALOGUES))]


@functools.cache
def _catalogues(folder: str | None) -> dict[str, gettext.GNUTranslations]:
    """Return the translations by language tag. Each continues with the package's, then with the tag it specialises."""
    found: dict[str, gettext.GNUTranslations] = {}
    for path in catalogue_files(folder):
        translations = read_catalogue(path)
        tag = _tags(path.parts[-3])[0]
        if tag in found:
            translations.add_fallback(found[tag])
        found[tag] = translations
    for tag, translations in found.items():
        general = next((found[other] for other in _tags(tag)[1:] if other in found), None)
        if general is not None:
            translations.add_fallback(general)
    return found


def read_catalogue(path: Path) -> gettext.GNUTranslations:
    """Return the translations in a compiled catalogue. Raises errors of several classes for a damaged file."""
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)


def _tags(locale: str) -> list[str]:
    """Return the tag of a locale and those that it specialises: ``de-at`` and ``de`` for ``de_AT``.

    Clients choose locales, so a long text is cut into few parts.
    """
    parts = locale.replace("_", "-").lower().split("-", 3)
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]


def _translations(locale: str | None, folder: str | None) -> gettext.NullTranslations:
    """Return the translations of a locale such as ``de``, ``de-AT`` or ``de_AT``; English texts if there are none."""
    catalogues = _catalogues(folder)
    known = (catalogues[tag] for tag in _tags(locale or "en") if tag in catalogues)
    return next(known, gettext.NullTranslations())


def has_english_texts(folder: str | None) -> bool:
    """Return whether an application replaces English texts."""
    return "en" in _catalogues(folder)


def catalogue(locale: str, folder: str | None = None) -> dict[str, Any]:
    """Return the texts of a locale for the modules.

    :param folder: the application's own translations.
    :returns: ``texts`` by their English text, with the forms of a plural as a list, and ``plural``, the form of each
        number from 0.
    """
    translations = _translations(locale, folder)
    if not isinstance(translations, gettext.GNUTranslations):
        return {"texts": {}, "plural": ""}
    plural: Any = translations.plural  # type: ignore[attr-defined]
    return {"texts": _texts(translations), "plural": "".join(str(plural(number)) for number in range(PLURAL_NUMBERS))}


def _texts(translations: Any) -> dict[str, str | list[str]]:
    """Return the texts of a catalogue and of its fallback by their English text."""
    texts: dict[str, Any] = {} if translations._fallback is None else _texts(translations._fallback)
    plurals: dict[str, list[str]] = {}
    for key, words in sorted(translations._catalog.items(), key=str):
        if isinstance(key, tuple):  # a text with its form, whose forms follow each other
            plurals.setdefault(key[0], []).append(words)
        elif key:
            texts[key] = words
    return texts | plurals


def use_language(find: Callable[[], Language]) -> None:
    """Set the function that returns the language of the present request or job."""
    global _find_language
    _find_language = find


def language() -> str:
    """Return the locale of `text`: the one of the request if it has a catalogue, else English."""
    locale, folder = _find_language()
    has_catalogue = isinstance(_translations(locale, folder), gettext.GNUTranslations)
    return locale if locale and has_catalogue and _tags(locale)[-1] != "en" else "en"


def text(words: str, **values: Any) -> str:
    """Return a text in the language of the request, with ``{name}`` replaced by each value."""
    translated = _translations(*_find_language()).gettext(words) if words else words
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
    return _translations(*_find_language()).ngettext(one, many, count).replace("{count}", str(count))
