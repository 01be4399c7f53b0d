# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter: what it registers, returns and rejects."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.talkover.voice.plugins.filter.health_problems import FilterModule

RECORD = {"id": "a", "is_active": True, "is_verified": True, "health_status": "healthy"}


def test_the_plugin_registers_one_filter() -> None:
    assert list(FilterModule().filters()) == ["health_problems"]


@pytest.mark.parametrize(
    ("changes", "count"), [({}, 0), ({"is_active": False}, 1), ({"is_active": False, "is_verified": 1}, 2)]
)
def test_each_problem_is_one_sentence(changes: dict[str, Any], count: int) -> None:
    problems = FilterModule().filters()["health_problems"]({**RECORD, **changes})
    assert len(problems) == count
    assert all(problem.endswith(".") for problem in problems)


@pytest.mark.parametrize("record", [None, "healthy", [RECORD, None]])
def test_anything_but_records_is_an_error(record: Any) -> None:
    with pytest.raises(AnsibleFilterError):
        FilterModule().filters()["health_problems"](record)
