# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rate-limit window that the processes of one run share, with real processes and locks."""

from __future__ import annotations

import errno
import fcntl
import http.server
import json
import math
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.module_utils import _client
from ansible_collections.talkover.voice.plugins.module_utils._client import Client, Request
from ansible_collections.talkover.voice.plugins.module_utils._errors import TalkoverError
from ansible_collections.talkover.voice.plugins.module_utils._rate_limit import RateLimiter, WaitExceeded
from ansible_collections.talkover.voice.plugins.plugin_utils import _run_window
from ansible_collections.talkover.voice.plugins.plugin_utils._run_window import SharedWindow
from ansible_collections.talkover.voice.tests.unit.plugins.plugin_utils.run_cache.service import connection

FORK = multiprocessing.get_context("fork")


def headers(left: int, reset: float) -> dict[str, str]:
    return {"X-RateLimit-Remaining": str(left), "X-RateLimit-Reset": str(reset)}


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "rate")


def limiter(path: str, **options: Any) -> RateLimiter:
    """Give what another process of the run has: its locks are of files that it opens itself."""
    return RateLimiter(window=SharedWindow(path), **options)


def in_another_process(work: Callable[[], None]) -> Any:
    process = FORK.Process(target=work, daemon=True)
    process.start()
    return process


def test_the_room_of_a_window_is_shared(path: str) -> None:
    first, second = limiter(path), limiter(path, max_wait=0.0)
    number = first.acquire()
    first.release(number, headers(3, 60))
    assert [second.acquire(), first.acquire(), second.acquire()] == [number] * 3
    with pytest.raises(WaitExceeded):
        second.acquire()


def test_a_429_makes_all_processes_wait(path: str) -> None:
    first, second = limiter(path), limiter(path)
    first.release(first.acquire(), headers(9, 60))
    first.release(first.acquire(), None, pause=0.3)
    started = time.monotonic()
    second.acquire()
    assert 0.2 < time.monotonic() - started < 10


def test_the_first_request_of_a_window_goes_alone_in_all_processes(path: str, tmp_path: Path) -> None:
    first = limiter(path)
    number = first.acquire()

    def enter() -> None:
        limiter(path).acquire()
        (tmp_path / "entered").touch()

    process = in_another_process(enter)
    time.sleep(0.5)
    assert not (tmp_path / "entered").exists()
    first.release(number, headers(5, 60))
    process.join(20)
    assert (tmp_path / "entered").exists()


def test_a_dead_process_holds_nobody_up(path: str, tmp_path: Path) -> None:
    def probe() -> None:
        limiter(path).acquire()
        (tmp_path / "entered").touch()
        time.sleep(60)

    process = in_another_process(probe)
    while not (tmp_path / "entered").exists():
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    started = time.monotonic()
    limiter(path).acquire()
    assert time.monotonic() - started < 5


def test_a_stopped_fetch_holds_nobody_up(path: str) -> None:
    first, second = limiter(path), limiter(path)
    late = first.acquire()
    first.stop()
    number = second.acquire()
    second.release(number, headers(1, 60))
    # Its thread hears from the service after all.
    first.release(late, headers(0, 60))
    assert second.acquire() == number


def test_a_stopped_process_with_the_lock_costs_one_second(path: str) -> None:
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(file, fcntl.LOCK_EX)
    started = time.monotonic()
    second = limiter(path)
    for _time in range(3):
        second.release(second.acquire(), headers(9, 60))
    assert time.monotonic() - started < 5
    os.close(file)


