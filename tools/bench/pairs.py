# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define the rows of the table, and the calculations on their rounds."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """Hold what is compared."""

    name: str
    """The number of the row in the table, with a letter where a number has several goals."""
    work: str
    against: str
    goal: str
    """The maximum ratio, as text: C(1.25) or C(1/25)."""
    unit: str = "s"

    @property
    def most(self) -> float:
        """Return the goal as a number."""
        numerator, _slash, denominator = self.goal.partition("/")
        return float(numerator) / float(denominator or 1)


class Pair(NamedTuple):
    """Hold the measurements of one round, in the unit of the row."""

    ours: float
    theirs: float


class Result(NamedTuple):
    """Hold a row, and the measurements of its rounds."""

    row: Row
    pairs: Sequence[Pair]

    @property
    def ours(self) -> float:
        """Return the median of the collection."""
        return statistics.median(pair.ours for pair in self.pairs)

    @property
    def theirs(self) -> float:
        """Return the median of the other side."""
        return statistics.median(pair.theirs for pair in self.pairs)

    @property
    def ratios(self) -> list[float]:
        """Return the ratio of each round, in ascending order."""
        return sorted(pair.ours / pair.theirs for pair in self.pairs)

    @property
    def ratio(self) -> float:
        """Return the median of the ratios, which can differ from the ratio of the medians."""
        return statistics.median(self.ratios)

    @property
    def holds(self) -> bool:
        """Return whether the median reaches the goal."""
        return self.ratio <= self.row.most
