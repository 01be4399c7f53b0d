# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test how the emulator serves, records requests and stops, over real sockets."""

from __future__ import annotations

import http.client
import socket
import threading
from typing import Any
from urllib.parse import urlsplit

import pytest

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.emulator.emulator import TOKEN
from ansible_collections.talkover.voice.tests.unit.emulator.client import ask, connect


def test_fail_next_answers_once_each_in_order() -> None:
    with Emulator() as service:
        service.fail_next("/trunk-healthy", status=503, times=2)
        service.fail_next("/trunk-healthy", status=302, headers={"Location": "https://evil.example/"})
        service.fail_next("", body={"success": False, "message": "No."}, status=200, headers={"x-ratelimit-limit": "7"})
        answers = [ask(service, "/sip-trunks/trunk-healthy") for _time in range(5)]
        assert [request.status for request in service.requests] == [503, 503, 302, 200, 200]
    assert answers[0].json["success"] is False
    assert answers[2].headers["Location"] == "https://evil.example/"
    assert answers[3].json == {"success": False, "message": "No."}
    assert answers[3].headers["x-ratelimit-limit"] == "7"
    assert answers[4].data["id"] == "trunk-healthy"


def test_fail_next_touches_no_other_path() -> None:
    with Emulator() as service:
        service.fail_next("/trunk-sick", status=500)
        assert ask(service, "/sip-trunks/trunk-healthy").status == 200
        assert ask(service, "/sip-trunks/trunk-sick").status == 500


def test_a_body_can_be_cut_short() -> None:
    with Emulator() as service:
        service.fail_next("", status=200, body=b"{", headers={"Content-Length": "100"})
        with pytest.raises(http.client.IncompleteRead):
            ask(service, "/sip-trunks")


def test_requests_are_remembered() -> None:
    with Emulator() as service:
        ask(service, "/sip-trunks?page=1&per_page=2")
        ask(service, "/sip-trunks/none")
        first, second = service.requests
    assert (first.method, first.path, first.query, first.status) == (
        "GET",
        "/api/v1/sip-trunks",
        "page=1&per_page=2",
        200,
    )
    assert first.headers["authorization"] == f"Bearer {TOKEN}"
    assert second.status == 404
    assert first.time <= second.time


def test_peak_counts_what_is_in_flight() -> None:
    with Emulator() as service:
        for _time in range(20):
            ask(service, "/sip-trunks")
        assert service.peak == 1


def test_closing_does_not_wait_for_latency() -> None:
    service = Emulator(latency=3600)
    ended: list[Exception] = []

    def client() -> None:
        try:
            ask(service, "/sip-trunks")
        except (OSError, http.client.HTTPException) as error:
            ended.append(error)

    threads = [threading.Thread(target=client) for _time in range(5)]
    for thread in threads:
        thread.start()
    while service.peak < 5 and not ended:
        threads[0].join(0.01)
    service.close()
    service.close()
    for thread in threads:
        thread.join()
    assert (service.peak, len(ended)) == (5, 5)


def test_closing_leaves_nothing() -> None:
    before = set(threading.enumerate())
    with Emulator() as service, connect(service) as idle:
        ask(service, "/sip-trunks", connection=idle)
        service.close()
        assert set(threading.enumerate()) == before
        # Not by a question: the port may be somebody else's by now.
        assert service._server._listener.fileno() == -1


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")
def test_ipv6() -> None:
    try:
        service = Emulator(host="::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with service:
        assert service.url.startswith("http://[::1]:")
        assert ask(service, "/sip-trunks").status == 200


def test_connections_are_kept() -> None:
    with Emulator() as service, connect(service) as connection:
        ask(service, "/sip-trunks", connection=connection)
        kept = connection.sock
        assert ask(service, "/sip-trunks/none", connection=connection).status == 404
        assert connection.sock is kept


@pytest.mark.parametrize("raw", [b"\r\n", b"GET /\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"\x16\x03\x01\r\n"])
def test_what_is_not_http_is_refused(raw: bytes) -> None:
    with Emulator() as service:
        parts = urlsplit(service.url)
        with socket.create_connection((str(parts.hostname), parts.port or 0), timeout=10) as client:
            client.sendall(raw)
            client.shutdown(socket.SHUT_WR)
            answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert not service.requests


def test_a_client_may_take_it_for_a_proxy() -> None:
    with Emulator() as service, connect(service) as connection:
        connection.request(
            "GET",
            "http://app.talkover.example/api/v1/sip-trunks/trunk-sick?a=b",
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        assert connection.getresponse().status == 200
        assert service.requests[0].path == "/api/v1/sip-trunks/trunk-sick"
        assert service.requests[0].query == "a=b"


@pytest.mark.parametrize(
    "trunks",
    [
        [{}],
        [{"id": ""}],
        [{"id": 1}],
        [{"id": "a"}, {"id": "a"}],
        [{"id": "a", "changes": {}}],
        [{"id": "a", "dids": ["1"]}],
    ],
)
def test_impossible_trunks_are_refused(trunks: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match=r"[Tt]runk"):
        Emulator(trunks=trunks)


@pytest.mark.parametrize(
    "options",
    [
        {"limit": 0},
        {"window": 0},
        {"error_shape": 5},
        {"page_size": 0},
        {"reset": "minutes"},
        {"port": 65536},
        {"keep_requests": 0},
        {"timeout": 0},
        {"max_connections": 0},
    ],
)
def test_impossible_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\."):
        Emulator(**options)
