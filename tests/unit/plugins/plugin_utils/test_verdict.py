# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that the test and the filter agree, and reject invalid input."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.talkover.voice.plugins.filter.health_problems import FilterModule
from ansible_collections.talkover.voice.plugins.test.healthy import TestModule as HealthyModule

healthy = HealthyModule().tests()["healthy"]
health_problems = FilterModule().filters()["health_problems"]

GOOD = {"id": "a", "is_active": True, "is_verified": True, "health_status": "healthy"}
SICK = {**GOOD, "id": "b", "is_active": False}


@pytest.mark.parametrize(
    ("value", "verdict"), [(GOOD, True), (SICK, False), ([GOOD], True), ([GOOD, SICK], False), ([], False), ({}, False)]
)
def test_healthy_is_what_has_no_problems(value: Any, verdict: bool) -> None:
    assert healthy(value) is verdict
    assert (health_problems(value) == []) is verdict


def test_the_age_may_be_given_by_position_or_by_name() -> None:
    assert not healthy(GOOD, 600)
    assert not healthy(GOOD, max_health_age="600")
    assert health_problems(GOOD, max_health_age=600) == [
        "last_health_check_at is missing, but must be a timestamp with a zone."
    ]


@pytest.mark.parametrize(
    ("value", "age"), [(None, 60), ("x", 60), ([None], 60), (GOOD, "soon"), (GOOD, -1), (GOOD, None)]
)
def test_what_has_no_verdict_is_an_error(value: Any, age: Any) -> None:
    with pytest.raises(AnsibleFilterError, match=r"The test talkover\.voice\.healthy has no verdict"):
        healthy(value, age)
    with pytest.raises(AnsibleFilterError, match=r"The filter talkover\.voice\.health_problems has no verdict"):
        health_problems(value, age)


@pytest.mark.parametrize("value", [None, "x", [None]])
def test_what_is_no_record_has_no_verdict_without_an_age_either(value: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="has no verdict"):
        healthy(value)
