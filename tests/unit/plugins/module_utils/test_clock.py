# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clock counts the time that a machine was suspended."""

from __future__ import annotations

import sys
import time

import pytest

from ansible_collections.talkover.voice.plugins.module_utils import _clock


@pytest.mark.skipif(sys.platform != "linux", reason="CLOCK_BOOTTIME exists on Linux only")
def test_the_clock_is_the_one_that_counts_suspended_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    real = time.clock_gettime

    def clock_gettime(clock: int) -> float:
        asked.append(clock)
        return real(clock)

    monkeypatch.setattr(time, "clock_gettime", clock_gettime)
    before = real(time.CLOCK_BOOTTIME)
    assert before <= _clock.now() <= real(time.CLOCK_BOOTTIME)
    assert asked == [time.CLOCK_BOOTTIME]
