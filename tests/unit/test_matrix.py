# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What make matrix makes of the results of its sessions."""

from __future__ import annotations

import re

import pytest

from ansible_collections.talkover.voice.tests.matrix import CLOSING, Part, fails, judge, tabulate

PASSED = Part("2.16, requests 2.25.1", "unit", "3.10", False, "passed", "9 passed")
FAILED = PASSED._replace(session="integration", result="failed", why="1 failed, 8 passed")
NOT_RUN = PASSED._replace(session="managed", result="not run", why="Python 3.9 was not found")
NEXT = FAILED._replace(cell="next", may_fail=True)


@pytest.mark.parametrize(
    ("parts", "result"),
    [([PASSED], "passed"), ([PASSED, NOT_RUN], "not run"), ([NOT_RUN, FAILED, PASSED], "failed")],
)
def test_a_cell_is_as_good_as_its_worst_part(parts: list[Part], result: str) -> None:
    assert judge(parts) == result


def test_only_what_may_not_fail_makes_the_matrix_fail() -> None:
    assert not fails([PASSED, NOT_RUN, NEXT])
    assert fails([PASSED, FAILED])


def test_the_table_counts_cells_and_says_why() -> None:
    other = PASSED._replace(cell="2.17, requests 2.25.1")
    lines = list(tabulate([PASSED, NOT_RUN, other, NEXT]))
    assert [re.split("  +", line) for line in lines[:4]] == [
        ["cell", "Python", "result", "unit", "managed", "integration"],
        ["2.16, requests 2.25.1", "3.10", "not run", "9 passed", "Python 3.9 was not found", "-"],
        ["2.17, requests 2.25.1", "3.10", "passed", "9 passed", "-", "-"],
        ["next", "3.10", "failed, may fail", "-", "-", "1 failed, 8 passed"],
    ]
    assert lines[4] == "1 cells passed, 0 failed, 1 not run."
    assert lines[5].startswith("The next ansible-core, integration: failed: 1 failed, 8 passed.")


def test_the_last_line_of_pytest_is_found() -> None:
    log = "== test session starts ==\n== 1 failed, 2 passed in 3.21s ==\n"
    assert re.findall(CLOSING, log, re.MULTILINE) == ["1 failed, 2 passed"]
