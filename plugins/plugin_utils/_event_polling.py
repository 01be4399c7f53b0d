# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Poll the health of trunks, and put events into the queue of ansible-rulebook.

One task polls, and another one delivers. So a rulebook that is busy delays events, but no polls.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Protocol

from ..module_utils._errors import TalkoverError
from ..module_utils._health import label
from ..module_utils._health_events import HealthEvent, HealthMonitor, Outbox, Verdict
from ..module_utils._rate_limit import Cancelled, Window, WindowState
from ..module_utils._trunks import TrunkReport, fetch
from ._event_options import SourceOptions, read_options

NO_HOST = "no_host_for_this_trunk"
"""The host of an event whose trunk is not in C(hosts). No inventory has it, so a playbook for the event fails."""

LATE = 5.0
"""The seconds after which the log says that the rulebook takes events late."""
JITTER = 0.1
"""The part of the interval by which it varies, so that several sources do not poll at the same moment."""

_FATAL = frozenset(("config", "auth", "forbidden"))
_log = logging.getLogger("talkover.voice.sip_trunk_health")


class EventQueue(Protocol):
    """Describe the queue of ansible-rulebook."""

    async def put(self, data: dict[str, Any], /) -> None:
        """Add an event, and wait while the queue is full."""


async def run(queue: EventQueue, args: Mapping[str, Any]) -> None:
    """Poll until the task is cancelled.

    :raises TalkoverError: when an argument is wrong, or the first poll fails with 401, 403 or a configuration error.
    """
    await HealthSource(queue, read_options(args)).run()


class HealthSource:
    """Poll, and deliver events.

    :param sleep: called with the seconds between two polls.
    """

    def __init__(
        self,
        queue: EventQueue,
        options: SourceOptions,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._queue = queue
        self._options = options
        self._sleep = sleep
        self._monitor = HealthMonitor(options.settings, options.query.trunk_ids)
        self._outbox = Outbox()
        self._has_events = asyncio.Event()
        self._window = _PollWindow()
        self._unmapped: set[str] = set()
        self._failing = False

    async def run(self) -> None:
        """Poll until the task is cancelled.

        :raises TalkoverError: as the function ``run``.
        """
        tasks = [asyncio.ensure_future(self._poll_forever()), asyncio.ensure_future(self._deliver_forever())]
        try:
            ended, _running = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        finally:
            self._window.cancel()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _poll_forever(self) -> None:
        is_first = True
        while True:
            began = time.monotonic()
            for event in await self._poll(is_first=is_first):
                if self._outbox.add(event):
                    _log.warning("The rulebook is slow: events of trunk %r were merged.", event.trunk_id)
                self._has_events.set()
            is_first = False
            interval = self._options.interval
            pause = interval * random.uniform(1 - JITTER, 1 + JITTER) - (time.monotonic() - began)
            await self._sleep(max(pause, 0.5))

    async def _poll(self, *, is_first: bool) -> list[HealthEvent]:
        """Poll once, and return the events that follow."""
        try:
            verdicts = await _run_in_daemon(self._fetch)
        except TalkoverError as error:
            if is_first and error.kind in _FATAL:
                raise
            failure = error
        except Exception as error:  # noqa: BLE001  # no failure of a poll may end the source
            # The text of an unknown error may contain a secret.
            failure = TalkoverError("bad_response", f"The poll failed with {type(error).__name__}.")
        else:
            if self._failing or (is_first and not verdicts):
                _log.warning("The API was polled successfully. It has %d trunks to watch.", len(verdicts))
            self._failing = False
            return self._monitor.add_verdicts(verdicts, time.time())
        if not self._failing:
            _log.warning("A poll failed: %s", failure)
        self._failing = True
        return self._monitor.add_failure(failure.kind, str(failure), time.time())

    def _fetch(self) -> dict[str, Verdict]:
        return read_verdicts(fetch(self._options.connection, self._options.query, _log_wait, self._window))

    async def _deliver_forever(self) -> None:
        while True:
            await self._has_events.wait()
            while self._outbox:
                event = self._outbox.pop()
                await self._queue.put(self._message(event))
                # A queue with room does not wait, and many events would block the event loop.
                await asyncio.sleep(0)
                late = time.time() - event.time
                if late > LATE:
                    _log.warning("The rulebook took the event %r %.0f s late.", event.event, late)
            self._has_events.clear()

    def _message(self, event: HealthEvent) -> dict[str, Any]:
        message: dict[str, Any] = {"talkover": event.as_dict(time.time())}
        if self._options.hosts is not None:
            # Without hosts, an action would run on all hosts of the inventory.
            message["meta"] = {"hosts": list(self._options.hosts.get(event.trunk_id) or [NO_HOST])}
            if event.trunk_id and event.trunk_id not in self._options.hosts and event.trunk_id not in self._unmapped:
                self._unmapped.add(event.trunk_id)
                _log.warning("hosts has no entry for trunk %r, so no playbook can run for its events.", event.trunk_id)
        return message


def read_verdicts(report: TrunkReport) -> dict[str, Verdict]:
    """Return the result of each trunk of a report."""
    problems = report.problems
    return {
        trunk_id: Verdict(label(record or {}, ""), problems.get(trunk_id, ()), "not_found" if record is None else "")
        for trunk_id, record in report.records.items()
    }


class _PollWindow(Window):
    """A rate-limit window for all polls, which ends the requests of a poll when the source is cancelled."""

    # A request of a failed poll may still be under way, and its end wakes no request of the next poll.
    poll = 0.5

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._is_cancelled = False

    def cancel(self) -> None:
        self._is_cancelled = True

    @contextlib.contextmanager
    def locked(self) -> Iterator[WindowState]:
        # A request of an earlier poll may still be under way.
        with self._lock:
            if self._is_cancelled:
                raise Cancelled
            yield self.state


async def _run_in_daemon(call: Callable[[], Any]) -> Any:
    """Run a function in a daemon thread, and return its result.

    Unlike with C(asyncio.to_thread), neither a cancellation nor the end of the process waits for the function.
    """
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def set_result(result: Any, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)

    def work() -> None:
        result: Any = None
        error: BaseException | None = None
        try:
            result = call()
        except BaseException as raised:  # noqa: BLE001  # raised again where the result is awaited
            # A future does not accept StopIteration, and an error such as SystemExit would end ansible-rulebook.
            is_usual = isinstance(raised, Exception) and not isinstance(raised, StopIteration)
            error = raised if is_usual else RuntimeError(type(raised).__name__)
        # The loop is closed when nothing waits any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(set_result, result, error)

    threading.Thread(target=work, name="talkover-poll", daemon=True).start()
    return await future


def _log_wait(seconds: float) -> None:
    _log.warning("The rate limit of the service is used up. The poll goes on in %.0f s.", seconds)
