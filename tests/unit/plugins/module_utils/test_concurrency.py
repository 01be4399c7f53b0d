# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test jobs that run concurrently."""

from __future__ import annotations

import functools
import itertools
import threading

import pytest

from ansible_collections.talkover.voice.plugins.module_utils import _concurrency


def test_results_come_in_order_whichever_job_ends_first() -> None:
    second_is_done = threading.Event()

    def first() -> str:
        assert second_is_done.wait(10)
        return "first"

    def second() -> str:
        second_is_done.set()
        return "second"

    assert _concurrency.run_jobs([first, second], 2) == ["first", "second"]


def test_no_more_threads_than_allowed_are_at_work() -> None:
    lock, busy, peak = threading.Lock(), [0], [0]

    def job() -> None:
        with lock:
            busy[0] += 1
            peak[0] = max(peak[0], busy[0])
        with lock:
            busy[0] -= 1

    _concurrency.run_jobs([job] * 50, 3)
    assert 1 <= peak[0] <= 3


@pytest.mark.parametrize(("jobs", "threads"), [(1, 8), (5, 1)])
def test_what_needs_no_thread_starts_none(jobs: int, threads: int) -> None:
    assert _concurrency.run_jobs([threading.current_thread] * jobs, threads) == [threading.current_thread()] * jobs


def test_the_first_error_does_not_wait_for_the_slow() -> None:
    release = threading.Event()

    def fail() -> None:
        raise ValueError("first")

    try:
        with pytest.raises(ValueError, match="first"):
            _concurrency.run_jobs([functools.partial(release.wait, 30), fail], 2)
        assert not release.is_set()
    finally:
        release.set()


@pytest.mark.parametrize("allowed", [0, 1])
def test_jobs_are_done_when_the_system_allows_no_further_thread(monkeypatch: pytest.MonkeyPatch, allowed: int) -> None:
    start, started = threading.Thread.start, itertools.count()

    def limited(thread: threading.Thread) -> None:
        if next(started) >= allowed:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    assert _concurrency.run_jobs([functools.partial(int, number) for number in range(9)], 4) == list(range(9))
