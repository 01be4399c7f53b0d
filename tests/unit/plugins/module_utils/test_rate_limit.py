# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the rate limiter that all requests of a fetch share."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from email.utils import formatdate

import pytest

from ansible_collections.talkover.voice.plugins.module_utils import _rate_limit
from ansible_collections.talkover.voice.plugins.module_utils._rate_limit import (
    Cancelled,
    RateLimiter,
    WaitExceeded,
    reset_wait,
    retry_after,
)


def headers(left: int, reset: float) -> dict[str, str]:
    return {"X-RateLimit-Remaining": str(left), "X-RateLimit-Reset": str(reset)}


def entered_by_another_thread(turn: RateLimiter) -> tuple[threading.Thread, threading.Event]:
    inside = threading.Event()

    def enter() -> None:
        with contextlib.suppress(Cancelled):
            turn.acquire()
            inside.set()

    thread = threading.Thread(target=enter, daemon=True)
    thread.start()
    return thread, inside


def test_the_first_request_of_a_window_goes_alone() -> None:
    turn = RateLimiter()
    number = turn.acquire()
    thread, inside = entered_by_another_thread(turn)
    assert not inside.wait(0.1)
    turn.release(number, headers(5, 60))
    thread.join(10)
    assert inside.is_set()


@pytest.mark.parametrize(
    "said", [None, {}, {"X-RateLimit-Remaining": "0"}, {"X-RateLimit-Reset": "60"}, headers(-1, 60)]
)
def test_nobody_waits_for_a_service_that_names_no_limit(said: dict[str, str] | None) -> None:
    turn = RateLimiter()
    turn.release(turn.acquire(), said)
    for _request in range(100):
        turn.acquire()


def test_no_more_go_than_the_window_has_room_for() -> None:
    turn = RateLimiter()
    number = turn.acquire()
    turn.release(number, headers(2, 60))
    assert turn.acquire() == turn.acquire() == number
    _thread, inside = entered_by_another_thread(turn)
    assert not inside.wait(0.1)
    turn.stop()


def test_the_next_window_begins_with_one_request_again() -> None:
    turn = RateLimiter()
    number = turn.acquire()
    turn.release(number, headers(0, 0.05))
    started = time.monotonic()
    assert turn.acquire() == number + 1
    assert time.monotonic() - started >= 0.04


def test_an_answer_of_an_earlier_window_says_nothing_about_this_one() -> None:
    turn = RateLimiter()
    late = turn.acquire()
    turn.release(late, headers(1, 0))
    assert turn.acquire() == late
    number = turn.acquire()
    turn.release(number, headers(3, 60))
    turn.release(late, headers(0, 60))
    assert [turn.acquire() for _request in range(3)] == [number] * 3


def test_a_429_closes_the_window_for_all() -> None:
    turn = RateLimiter()
    number = turn.acquire()
    turn.release(number, {}, pause=0.05)
    started = time.monotonic()
    assert turn.acquire() == number + 1
    assert time.monotonic() - started >= 0.04


def test_stop_sends_everyone_home() -> None:
    turn = RateLimiter()
    turn.release(turn.acquire(), headers(0, 60))
    caught: list[type[BaseException]] = []

    def wait() -> None:
        try:
            turn.acquire()
        except Cancelled as stopped:
            caught.append(type(stopped))

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    turn.stop()
    thread.join(10)
    assert caught == [Cancelled]
    with pytest.raises(Cancelled):
        turn.sleep(60)


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        (lambda: 30, 30, 30),
        (lambda: 0, 0, 0),
        (lambda: 3600, 60, 60),
        (lambda: int(time.time()) + 30, 20, 31),
        (lambda: int(time.time()) - 30, 0, 0),
        (lambda: int(time.time()) + 86400 * 365, 60, 60),
    ],
)
def test_the_reset_is_read_as_seconds_and_as_unix_time_and_never_believed_beyond_a_minute(
    value: Callable[[], int], least: float, most: float
) -> None:
    wait = reset_wait({"X-RateLimit-Reset": str(value())})
    assert wait is not None
    assert least <= wait <= most


@pytest.mark.parametrize("value", ["", "-1", "soon", "nan", "inf", "1e9", "٣"])
def test_what_is_no_number_is_no_reset(value: str) -> None:
    assert reset_wait({"X-RateLimit-Reset": value}) is None


def test_a_unix_time_is_compared_with_the_clock_of_the_service() -> None:
    there = 1_500_000_000
    said = {"X-RateLimit-Reset": str(there + 20), "Date": formatdate(there, usegmt=True)}
    assert reset_wait(said) == 20


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("7", 7),
        ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
        ("Sunday, 06-Nov-94 08:50:37 GMT", 60),
        ("Sun Nov  6 08:50:37 1994", 60),
        ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
        ("-5", None),
        ("soon", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_in_its_three_forms(value: str | None, wait: float | None) -> None:
    said = {"Date": "Sun, 06 Nov 1994 08:49:37 GMT"}
    if value is not None:
        said["Retry-After"] = value
    assert retry_after(said) == wait


def test_a_wait_is_a_minute_at_most() -> None:
    assert _rate_limit.MAX_SINGLE_WAIT == 60


def test_a_wait_of_many_threads_counts_once() -> None:
    turn = RateLimiter(max_wait=0.5)
    turn.release(turn.acquire(), {}, pause=0.3)
    refused: list[WaitExceeded] = []

    def pass_through() -> None:
        try:
            turn.release(turn.acquire(), headers(9, 60))
        except WaitExceeded as exceeded:
            refused.append(exceeded)

    threads = [threading.Thread(target=pass_through, daemon=True) for _thread in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert refused == []


def test_a_wait_beyond_what_is_left_is_refused_at_once() -> None:
    turn = RateLimiter(max_wait=0.5)
    turn.release(turn.acquire(), {}, pause=0.3)
    turn.release(turn.acquire(), {}, pause=0.3)
    started = time.monotonic()
    with pytest.raises(WaitExceeded) as caught:
        turn.acquire()
    assert time.monotonic() - started < 0.2
    assert [caught.value.pause, caught.value.waited] == pytest.approx([0.3, 0.3], abs=0.1)


def test_a_pause_that_grows_counts_by_what_it_grew() -> None:
    turn = RateLimiter(max_wait=0.5)
    first = turn.acquire()
    turn.release(first, headers(9, 60))
    turn.release(turn.acquire(), {}, pause=0.2)
    thread, inside = entered_by_another_thread(turn)
    time.sleep(0.05)
    turn.release(first, {}, pause=0.3)
    thread.join(10)
    assert inside.is_set()
