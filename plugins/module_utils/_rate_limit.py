# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""The rate limit: one window that steers all requests of a fetch, or of a whole run, together.

The limits are documented at docs.talkover.ai, under Rate limits. The unit of C(X-RateLimit-Reset) is not, so both
readings are accepted and neither is believed beyond a minute.
"""

from __future__ import annotations

import contextlib
import email.utils
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping

from ._response import seconds

MAX_SINGLE_WAIT = 60.0
"""The seconds that a wait may take: a window is a minute."""

LONG_WAIT = 5.0
"""The seconds beyond which somebody may want to know what is being waited for."""

_UNIX_TIME = 100_000_000.0
_SAME_CLOCK = 2.0
_ROUNDING = 1.0


class Cancelled(Exception):
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


class WindowState:
    """What is known of the current window of the service.

    :param number: the number of the window.
    :param opens_at: before this time, nobody may send a request.
    :param resets_at: the end of the window.
    :param known: whether a response has said how many requests are left.
    :param left: how many may still be sent; C(None) for any number.
    :param told: the end of the last wait that was reported.
    :param refused: how many responses with 429 named no time to wait.

    Times are those of ``time.monotonic``.
    """

    # Not a dataclass: each module process and each worker would generate its code again.
    def __init__(
        self,
        *,
        number: int = 0,
        opens_at: float = 0.0,
        resets_at: float = 0.0,
        known: bool = False,
        left: int | None = None,
        told: float = 0.0,
        refused: int = 0,
    ) -> None:
        self.number = number
        self.opens_at = opens_at
        self.resets_at = resets_at
        self.known = known
        self.left = left
        self.told = told
        self.refused = refused

    def begin_next(self, opens_at: float) -> None:
        """Go to the next window, of which nothing is known."""
        self.number += 1
        self.opens_at = max(self.opens_at, opens_at)
        self.known, self.left = False, None

    def learn(self, headers: Mapping[str, str]) -> None:
        """Read what a response says of this window."""
        left, wait = seconds(headers.get("X-RateLimit-Remaining")), reset_wait(headers)
        if left is not None and wait is not None:
            # Requests under way are in our own count already, and perhaps not yet in the service's.
            self.left = int(left) if self.left is None else min(self.left, int(left))
            resets_at = time.monotonic() + wait
            # Whole seconds are rounded up, so the earliest of several is the closest.
            is_rounded = abs(resets_at - self.resets_at) <= _ROUNDING
            self.resets_at = min(resets_at, self.resets_at) if is_rounded else resets_at
        self.known = True


class Window:
    """The window of one ``RateLimiter``. Only one thread uses it at a time.

    A subclass can share it with other processes.
    """

    poll: float | None = None
    """The seconds after which another process may have changed the window; C(None) when there is none."""

    def __init__(self) -> None:
        self.state = WindowState()
        self._probed: int | None = None

    @contextlib.contextmanager
    def locked(self) -> Iterator[WindowState]:
        """Yield the state, to be read and changed."""
        yield self.state

    def begin_probe(self, number: int) -> bool:
        """Return whether this request is the first of its window, which goes alone."""
        if self._probed == number:
            return False
        self._probed = number
        return True

    def end_probe(self) -> None:
        """Let others probe."""
        self._probed = None

    def close(self) -> None:
        """Share nothing from now on."""


class RateLimiter:
    """Lets requests through as long as the service's window has room, and makes all wait for the next when it has none.

    The first request of a window goes alone: its answer says how many may follow. So a window that others have used
    up costs one 429 and not one a connection.

    :param on_wait: told the seconds, once for each wait of more than ``LONG_WAIT``.
    :param max_wait: the seconds that all waits together may take. A wait of several threads at once counts once.
    :param window: the window, when it is shared with other processes.
    """

    def __init__(
        self,
        on_wait: Callable[[float], None] | None = None,
        max_wait: float = math.inf,
        window: Window | None = None,
    ) -> None:
        self._on_wait = on_wait
        self._max_wait = max_wait
        self._waited = 0.0
        self._waited_until = 0.0
        self._condition = threading.Condition()
        self._stopped = threading.Event()
        self._window = window or Window()
        self._probe: int | None = None

    def acquire(self) -> int:
        """Wait until a request may be sent, and give the number of the window that it belongs to.

        Each call is followed by one of ``release``.

        :raises Cancelled: when the fetch was stopped.
        :raises WaitExceeded: before a wait that would take longer than what is left of max_wait.
        """
        with self._condition:
            while not self._stopped.is_set():
                with self._window.locked() as state:
                    number, wait = self._enter(state)
                    tells = wait is not None and wait > LONG_WAIT and state.told < state.opens_at
                    if tells:
                        state.told = state.opens_at
                if number is not None:
                    return number
                if tells and wait and self._on_wait:
                    self._on_wait(wait)
                self._condition.wait(wait)
            raise Cancelled

    def release(
        self, number: int, headers: Mapping[str, str] | None, pause: float | None = None, is_guess: bool = False
    ) -> None:
        """Learn from an answer, and let the next through.

        :param number: what ``acquire`` gave.
        :param headers: those of the answer; C(None) when there was none.
        :param pause: the seconds for which nobody is let through, because the answer was a 429.
        :param is_guess: whether the answer did not name the pause.
        """
        with self._condition:
            with self._window.locked() as state:
                if pause is not None:
                    state.refused += is_guess
                    opens_at = time.monotonic() + pause
                    if number == state.number:
                        state.begin_next(opens_at)
                    state.opens_at = max(state.opens_at, opens_at)
                elif number == state.number:
                    # What comes late from an earlier window says nothing about this one.
                    state.learn(headers or {})
            if number == self._probe:
                self._probe = None
                self._window.end_probe()
            self._condition.notify_all()

    def refusals(self) -> int:
        """Return how many responses with 429 named no time to wait, in all processes that share the window."""
        with self._condition, self._window.locked() as state:
            return state.refused

    def sleep(self, wait: float) -> None:
        """Wait some seconds on behalf of one request.

        :raises Cancelled: when the fetch was stopped meanwhile.
        """
        if self._stopped.wait(wait):
            raise Cancelled

    def stop(self) -> None:
        """Wake all waiters and reject new ones."""
        with self._condition:
            self._stopped.set()
            self._window.close()
            self._condition.notify_all()

    def _enter(self, state: WindowState) -> tuple[int | None, float | None]:
        """Return the number of the window, or the seconds to wait before the next try; C(None) for a notification."""
        now = time.monotonic()
        if state.known and state.left is not None and (state.left <= 0 or now > state.resets_at + _ROUNDING):
            # What was left of a window that is over says nothing about the next.
            state.begin_next(state.resets_at)
        pause = state.opens_at - now
        if pause > 0:
            self._count(pause, state.opens_at)
            return None, pause
        if not state.known:
            if not self._window.begin_probe(state.number):
                return None, self._window.poll
            self._probe = state.number
        elif state.left is not None:
            state.left -= 1
        return state.number, None

    def _count(self, pause: float, opens_at: float) -> None:
        # What another thread began to wait for is counted already.
        more = min(pause, opens_at - self._waited_until)
        if more <= 0:
            return
        if self._waited + more > self._max_wait:
            raise WaitExceeded(pause, self._waited)
        self._waited += more
        self._waited_until = opens_at


def reset_wait(headers: Mapping[str, str]) -> float | None:
    """Read how many seconds remain to the end of the window, at most a minute; C(None) when that is not said."""
    reset = seconds(headers.get("X-RateLimit-Reset"))
    if reset is not None and reset >= _UNIX_TIME:
        reset -= _service_time(headers)
    return None if reset is None else min(max(reset, 0.0), MAX_SINGLE_WAIT)


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
