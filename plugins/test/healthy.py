# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..plugin_utils._verdict import ANY_AGE, verdict


def healthy(trunk: Any, max_health_age: Any = ANY_AGE) -> bool:
    """Return whether a trunk, or each trunk of a list, is healthy."""
    return not verdict("test talkover.voice.healthy", trunk, max_health_age)


class TestModule:
    """Provide the class that ansible-core loads."""

    def tests(self) -> dict[str, Callable[..., Any]]:
        return {"healthy": healthy}
