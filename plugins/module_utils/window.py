# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""The rate limit: one window that steers all requests of a fetch together.

The limits are documented at docs.talkover.ai, under Rate limits. The unit of C(X-RateLimit-Reset) is not, so both
readings are accepted and neither is believed beyond a minute.
"""

from __future__ import annotations

import contextlib
import email.utils
import math
import threading
import time
from collections.abc import Callable, Mapping

from .answer import seconds

LONGEST_WAIT = 60.0
"""The seconds that a wait may take: a window is a minute."""

LONG_WAIT = 5.0
"""The seconds beyond which somebody may want to know what is being waited for."""

_UNIX_TIME = 100_000_000.0
_SAME_CLOCK = 2.0


class Stopped(Exception):
    """The fetch is over, for another reason than this request's."""


class WaitExceeded(Exception):
    """A wait would exceed the time that the fetch may spend waiting.

    :param pause: the seconds that this wait would take.
    :param waited: the seconds that the fetch waited before.
    """

    def __init__(self, pause: float, waited: float) -> None:
        super().__init__(pause, waited)
        self.pause = pause
        self.waited = waited


class RateWindow:
    """Lets requests through as long as the service's window has room, and makes all wait for the next when it has none.

    The first request of a window goes alone: its answer says how many may follow. So a window that others have used
    up costs one 429 and not one a connection.

    :param on_wait: told the seconds, once for each wait of more than ``LONG_WAIT``.
    :param max_wait: the seconds that all waits together may take. A wait of several threads at once counts once.
    """

    def __init__(self, on_wait: Callable[[float], None] | None = None, max_wait: float = math.inf) -> None:
        self._on_wait = on_wait
        self._told = 0.0
        self._max_wait = max_wait
        self._waited = 0.0
        self._waited_until = 0.0
        self._turn = threading.Condition()
        self._stopped = threading.Event()
        self._number = 0
        self._opens_at = 0.0
        self._resets_at = 0.0
        self._known = False
        self._probing = False
        self._left: int | None = None

    def enter(self) -> int:
        """Wait until a request may be sent, and give the number of the window that it belongs to.

        Each call is followed by one of ``leave``.

        :raises Stopped: when the fetch was stopped.
        :raises WaitExceeded: before a wait that would take longer than what is left of max_wait.
        """
        with self._turn:
            while not self._stopped.is_set():
                pause = self._opens_at - time.monotonic()
                if pause > 0:
                    self._count(pause)
                    self._tell(pause)
                    self._turn.wait(pause)
                elif not self._known:
                    if not self._probing:
                        self._probing = True
                        return self._number
                    self._turn.wait()
                elif self._left is None:
                    return self._number
                elif self._left > 0:
                    self._left -= 1
                    return self._number
                else:
                    self._begin_next(self._resets_at)
            raise Stopped

    def leave(self, number: int, headers: Mapping[str, str] | None, pause: float | None = None) -> None:
        """Learn from an answer, and let the next through.

        :param number: what ``enter`` gave.
        :param headers: those of the answer; C(None) when there was none.
        :param pause: the seconds for which nobody is let through, because the answer was a 429.
        """
        with self._turn:
            if pause is not None:
                opens_at = time.monotonic() + pause
                if number == self._number:
                    self._begin_next(opens_at)
                self._opens_at = max(self._opens_at, opens_at)
            elif number == self._number:
                # What comes late from an earlier window says nothing about this one.
                self._learn(headers or {})
            self._turn.notify_all()

    def sleep(self, wait: float) -> None:
        """Wait some seconds on behalf of one request.

        :raises Stopped: when the fetch was stopped meanwhile.
        """
        if self._stopped.wait(wait):
            raise Stopped

    def stop(self) -> None:
        """Send everyone home who waits here or comes later."""
        with self._turn:
            self._stopped.set()
            self._turn.notify_all()

    def _count(self, pause: float) -> None:
        # What another thread began to wait for is counted already.
        more = min(pause, self._opens_at - self._waited_until)
        if more <= 0:
            return
        if self._waited + more > self._max_wait:
            raise WaitExceeded(pause, self._waited)
        self._waited += more
        self._waited_until = self._opens_at

    def _tell(self, pause: float) -> None:
        if self._on_wait and pause > LONG_WAIT and self._told < self._opens_at:
            self._told = self._opens_at
            self._on_wait(pause)

    def _begin_next(self, opens_at: float) -> None:
        self._number += 1
        self._opens_at = max(self._opens_at, opens_at)
        self._known = self._probing = False
        self._left = None

    def _learn(self, headers: Mapping[str, str]) -> None:
        left, wait = seconds(headers.get("X-RateLimit-Remaining")), reset_wait(headers)
        if left is not None and wait is not None:
            # Requests under way are in our own count already, and perhaps not yet in the service's.
            self._left = int(left) if self._left is None else min(self._left, int(left))
            self._resets_at = time.monotonic() + wait
        self._known, self._probing = True, False


def reset_wait(headers: Mapping[str, str]) -> float | None:
    """Read how many seconds remain to the end of the window, at most a minute; C(None) when that is not said."""
    reset = seconds(headers.get("X-RateLimit-Reset"))
    if reset is not None and reset >= _UNIX_TIME:
        reset -= _service_time(headers)
    return None if reset is None else min(max(reset, 0.0), LONGEST_WAIT)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read C(Retry-After), seconds or one of the three forms of an HTTP date, as seconds from now."""
    value = headers.get("Retry-After")
    wait = seconds(value)
    moment = _http_date(value) if wait is None else None
    return wait if moment is None else max(moment - _service_time(headers), 0.0)


def _service_time(headers: Mapping[str, str]) -> float:
    # Both times of one answer come from the same clock, which need not agree with ours. Where it does, ours is finer.
    moment, now = _http_date(headers.get("Date")), time.time()
    return now if moment is None or abs(now - moment) < _SAME_CLOCK else moment


def _http_date(value: str | None) -> float | None:
    with contextlib.suppress(TypeError, ValueError, OverflowError, IndexError):
        parts = email.utils.parsedate_tz(value or "")
        if parts is not None:
            return float(email.utils.mktime_tz(parts))
    return None
