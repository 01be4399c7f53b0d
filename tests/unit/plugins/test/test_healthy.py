# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Jinja test: what it registers, returns and rejects."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.talkover.voice.plugins.test.healthy import TestModule as HealthyModule

RECORD = {"id": "a", "is_active": True, "is_verified": True, "health_status": "healthy"}


def test_the_plugin_registers_one_test() -> None:
    assert list(HealthyModule().tests()) == ["healthy"]


@pytest.mark.parametrize(("record", "healthy"), [(RECORD, True), ({**RECORD, "is_active": "true"}, False)])
def test_the_result_is_a_boolean(record: Any, healthy: bool) -> None:
    assert HealthyModule().tests()["healthy"](record) is healthy


@pytest.mark.parametrize("record", [None, "healthy", [RECORD, None]])
def test_anything_but_records_is_an_error(record: Any) -> None:
    with pytest.raises(AnsibleFilterError):
        HealthyModule().tests()["healthy"](record)
