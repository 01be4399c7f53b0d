# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reliability guide and the page of all tested cases show the tables that the tests run."""

from __future__ import annotations

from ansible_collections.talkover.voice.plugins.module_utils._errors import ADVICE
from ansible_collections.talkover.voice.tests.careless import table as careless
from ansible_collections.talkover.voice.tests.faults.table import FAULTS, SECTIONS
from ansible_collections.talkover.voice.tools import tables


def test_the_guide_is_not_stale() -> None:
    text = tables.GUIDE.read_text("utf-8")
    assert text == tables.update(text), "run: python -m ansible_collections.talkover.voice.tools.tables"


def test_the_guide_explains_each_kind() -> None:
    text = tables.GUIDE.read_text("utf-8")
    assert [kind for kind in ADVICE if f"\n   * - ``{kind}``\n" not in text] == []


def test_no_two_rows_have_one_name() -> None:
    assert len(FAULTS) == sum(map(len, SECTIONS.values()))


def test_each_row_expects_something_that_there_is() -> None:
    assert {kind for fault in FAULTS.values() for kind in fault.kinds.split()} <= {*ADVICE, "healthy", "unhealthy"}


def test_each_section_of_careless_use_is_described() -> None:
    assert list(tables.CARELESS) == list(careless.SECTIONS)


def test_the_page_lists_every_section_and_case() -> None:
    page = tables.build_page()
    for title, cases in careless.SECTIONS.items():
        assert f"\n{title}\n{'^' * len(title)}\n" in page
        assert page.count("\n* ") >= len(cases)
    assert all(f"\n{title}\n{'^' * len(title)}\n" in page for title in SECTIONS)
    assert page.count("\n* ") == len(careless.ROWS)


def test_names_that_differ_in_the_status_share_a_line() -> None:
    names = ["400, empty", "404, empty", "no status", "503 with a page"]
    merged = ["no status", "2 statuses from 400 to 404, empty", "503 with a page"]
    assert list(tables._merge_statuses(names)) == merged


def test_markup_in_a_name_is_escaped() -> None:
    assert tables._escape("`a` http://x: b_") == r"\`a\` http\://x: b\_"
