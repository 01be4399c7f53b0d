# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Format the rows as a table, for the terminal and for the guide."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

from .pairs import Result

HEADER = ("#", "Work", "Ours", "Theirs", "Ratio, and its spread", "Goal", "Holds")
_WORK = 46


def ratio(value: float) -> str:
    """Format a ratio like the goals: as a fraction when it is small."""
    return f"1/{1 / value:.{1 if value > 0.05 else 0}f}" if 0 < value < 0.3 else f"{value:.3f}"


def amount(value: float, unit: str) -> str:
    """Format a measurement with its significant digits."""
    return f"{value:.2f} {unit}" if unit in ("s", "ms") else f"{value:.0f} {unit}"


def cells(result: Result) -> tuple[str, ...]:
    """Return the columns of a row but its work."""
    row, ratios = result.row, result.ratios
    return (
        amount(result.ours, row.unit),
        amount(result.theirs, row.unit),
        f"{ratio(result.ratio)} ({ratio(ratios[0])} to {ratio(ratios[-1])})",
        f"≤ {row.goal}",
        "yes" if result.holds else "no",
    )


def of_terminal(results: Iterable[Result]) -> str:
    """Return all rows, under each other."""
    shown = [HEADER, *((it.row.name, f"{it.row.work}, over: {it.row.against}", *cells(it)) for it in results)]
    shown = [(number, work.replace("`", ""), *rest) for number, work, *rest in shown]
    widths = [_WORK if column == 1 else max(map(len, texts)) for column, texts in enumerate(zip(*shown))]
    return "\n".join(line for texts in shown for line in _lines(texts, widths))


def _lines(texts: tuple[str, ...], widths: list[int]) -> Iterator[str]:
    first, *more = textwrap.wrap(texts[1], _WORK)
    yield "  ".join(text.ljust(width) for text, width in zip((texts[0], first, *texts[2:]), widths)).rstrip()
    for line in more:
        yield " " * (widths[0] + 2) + line


def of_guide(results: Iterable[Result]) -> str:
    """Return all rows as a table of reStructuredText."""
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 5 31 21 8 8 15 6 6", ""]
    lines += _row((HEADER[0], HEADER[1], "Compared with", *HEADER[2:]))
    for it in results:
        lines += _row((it.row.name, it.row.work, it.row.against, *cells(it)))
    return "\n".join(lines)


def _row(texts: Iterable[str]) -> Iterator[str]:
    lead = "   * -"
    for text in texts:
        yield f"{lead} " + re.sub(r"`([^`]+)`", r"``\1``", text)
        lead = "     -"
