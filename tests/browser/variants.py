"""The ways in which every view is looked at."""

from __future__ import annotations

from typing import Any

import pytest

VARIANTS: dict[str, dict[str, Any]] = {
    "wide": {},
    "wide dark": {"scheme": "dark"},
    "narrow": {"width": 360},
    "narrow dark": {"width": 360, "scheme": "dark"},
    "right to left": {"rtl": True},
    "narrow right to left": {"width": 360, "rtl": True},
    "forced colours": {"forced_colors": "active"},
    "tiny": {"width": 320},
}

variants = pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
