"""Compiled catalogues of an application's own texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo


def write_catalogue(folder: Path, language: str, texts: dict[Any, Any]) -> Path:
    path = folder / language / "LC_MESSAGES" / "flask_relationships.mo"
    path.parent.mkdir(parents=True)
    catalogue = Catalog(locale=language)
    for words, translated in texts.items():
        catalogue.add(words, translated)
    with path.open("wb") as file:
        write_mo(file, catalogue)
    return folder
