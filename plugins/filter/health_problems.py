# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..plugin_utils._verdict import ANY_AGE, verdict


def health_problems(trunk: Any, max_health_age: Any = ANY_AGE) -> list[str]:
    """Return the reasons why trunks are not healthy."""
    return verdict("filter talkover.voice.health_problems", trunk, max_health_age)


class FilterModule:
    """Provide the class that ansible-core loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"health_problems": health_problems}
