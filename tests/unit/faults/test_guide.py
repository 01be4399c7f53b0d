# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide on reliability shows the table that the tests run."""

from __future__ import annotations

from ansible_collections.talkover.voice.plugins.module_utils._errors import ADVICE
from ansible_collections.talkover.voice.tests.faults import guide
from ansible_collections.talkover.voice.tests.faults.table import FAULTS, SECTIONS


def test_the_guide_is_not_stale() -> None:
    text = guide.GUIDE.read_text("utf-8")
    assert text == guide.renewed(text), "run: python -m ansible_collections.talkover.voice.tests.faults"


def test_the_guide_explains_each_kind() -> None:
    text = guide.GUIDE.read_text("utf-8")
    assert [kind for kind in ADVICE if f"\n   * - ``{kind}``\n" not in text] == []


def test_no_two_rows_have_one_name() -> None:
    assert len(FAULTS) == sum(map(len, SECTIONS.values()))


def test_each_row_expects_something_that_there_is() -> None:
    assert {kind for fault in FAULTS.values() for kind in fault.kinds.split()} <= {*ADVICE, "healthy", "unhealthy"}