def written(**changes: Any) -> bytes:
    """Return the content of a file whose state has some other values."""
    state = {"number": 1, "opens_at": 0.0, "resets_at": 0.0, "known": True, "left": 1, "told": 0.0, "refused": 0}
    return json.dumps({**state, **changes}).encode()


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"x" * 1000, b"[]", b"{}", b'{"number": null}'),
        written(number=None, left=0),
        written(known="no", left=None),
        written(opens_at=1e18, left=0),
        written(resets_at=1e18, left=0),
        written(told=1e18),
        written(opens_at=math.nan),
        written(opens_at=10**400),
        written(opens_at=-1e308, resets_at=-1e308, told=-1e308, refused=-9),
        written(left=-5),
        written(left=0.5),
        written(opens_at=""),
        written(refused="many"),
        written(another=1),
    ],
)
def test_damaged_state_holds_nobody_up(path: str, content: bytes) -> None:
    Path(path).write_bytes(content)
    first = limiter(path, max_wait=0.0)
    first.release(first.acquire(), headers(1, 60))
    first.acquire()


def no_locks(monkeypatch: pytest.MonkeyPatch, _path: str) -> None:
    def fail(*_arguments: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", fail)


def full_disk(monkeypatch: pytest.MonkeyPatch, _path: str) -> None:
    def fail(*_arguments: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", fail)


def folder_in_its_place(_monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    Path(path).mkdir()


def folder_in_the_place_of_the_probe(_monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    Path(f"{path}.probe").mkdir()


@pytest.mark.parametrize("spoil", [no_locks, full_disk, folder_in_its_place, folder_in_the_place_of_the_probe])
def test_files_that_cannot_be_used_leave_each_process_its_own_window(
    monkeypatch: pytest.MonkeyPatch, path: str, spoil: Callable[[pytest.MonkeyPatch, str], None]
) -> None:
    spoil(monkeypatch, path)
    first = limiter(path, max_wait=0.0)
    first.release(first.acquire(), headers(2, 60))
    first.acquire()
    first.acquire()
    with pytest.raises(WaitExceeded):
        first.acquire()


class Refusal(http.server.BaseHTTPRequestHandler):
    """Answers each request with a 429 that names no time."""

    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_response(429)
        self.end_headers()

    def log_message(self, *_words: Any) -> None:
        """Print nothing."""


def test_requests_of_a_run_use_up_their_retries_together(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_client, "_BACKOFF", 0.02)
    monkeypatch.setattr(Refusal, "asked", 0)
    kinds: list[str] = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusal) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        options = connection(api_url=f"http://127.0.0.1:{server.server_port}", retries=3)

        def send() -> None:
            with Client(options, None, SharedWindow(path)) as client, pytest.raises(TalkoverError) as failed:
                client.get(Request("/sip-trunks/a", "trunk a"))
            kinds.append(failed.value.kind)

        threads = [threading.Thread(target=send, daemon=True) for _number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        server.shutdown()
    assert kinds == 12 * ["rate_limited"]
    # One after the other, each would send four.
    assert Refusal.asked <= 24


def test_a_wait_is_reported_once_a_run(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible_collections.talkover.voice.plugins.module_utils._rate_limit.LONG_WAIT", 0.1)
    told: list[float] = []
    limiters = [limiter(path, on_wait=told.append) for _number in range(4)]
    limiters[0].release(limiters[0].acquire(), None, pause=0.5)

    def send(mine: RateLimiter) -> None:
        mine.release(mine.acquire(), headers(9, 60))

    threads = [threading.Thread(target=send, args=(mine,), daemon=True) for mine in limiters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(told) == 1


def test_a_window_leaves_no_open_file(path: str) -> None:
    files = Path("/proc/self/fd")
    if not files.exists():
        pytest.skip("this system does not list open files")
    before = len(list(files.iterdir()))
    first = limiter(path)
    first.acquire()
    first.stop()
    assert len(list(files.iterdir())) == before


def test_windows_are_kept_apart_by_token_and_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible import constants

    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    for options in ({}, {"api_token": "talq_b"}, {"api_url": "https://voice.acme.com/api/v1"}):
        window = _run_window.open_window(connection(**options))
        with window.locked() as state:
            assert state.number == 0
            state.begin_next(0.0)
        window.close()
