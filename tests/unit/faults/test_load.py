# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test many trunks over many connections, interrupts, and a module without the requests library."""

from __future__ import annotations

import itertools
import signal
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.module_utils import _client
from ansible_collections.talkover.voice.tests.faults import module, runner
from ansible_collections.talkover.voice.tests.faults.fault import RECORD, TOKEN, Peer, encoded, http, responds
from ansible_collections.talkover.voice.tests.faults.server import Server
from ansible_collections.talkover.voice.tests.faults.table import FAULTS

CONNECTIONS = 64
IDS = [f"trunk-{number}" for number in range(1000)]


def test_a_thousand_trunks_of_a_server_that_fails_one_in_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    # How long it waits between attempts is not what this shows.
    monkeypatch.setattr(_client, "_BACKOFF", 0.01)
    count = itertools.count(1)
    threads_before = set(threading.enumerate())
    files, threads = [], []

    def play(peer: Peer) -> None:
        while True:
            trunk_id = peer.request().split()[1].rsplit("/", 1)[1]
            number = next(count)
            files.append(len(list(Path("/dev/fd").iterdir())))
            threads.append(sum(thread.name == "talkover-request" for thread in threading.enumerate()))
            peer.send(http(500) if number % 10 == 0 else http(200, encoded({**RECORD, "id": trunk_id})))

    before = len(list(Path("/dev/fd").iterdir()))
    with Server(play) as server:
        url = f"http://127.0.0.1:{server.port}/api/v1"
        outcome = runner.fetch_outcome(runner.options(url, trunk_ids=IDS, max_connections=CONNECTIONS, retries=20))
        assert outcome.kind == "healthy", outcome.text[:1000]
        # Each is kept for the next question, so there are hardly more connections than are allowed at once.
        assert server.accepted <= CONNECTIONS * 2
    assert max(threads) <= CONNECTIONS
    # Both ends of a connection are in this process, and the server has two descriptors for its own.
    assert max(files) <= before + 4 * CONNECTIONS + 40
    for thread in set(threading.enumerate()) - threads_before:
        thread.join(10)
        assert not thread.is_alive(), thread


def test_the_memory_of_a_thousand_trunks_is_bounded(tree: Path) -> None:
    count = itertools.count(1)

    def play(peer: Peer) -> None:
        while True:
            trunk_id = peer.request().split()[1].rsplit("/", 1)[1]
            if next(count) % 10 == 0:
                # Nothing says how long it is, so it has to be read to be refused.
                peer.send(http(500, b"x" * 10_000_000, length=False))
                return
            peer.send(http(200, encoded({**RECORD, "id": trunk_id})))

    with Server(play) as server:
        url = f"http://127.0.0.1:{server.port}/api/v1"
        given = {"api_url": url, "api_token": TOKEN, "trunk_ids": IDS, "max_connections": CONNECTIONS, "retries": 20}
        (result,), errors = module.results(module.start(tree, given, traced=True))
    assert result["healthy"] is True
    # Each connection may hold the largest answer that is allowed, for a moment twice; the records and Python's own
    # modules are the rest. All the failures together would be a gigabyte.
    assert int(errors) < 2 * CONNECTIONS * _client.RECORD_LIMIT + (32 << 20)


def test_a_bomb_of_gzip_is_inflated_no_further_than_its_limit(tree: Path) -> None:
    with Server(FAULTS["Wire: a gzip bomb: 1 GB from 1 MB"].play) as server:
        given = {"api_url": f"http://127.0.0.1:{server.port}/api/v1", "api_token": TOKEN, "trunk_ids": ["a"]}
        (result,), errors = module.results(module.start(tree, given, traced=True))
    assert result["error"]["kind"] == "bad_response"
    assert int(errors) < 64 << 20


def test_a_name_that_resolves_slowly_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    # There is no slow name server on the loopback, so the resolver is replaced: what is below it cannot be had.
    answer = threading.Event()

    def resolve(*_args: Any, **_kwargs: Any) -> list[Any]:
        answer.wait(300)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    outcome = runner.fetch_outcome(runner.options("https://talkover.invalid/api/v1", timeout=0.5))
    answer.set()
    assert outcome.kind == "timeout"
    assert outcome.attempts == 2
    assert outcome.seconds < 2 * 0.5 + runner.LONGEST_BACKOFF + runner.SLACK


def test_a_name_that_resolves_to_an_address_first_where_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    # What a name resolves to is up to the machine, hence the second injection.
    true = socket.getaddrinfo

    def resolve(host: str, port: int, *arguments: Any, **keywords: Any) -> list[Any]:
        if host != "localhost":
            return true(host, port, *arguments, **keywords)
        return [*true("::1", port, *arguments, **keywords), *true("127.0.0.1", port, *arguments, **keywords)]

    with Server(responds(encoded(RECORD))) as server:
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        outcome = runner.fetch_outcome(runner.options(f"http://localhost:{server.port}/api/v1", retries=0))
    assert outcome.kind == "healthy", outcome.text


def test_an_interrupt_ends_it_at_once(tree: Path) -> None:
    asked = threading.Event()

    def play(peer: Peer) -> None:
        peer.request()
        asked.set()
        peer.silence()

    with Server(play) as server:
        url = f"http://127.0.0.1:{server.port}/api/v1"
        given = {"api_url": url, "api_token": TOKEN, "trunk_ids": IDS, "timeout": 300, "max_connections": CONNECTIONS}
        process = module.start(tree, given)
        assert asked.wait(60)
        process.send_signal(signal.SIGINT)
        # It would take minutes if it waited for an answer.
        output, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert not runner.leaks((output + errors).decode())


def test_without_requests_the_message_says_so(tree: Path) -> None:
    process = module.start(tree, {"api_token": TOKEN, "trunk_ids": ["a"]}, missing=["requests", "requests.utils"])
    (result,), errors = module.results(process)
    assert result["error"] == {"kind": "config"}
    assert "requests" in result["msg"]
    assert errors == ""
