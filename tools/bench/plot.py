# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draw the rows as SVG: each ratio with its spread and its goal.

The SVG is written without a library, because it must be small and must not change the style of the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from .pairs import Result
from .table import ratio

_LEFT, _WIDTH, _LINE, _TOP = 20, 660, 38, 40
_LOWEST, _HIGHEST = 1 / 2000, 2.0


def svg(results: Sequence[Result]) -> str:
    """Return the picture. A ratio that no logarithmic axis can show, such as zero, is at the left end."""
    bottom = _TOP + _LINE * len(results)
    lines = [
        _head(bottom + 10),
        "<title>Ours over theirs, on a logarithmic scale; a dot left of its goal holds</title>",
        *_axis(bottom),
        *(line for number, result in enumerate(results) for line in _row(result, _TOP + _LINE * number)),
        "</svg>",
    ]
    return "\n".join(lines)


def bars(title: str, values: Sequence[tuple[str, float]]) -> str:
    """Return a picture with a bar for each duration in seconds."""
    most = max(seconds for _label, seconds in values)
    lines = [
        _head(_LINE * len(values) + 10),
        f"<title>{escape(title)}</title>",
    ]
    for number, (label, seconds) in enumerate(values):
        top, width = _LINE * number, (_WIDTH - 60) * seconds / most
        lines += [
            f'<text x="{_LEFT}" y="{top + 14}">{escape(label)}</text>',
            f'<rect x="{_LEFT}" y="{top + 19}" width="{width:.1f}" height="12" fill="#1565c0"/>',
            f'<text x="{_LEFT + width + 8:.1f}" y="{top + 30}">{seconds:.1f} s</text>',
        ]
    return "\n".join([*lines, "</svg>"])


def _head(height: int) -> str:
    size = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH + 2 * _LEFT} {height}" role="img"'
    return f'<svg {size} font-family="sans-serif" font-size="12" fill="currentColor" stroke="none">'


def _axis(bottom: int) -> Iterator[str]:
    for value in (0.001, 0.01, 0.1, 1.0):
        at = f"{_x(value):.0f}"
        yield f'<path d="M{at} {_TOP - 12}V{bottom}" stroke="currentColor" stroke-opacity="0.25"/>'
        yield f'<text x="{at}" y="{_TOP - 18}" text-anchor="middle">{"as fast" if value == 1 else ratio(value)}</text>'


def _row(result: Result, top: int) -> Iterator[str]:
    row, colour = result.row, "#2e7d32" if result.holds else "#c62828"
    low, mid, high, goal = (f"{_x(it):.1f}" for it in (result.ratios[0], result.ratio, result.ratios[-1], row.most))
    middle = top + 24
    words = f"{row.name}  {row.work}: {ratio(result.ratio)}, goal {row.goal}".replace("`", "")
    yield f'<text x="{_LEFT}" y="{top + 10}">{escape(words)}</text>'
    yield f'<path d="M{goal} {middle - 7}v14" stroke="currentColor" stroke-width="2"/>'
    yield f'<path d="M{low} {middle}H{high}" stroke="{colour}" stroke-width="3" stroke-opacity="0.5"/>'
    yield f'<circle cx="{mid}" cy="{middle}" r="5" fill="{colour}"/>'


def _x(value: float) -> float:
    share = math.log(min(max(value, _LOWEST), _HIGHEST) / _LOWEST) / math.log(_HIGHEST / _LOWEST)
    return _LEFT + share * _WIDTH
