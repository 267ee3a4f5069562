"""Sphinx: ``sphinx-build -W -E docs docs/_build/html``, from the root of the repository."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

project = "flask-relationships"
author = "The flask-relationships authors"
project_copyright = author
version = release = version_of("flask-relationships")

extensions = ["myst_parser", "sphinx.ext.autodoc", "docs.generated"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"{project} {version}"
html_copy_source = False
html_static_path = ["static"]
html_css_files = ["pages.css"]
html_js_files = [("copy.js", {"defer": "defer"})]

# Messages and their fixes are shown as they are printed: what looks like code may be copied.
smartquotes = False

myst_heading_anchors = 3

# Names in single backticks become links where there is something of that name.
default_role = "py:obj"
autodoc_member_order = "bysource"
python_maximum_signature_line_length = 88
python_use_unqualified_type_names = True
