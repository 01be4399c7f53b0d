# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rate limit: so many requests in a window of time, counted for each token alone."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

RESET_STYLES = ("seconds", "epoch")

_TOKEN_LIMIT = 1000
"""Tokens that are counted at one time. Clients choose the tokens, so their number is bounded."""


class Grant(NamedTuple):
    """What a request learns of its window."""

    allowed: bool
    limit: int
    remaining: int
    reset_in: float
    """Seconds until the next window may begin."""

    @property
    def retry_after(self) -> int:
        """Whole seconds, rounded up: a client that waits so long is never early."""
        return max(1, math.ceil(self.reset_in))

    def headers(self, reset: str) -> dict[str, str]:
        """Write the three headers of the API; as their unit of time is not documented, C(reset) chooses one.

        Args:
            reset: C(seconds) from now, or C(epoch), the Unix time.
        """
        at = self.retry_after if reset == "seconds" else math.ceil(time.time() + self.reset_in)
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(at),
        }


class Window:
    """Fixed windows: each begins with its first request, and the next one not before this one is over.

    Args:
        limit: Requests in a window, at least 1.
        seconds: Length of a window, more than 0.
        clock: Seconds that never go back.

    Raises:
        ValueError: One of the two is too small.
    """

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        if limit < 1 or not seconds > 0:
            raise ValueError("A rate limit needs at least 1 request in a window of more than 0 seconds.")
        self.limit = limit
        self.seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[str | None, tuple[float, int]] = {}

    def take(self, token: str | None) -> Grant:
        """Count one request of that token, unless its window is used up."""
        with self._lock:
            now = self._clock()
            start, used = self._windows.pop(token, (now, 0))
            if now - start >= self.seconds:
                start, used = now, 0
            allowed = used < self.limit
            used += allowed
            if len(self._windows) >= _TOKEN_LIMIT:
                # The least recently used one: each use moves a token to the end.
                del self._windows[next(iter(self._windows))]
            self._windows[token] = (start, used)
            return Grant(allowed, self.limit, self.limit - used, self.seconds - (now - start))
