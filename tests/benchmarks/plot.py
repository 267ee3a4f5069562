"""A plot of a comparison, as SVG: of each endpoint a bar for everybody, in units of this package's own time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from tests.benchmarks.peers.everyone import ENDPOINTS, OURS

if TYPE_CHECKING:
    from tests.benchmarks.compare import Measured

COLOURS = ("#1b6ca8", "#7a9e3f", "#b0c777", "#d7a13b", "#b5542d", "#6d4b8a")

LEFT, WIDTH, BAR, GAP, TOP = 250, 520, 9, 14, 70


def bars(title: str, measured: Sequence[Measured], peers: Sequence[str]) -> str:
    """The plot. A bar that is longer than all others by far is cut, and says how long it is."""
    names = [OURS, *peers]
    ratios = [[one.ratio(name) for name in names] for one in measured]
    longest = min(max(max(row) for row in ratios), 8.0)
    height = TOP + len(measured) * (len(names) * BAR + GAP) + 20
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 60} {height}" font-family="sans-serif">',
        f'<rect width="{LEFT + WIDTH + 60}" height="{height}" fill="#ffffff"/>',
        f'<text x="10" y="20" font-size="14" fill="#222">{escape(title)}: time of a request, ours being 1</text>',
        *_legend(names),
    ]
    y = TOP
    for one, row in zip(measured, ratios, strict=True):
        middle = y + len(names) * BAR / 2 + 4
        words = escape(ENDPOINTS[one.endpoint].title)
        lines.append(f'<text x="{LEFT - 8}" y="{middle}" font-size="11" text-anchor="end" fill="#222">{words}</text>')
        for colour, ratio in zip(COLOURS, row, strict=False):
            length = min(ratio, longest) / longest * WIDTH
            told = f"{ratio:.1f}" if ratio < 100 else f"{ratio:.0f}"
            lines.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR - 1}" fill="{colour}"/>')
            lines.append(f'<text x="{LEFT + length + 3:.1f}" y="{y + BAR - 2}" font-size="8" fill="#444">{told}</text>')
            y += BAR
        y += GAP
    return "\n".join([*lines, "</svg>", ""])


def _legend(names: Sequence[str]) -> Iterator[str]:
    x, y = 10, 40
    for colour, name in zip(COLOURS, names, strict=False):
        yield f'<rect x="{x}" y="{y - 9}" width="10" height="10" fill="{colour}"/>'
        yield f'<text x="{x + 14}" y="{y}" font-size="11" fill="#222">{escape(name)}</text>'
        x += 30 + len(name) * 6
