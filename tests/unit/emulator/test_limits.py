# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients that send malformed, huge, slow or too many requests, over real sockets."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import time
import tracemalloc
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.emulator.emulator import TOKEN
from ansible_collections.talkover.voice.tests.unit.emulator.client import ask, connect

GET = b"GET /api/v1/sip-trunks HTTP/1.1\r\n"


@contextlib.contextmanager
def opened(service: Emulator) -> Iterator[socket.socket]:
    parts = urlsplit(service.url)
    with socket.create_connection((str(parts.hostname), parts.port or 0), timeout=10) as client:
        yield client


def received(client: socket.socket) -> bytes:
    """Read until the server closes the connection."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := client.recv(65536):
            data += chunk
    return data


def send(service: Emulator, raw: bytes, end: bool = False) -> bytes:
    with opened(service) as client:
        # The server may reject a request, and close the connection, before it has all of it.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            client.sendall(raw)
            if end:
                client.shutdown(socket.SHUT_WR)
        return received(client)


@contextlib.contextmanager
def no_thread_fails() -> Iterator[None]:
    """Fail when a thread ends with an exception, or when one is left."""
    failed: list[threading.ExceptHookArgs] = []
    before, hook = set(threading.enumerate()), threading.excepthook
    threading.excepthook = failed.append
    try:
        yield
    finally:
        threading.excepthook = hook
    assert not failed
    assert set(threading.enumerate()) == before


@pytest.mark.parametrize(
    ("raw", "status", "reason"),
    [
        (GET + "Content-Length: ²\r\n\r\n".encode("latin-1"), 400, "Content-Length"),
        (GET + "Content-Length: ٣\r\n\r\n".encode(), 400, "Content-Length"),
        (GET + b"Content-Length: -1\r\n\r\n", 400, "Content-Length"),
        (GET + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "Content-Length"),
        (GET + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "Transfer-Encoding"),
        (GET + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", 413, "too large"),
        (GET + b"Content-Length: 1048577\r\n\r\n", 413, "too large"),
        (GET + b"X: " + b"a" * 20_000 + b"\r\n\r\n", 431, "too large"),
        (GET + b"X: " + b"a" * 20_000, 431, "too large"),
        (GET + (b"X: " + b"a" * 1000 + b"\r\n") * 20 + b"\r\n", 431, "too large"),
        (GET + b"X: a\r\n" * 101 + b"\r\n", 431, "too many"),
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n", 431, "too large"),
        (GET + b" folded: a\r\n\r\n", 400, "header"),
        (GET + b": a\r\n\r\n", 400, "header"),
        (b"GET http://[/ HTTP/1.1\r\n\r\n", 400, "URL"),
        (b"GET /\x1b[31m HTTP/1.1\r\n\r\n", 400, "request line"),
        (b"GET  HTTP/1.1\r\n\r\n", 400, "request line"),
        (b"G\xb2T / HTTP/1.1\r\n\r\n", 400, "request line"),
        (b"GET / HTTP/2.0\r\n\r\n", 400, "request line"),
        # Nothing more follows until an answer comes.
        (b"\x16\x03\x01", 400, "TLS"),
        (b"\x00", 400, "not an HTTP request"),
    ],
)
def test_a_bad_request_gets_a_status_and_a_reason(raw: bytes, status: int, reason: str) -> None:
    with no_thread_fails(), Emulator() as service:
        answer = send(service, raw)
        assert answer.startswith(f"HTTP/1.1 {status} ".encode())
        assert reason in answer.partition(b"\r\n\r\n")[2].decode()
        assert not service.requests
        assert ask(service, "/sip-trunks").status == 200


@pytest.mark.parametrize("length", [b"0", b"3", b"0" * 5000 + b"3"])
def test_a_body_is_skipped(length: bytes) -> None:
    with Emulator() as service, opened(service) as client:
        body = b"" if length == b"0" else b"abc"
        client.sendall((GET + b"Content-Length: " + length + b"\r\n\r\n" + body) * 2)
        client.shutdown(socket.SHUT_WR)
        assert received(client).count(b"HTTP/1.1 401 ") == 2


random_bytes = st.binary(max_size=200)
near_requests = st.lists(
    st.sampled_from(
        [
            b"GET ", b"HEAD ", b"/api/v1/sip-trunks", b"?page=", b"http://", b"[", b"]", b"%", b"\xb2",
            b"\x00", b" HTTP/1.1", b"\r\n", b"\n", b"\r\n\r\n", b"Content-Length: ", b"Transfer-Encoding: chunked",
            b"Connection: close", b"Authorization: Bearer ", b"Host: ", b":", b" ", b"9" * 5000, b"a" * 17_000,
        ]
    )
    | st.binary(max_size=8),
    max_size=20,
).map(b"".join)  # fmt: skip


def test_random_bytes_leave_nothing_behind(capfd: pytest.CaptureFixture[str]) -> None:
    with no_thread_fails(), Emulator(page_size=2, limit=1_000_000) as service:
        others = threading.active_count()

        @settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
        @given(random_bytes | near_requests)
        def sends(raw: bytes) -> None:
            for answer in send(service, raw, end=True).split(b"HTTP/1.1 ")[1:]:
                assert not answer.startswith(b"5")

        sends()
        ends = time.monotonic() + 10
        while threading.active_count() > others and time.monotonic() < ends:
            time.sleep(0.01)
        assert threading.active_count() == others
        assert ask(service, "/sip-trunks").status == 200
    assert capfd.readouterr() == ("", "")


def test_memory_stays_bounded() -> None:
    def flood(service: Emulator, count: int) -> None:
        with connect(service) as connection:
            for number in range(count):
                # Each with a token of its own, as large as it may be.
                ask(service, "/sip-trunks", token=f"{number:0>15000}", connection=connection)

    with Emulator(keep_requests=10) as service:
        flood(service, 10)
        tracemalloc.start()
        try:
            flood(service, 1100)
            full, _peak = tracemalloc.get_traced_memory()
            flood(service, 500)
            growth = tracemalloc.get_traced_memory()[0] - full
        finally:
            tracemalloc.stop()
        assert len(service.requests) == 10
    # 500 requests of 15 kB are 7.5 MB. The rate limit counts 1000 tokens, as many as before the measurement.
    assert growth < 1_000_000


def test_the_last_requests_are_kept() -> None:
    with Emulator(keep_requests=3) as service:
        for number in range(5):
            ask(service, f"/{number}")
        assert [request.path for request in service.requests] == ["/api/v1/2", "/api/v1/3", "/api/v1/4"]
        service.requests.clear()
        ask(service, "/5")
        assert len(service.requests) == 1


@pytest.mark.parametrize("raw", [b"GET /", GET, GET + b"Host: a\r\n", GET + b"Content-Length: 10\r\n\r\nabc"])
def test_an_unfinished_request_times_out(raw: bytes) -> None:
    with no_thread_fails(), Emulator(timeout=0.2) as service:
        start = time.monotonic()
        assert send(service, raw).startswith(b"HTTP/1.1 408 ")
        assert 0.2 <= time.monotonic() - start < 5


def test_one_byte_at_a_time_does_not_extend_the_timeout() -> None:
    with no_thread_fails(), Emulator(timeout=0.5) as service, opened(service) as client:
        start = time.monotonic()
        client.sendall(GET + b"X: ")
        client.settimeout(0.05)
        answer = b""
        while not answer and time.monotonic() - start < 5:
            client.sendall(b"a")
            with contextlib.suppress(socket.timeout):
                answer = client.recv(65536)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - start < 3


def test_an_idle_connection_is_closed() -> None:
    with no_thread_fails(), Emulator(timeout=0.2) as service, opened(service) as client:
        client.sendall(GET + b"\r\n")
        # No 408 after the response: a client would take it for the response to its next request.
        assert received(client).count(b"HTTP/1.1 ") == 1


def test_a_client_that_does_not_read_is_dropped() -> None:
    with no_thread_fails(), Emulator(timeout=0.5) as service:
        service.fail_next("", status=200, body=b"a" * 50_000_000)
        others = threading.active_count()
        with opened(service) as client:
            client.sendall(GET + b"\r\n")
            ends = time.monotonic() + 10
            while not service.requests and time.monotonic() < ends:
                time.sleep(0.01)
            while threading.active_count() > others and time.monotonic() < ends:
                time.sleep(0.01)
            assert service.requests
            assert threading.active_count() == others


def test_further_clients_wait_for_a_connection() -> None:
    with no_thread_fails(), Emulator(max_connections=2) as service:
        with opened(service) as first, opened(service), opened(service) as third:
            third.sendall(GET + b"\r\n")
            third.settimeout(0.3)
            with pytest.raises(socket.timeout):
                third.recv(1)
            assert not service.requests
            first.close()
            third.settimeout(10)
            # Without a free place, it is closed after the response.
            assert b"Connection: close" in received(third)
        assert ask(service, "/sip-trunks").status == 200


def test_closing_does_not_wait_for_a_free_connection() -> None:
    with no_thread_fails(), Emulator(max_connections=1) as service, opened(service), opened(service):
        # Until the first connection is served, and the acceptor waits for its end.
        time.sleep(0.2)
        start = time.monotonic()
        service.close()
        assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    ("host", "warned"), [("127.0.0.1", False), ("localhost", False), ("0.0.0.0", True), ("", True)]
)
def test_an_address_that_is_not_loopback_causes_a_warning(
    host: str, warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    Emulator(host=host).close()
    assert ("not a loopback address" in capsys.readouterr().err) == warned


def test_verbose_logs_a_line_for_each_request(capsys: pytest.CaptureFixture[str]) -> None:
    with Emulator(token="a secret/", verbose=True) as service:
        ask(service, "/sip-trunks?a=a%20secret/&b=a%20secret%2F", token="a secret/")
        send(service, b"GET /\x9b31m HTTP/1.1\r\n\r\n", end=True)
        send(service, b"\x16\x03\x01")
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" ", 1)[1].rsplit(" ", 2)[0] for line in lines[:2]] == [
        "GET /api/v1/sip-trunks?a=***&b=*** 200",
        "GET /\\x9b31m 401",
    ]
    assert lines[2].endswith(" not an HTTP request (a TLS handshake on a plain HTTP port): 400")


def test_a_closed_stderr_does_not_end_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed:
        def write(self, _text: str) -> None:
            raise BrokenPipeError

    with Emulator(verbose=True) as service:
        monkeypatch.setattr(sys, "stderr", Closed())
        assert ask(service, "/sip-trunks", token=TOKEN).status == 200
