# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the calculations and the output of the benchmark, without timing."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from ansible_collections.talkover.voice.tools.bench import guide, lab, table
from ansible_collections.talkover.voice.tools.bench.pairs import Pair, Result, Row
from ansible_collections.talkover.voice.tools.bench.rows import EXPERIMENTS

ROW = Row("1", "One `thing`", "another", "1/4")


def result(*pairs: tuple[float, float]) -> Result:
    return Result(ROW, [Pair(*pair) for pair in pairs])


def test_the_ratio_is_the_median_of_the_rounds() -> None:
    # The median of ours over that of theirs would be 2 / 4.
    found = result((1, 4), (2, 20), (9, 3))
    assert (found.ratio, found.ratios) == (0.25, [0.1, 0.25, 3.0])
    assert (found.ours, found.theirs) == (2, 4)


@pytest.mark.parametrize(("ours", "holds"), [(0.9, True), (1.0, True), (1.001, False)])
def test_a_row_holds_up_to_its_goal(ours: float, holds: bool) -> None:
    assert result((ours, 4)).holds is holds


@pytest.mark.parametrize(("value", "text"), [(0.04, "1/25"), (0.001, "1/1000"), (1 / 4.5, "1/4.5"), (0.987, "0.987")])
def test_a_small_ratio_is_written_as_a_fraction(value: float, text: str) -> None:
    assert table.ratio(value) == text


def test_a_row_that_does_not_hold_is_shown_as_plainly() -> None:
    lines = table.of_terminal([result((1, 8)), result((1, 2))]).splitlines()
    assert [line.split()[-1] for line in lines] == ["Holds", "yes", "no"]
    assert "   * - 1\n     - One ``thing``\n     - another\n     - 1.00 s\n" in table.of_guide([result((1, 2))])


@pytest.mark.parametrize(("number", "order"), [(0, "abc"), (1, "cba"), (2, "abc")])
def test_sides_take_turns_at_being_first(number: int, order: str) -> None:
    began: list[str] = []

    def side(name: str) -> str:
        began.append(name)
        return name

    sides = [lambda name=name: side(name) for name in "abc"]
    assert lab.in_turns(number, *sides) == ["a", "b", "c"]
    assert "".join(began) == order


def test_the_guides_are_not_stale() -> None:
    for path, write in guide.PAGES.items():
        text = path.read_text("utf-8")
        assert text == guide.renewed(text, write), "run: make bench"
    results = guide.read(json.loads(guide.DATA.read_text("utf-8")))
    assert guide.PICTURE.read_text("utf-8") == guide.pictured(results)


def test_the_guide_shows_all_rows() -> None:
    kept: Sequence[Result] = guide.read(json.loads(guide.DATA.read_text("utf-8")))
    assert [it.row for it in kept] == [row for experiment in EXPERIMENTS for row in experiment.rows]
