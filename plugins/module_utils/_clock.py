# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Measure the age of records with a monotonic clock."""

from __future__ import annotations

import time

# On Linux, time.monotonic() stops while the machine is suspended. On macOS, CLOCK_MONOTONIC goes on.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now() -> float:
    """Return the seconds since the system started, including time suspended.

    All processes of a machine share this clock, and it cannot be set.
    """
    return time.clock_gettime(_CLOCK)
