# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP client: one request over a real socket, and the kind of error for each failure."""

from __future__ import annotations

import socket
import urllib.request
from typing import Any

import pytest
import requests.utils

from ansible_collections.talkover.voice.plugins.module_utils._errors import AttemptFailed, TalkoverError
from ansible_collections.talkover.voice.plugins.module_utils._http import HTTPClient, Response
from ansible_collections.talkover.voice.plugins.module_utils._options import ConnectionOptions
from ansible_collections.talkover.voice.tests.defaults import defaults
from ansible_collections.talkover.voice.tests.faults.fault import TOKEN, Peer, Play, http, sends, sends_then
from ansible_collections.talkover.voice.tests.faults.server import Server

LIMIT = 1000


def get(url: str, **options: Any) -> Response:
    given = {**defaults(), "api_url": url, "api_token": TOKEN, "timeout": 5.0, **options}
    client = HTTPClient(ConnectionOptions.from_options(given))
    try:
        return client.get(f"{url}/sip-trunks", LIMIT)
    finally:
        client.close()


def failure(url: str, **options: Any) -> str:
    """Return the kind of error. Nothing keeps the traceback, and the socket in it, alive."""
    with pytest.raises(AttemptFailed) as caught:
        get(url, **options)
    kind, text = caught.value.kind, str(caught.value)
    del caught
    assert TOKEN not in text
    return kind


def test_the_request_has_the_token_and_asks_for_json() -> None:
    heads: list[str] = []

    def play(peer: Peer) -> None:
        heads.append(peer.request())
        peer.send(http(200, b"{}", "X-Test: 1"))

    with Server(play) as server:
        response = get(f"http://127.0.0.1:{server.port}/api/v1")
    assert (response.status, response.body, response.headers["x-test"]) == (200, b"{}", "1")
    lines = heads[0].splitlines()
    assert lines[0] == "GET /api/v1/sip-trunks HTTP/1.1"
    assert {f"Authorization: Bearer {TOKEN}", "Accept: application/json", "Cache-Control: no-cache"} <= set(lines)


def test_the_client_reuses_a_connection() -> None:
    def play(peer: Peer) -> None:
        for _number in range(2):
            peer.request()
            peer.send(http(200, b"{}"))

    with Server(play) as server:
        url = f"http://127.0.0.1:{server.port}"
        client = HTTPClient(ConnectionOptions.from_options({**defaults(), "api_url": url, "api_token": TOKEN}))
        assert [client.get(url, LIMIT).status for _number in range(2)] == [200, 200]
        client.close()
    assert server.accepted == 1


@pytest.mark.parametrize(("status", "body"), [(404, b"{}"), (503, b"{}"), (302, b"")])
def test_any_status_is_a_response(status: int, body: bytes) -> None:
    with Server(sends(http(status, b"{}", "Location: http://127.0.0.1:1/"))) as server:
        response = get(f"http://127.0.0.1:{server.port}")
    assert (response.status, response.body) == (status, body)


def test_an_echoed_token_is_removed_from_the_headers() -> None:
    with Server(sends(http(200, b"{}", f"X-Echo: {TOKEN}"))) as server:
        response = get(f"http://127.0.0.1:{server.port}")
    assert TOKEN not in response.headers["X-Echo"]


@pytest.mark.parametrize(
    ("play", "kind"),
    [
        (sends(http(200, b"0" * (LIMIT + 1))), "bad_response"),
        (sends(http(200, b"{}", "Content-Length: 1, 2", length=False)), "bad_response"),
        (sends(b"SSH-2.0-OpenSSH_9.6\r\n"), "bad_response"),
        (sends(http(200, b"{}", "Content-Length: 9", length=False)), "network"),
        (sends(b""), "network"),
        (sends_then(b"", "reset"), "network"),
    ],
)
def test_a_broken_response_has_its_kind(play: Play, kind: str) -> None:
    with Server(play) as server:
        assert failure(f"http://127.0.0.1:{server.port}") == kind


def test_silence_is_a_timeout() -> None:
    with Server(sends_then(http(200, b"", "Content-Length: 9", length=False), "silence")) as server:
        assert failure(f"http://127.0.0.1:{server.port}", timeout=0.2) == "timeout"


def test_a_refused_connection_is_a_network_error() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert failure(f"http://127.0.0.1:{unused.getsockname()[1]}") == "network"


def test_a_server_without_tls_is_a_tls_error() -> None:
    def play(peer: Peer) -> None:
        peer.send(http(400))
        peer.silence()

    with Server(play) as server:
        assert failure(f"https://127.0.0.1:{server.port}") == "tls"


@pytest.mark.parametrize("proxy", ["socks5://user:hunter2@127.0.0.1", "http://[", "http://:80"])
def test_an_invalid_proxy_is_a_configuration_error(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(TalkoverError) as caught:
        get("https://api.example.com")
    assert caught.value.kind == "config"
    assert "hunter2" not in str(caught.value)


def test_the_system_is_not_asked_for_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*_arguments: str) -> None:
        raise AssertionError("On macOS, this can crash a forked process.")

    for module in (requests.utils, urllib.request):
        monkeypatch.setattr(module, "proxy_bypass", ask)
        monkeypatch.setattr(module, "getproxies", ask)
    with Server(sends(http(200, b"x"))) as server:
        assert get(f"http://127.0.0.1:{server.port}").status == 200
