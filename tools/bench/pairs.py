# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a row of the table is, and the arithmetic of its rounds."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """What is compared."""

    name: str
    """The number of the row in the table, with a letter where a number has several goals."""
    work: str
    against: str
    goal: str
    """The largest ratio that will do, as it is written: C(1.25) or C(1/25)."""
    unit: str = "s"

    @property
    def most(self) -> float:
        """The goal as a number."""
        numerator, _slash, denominator = self.goal.partition("/")
        return float(numerator) / float(denominator or 1)


class Pair(NamedTuple):
    """What one round measured, in the unit of the row."""

    ours: float
    theirs: float


class Result(NamedTuple):
    """A row, and what its rounds measured."""

    row: Row
    pairs: Sequence[Pair]

    @property
    def ours(self) -> float:
        """The median of our side."""
        return statistics.median(pair.ours for pair in self.pairs)

    @property
    def theirs(self) -> float:
        """The median of the other side."""
        return statistics.median(pair.theirs for pair in self.pairs)

    @property
    def ratios(self) -> list[float]:
        """The ratio of each round, the smallest first."""
        return sorted(pair.ours / pair.theirs for pair in self.pairs)

    @property
    def ratio(self) -> float:
        """The median of the ratios, which need not be the ratio of the medians."""
        return statistics.median(self.ratios)

    @property
    def holds(self) -> bool:
        """Whether the median reaches the goal."""
        return self.ratio <= self.row.most
