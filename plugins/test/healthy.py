# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..plugin_utils.verdict import ANY_AGE, verdict


def healthy(trunk: Any, max_health_age: Any = ANY_AGE) -> bool:
    """Say whether a trunk, or each of a list, is healthy."""
    return not verdict("test talkover.voice.healthy", trunk, max_health_age)


class TestModule:
    """What ansible-core looks for."""

    def tests(self) -> dict[str, Callable[..., Any]]:
        return {"healthy": healthy}
