# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rate limit of the emulator."""

from __future__ import annotations

import threading
import time

import pytest

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.emulator.window import Window
from ansible_collections.talkover.voice.tests.unit.emulator.client import ask


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_window_begins_with_its_first_request() -> None:
    clock = Clock()
    window = Window(2, 60.0, clock)
    clock.now += 30
    assert window.take("a") == (True, 2, 1, 60.0)
    clock.now += 59
    assert window.take("a") == (True, 2, 0, 1.0)
    assert window.take("a") == (False, 2, 0, 1.0)
    clock.now += 1
    assert window.take("a") == (True, 2, 1, 60.0)


def test_tokens_are_counted_apart() -> None:
    window = Window(1, 60.0, Clock())
    assert [window.take(token).allowed for token in ("a", "b", None, "a", None)] == [True, True, True, False, False]


def test_a_window_is_never_longer_than_it_is() -> None:
    clock = Clock()
    for number in range(1000):
        clock.now = 1000 + number * 1.001
        assert Window(1, 60.0, clock).take("a").reset_in == 60.0


def test_the_tokens_that_are_counted_are_bounded() -> None:
    window = Window(1, 60.0, Clock())
    allowed = 0
    for number in range(3000):
        allowed += window.take("used").allowed
        window.take(f"{number} a")
        window.take(f"{number} b")
    assert len(window._windows) == 1000
    # Other tokens do not make the limit of a token in use start again.
    assert allowed == 1


@pytest.mark.parametrize(("left", "wait"), [(0.2, 1), (1.0, 1), (1.01, 2), (59.99, 60)])
def test_waiting_as_told_is_never_early(left: float, wait: int) -> None:
    clock = Clock()
    window = Window(1, 60.0, clock)
    window.take("a")
    clock.now += 60.0 - left
    grant = window.take("a")
    assert grant.retry_after == wait
    assert grant.headers("seconds")["X-RateLimit-Reset"] == str(wait)
    assert int(grant.headers("epoch")["X-RateLimit-Reset"]) >= time.time() + left - 1
    clock.now += wait
    assert window.take("a").allowed


def test_counting_is_safe_for_threads() -> None:
    window = Window(500, 3600.0)
    granted: list[bool] = []
    threads = [
        threading.Thread(target=lambda: granted.extend(window.take("a").allowed for _time in range(100)))
        for _thread in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(granted), sum(granted)) == (1000, 500)


def test_every_answer_carries_the_window() -> None:
    with Emulator(limit=2) as service:
        _status, headers, _body = ask(service, "/sip-trunks")
        assert headers["X-RateLimit-Limit"] == "2"
        assert headers["X-RateLimit-Remaining"] == "1"
        assert 1 <= int(headers["X-RateLimit-Reset"]) <= 60
        service.fail_next("", status=500)
        status, headers, _body = ask(service, "/sip-trunks")
        assert (status, headers["X-RateLimit-Remaining"]) == (500, "0")


@pytest.mark.parametrize("shape", [1, 2])
def test_too_many_requests(shape: int) -> None:
    with Emulator(limit=1, error_shape=shape) as service:
        ask(service, "/sip-trunks")
        answer = ask(service, "/sip-trunks")
        headers, error = answer.headers, answer.json["error"]
        assert answer.status == 429
        assert 1 <= int(headers["Retry-After"]) <= 60
        assert headers["X-RateLimit-Remaining"] == "0"
        assert error["code"] == "RATE_LIMIT_EXCEEDED"
        assert error["details"] == {"retry_after": int(headers["Retry-After"])}
        status, _headers, _body = ask(service, "/sip-trunks", token="another")
        assert status == 401


def test_reset_as_a_unix_time() -> None:
    before = time.time()
    with Emulator(reset="epoch") as service:
        _status, headers, _body = ask(service, "/sip-trunks")
    assert before + 60 <= int(headers["X-RateLimit-Reset"]) <= time.time() + 61


def test_the_next_window_opens() -> None:
    with Emulator(limit=1, window=0.5) as service:
        ask(service, "/sip-trunks")
        deadline = time.monotonic() + 30
        while ask(service, "/sip-trunks").status == 429:
            assert time.monotonic() < deadline
        # The emulator may have dropped the records of the first requests.
        assert service.requests[-1].status == 200
