# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Run jobs concurrently, in daemon threads that do not block the end of a play."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any


def run_jobs(jobs: Sequence[Callable[[], Any]], threads: int) -> list[Any]:
    """Run all jobs, and return their results in order.

    A single job runs in the current thread. The threads are daemons, so that neither Ctrl-C nor the first error waits
    for a slow server. The caller must stop the remaining jobs.

    :param threads: the maximum number of jobs that run concurrently.
    :raises BaseException: the first exception that a job raised.
    """
    if len(jobs) < 2 or threads < 2:
        return [job() for job in jobs]
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(len(jobs)):
        waiting.put(number)
    done: queue.SimpleQueue[tuple[int, Any, BaseException | None]] = queue.SimpleQueue()

    def work() -> None:
        while True:
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((number, jobs[number](), None))
            except BaseException as error:  # noqa: BLE001  # raised again in the calling thread
                done.put((number, None, error))
                return

    started = 0
    while started < min(threads, len(jobs)) and _start(work):
        started += 1
    if not started:
        work()
    results: list[Any] = [None] * len(jobs)
    for _job in jobs:
        number, result, error = done.get()
        if error is not None:
            raise error
        results[number] = result
    return results


def _start(work: Callable[[], None]) -> bool:
    """Start a thread, and return whether the system allowed it."""
    try:
        threading.Thread(target=work, name="talkover-request", daemon=True).start()
    except RuntimeError:
        return False
    return True
