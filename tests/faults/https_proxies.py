# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of https proxies: TLS to the proxy, with TLS to the service inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .fault import (
    HEALTHY,
    RECORD,
    TOKEN,
    Fault,
    Peer,
    Play,
    dripped,
    encoded,
    flooded,
    http,
    responds,
    sends,
    sends_then,
)
from .framing import glued
from .tls import dripping_handshake

_PROXY = "https://127.0.0.1:{port}"
_SECRET = "https://user:hunter2@127.0.0.1:{port}"
_OK = b"HTTP/1.1 200 Connection established\r\n\r\n"
_PAGE = b"<html><body>Sign in</body></html>"
_BODY = encoded(RECORD)
_HEAD = b"HTTP/1.1 200 OK\r\n"
_LIVE = {"include": ["live_health"], "max_connections": 1}
_TRUE = encoded({"is_healthy": True})


def _row(
    name: str,
    play: Play,
    kinds: str,
    *,
    retried: bool = False,
    waits: bool = False,
    tls: str = "good",
    host: str = "127.0.0.1",
    proxy: str = _PROXY,
    url: str = "https://localhost:1/api/v1",
    options: Mapping[str, Any] | None = None,
    message: str = "",
) -> Fault:
    """Return a row that requests through an https proxy. The server of the row is both the proxy and the service."""
    given = {"api_url": url, "ca_path": "{folder}/ca.pem", **(options or {})}
    # Rows that wait run one at a time, so they make only one attempt.
    given |= {"retries": 0} if waits else {}
    environ = {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy}
    return Fault(name, play, kinds, retried, waits, tls, host, given, environ, message)


def _connect(answer: bytes, end: str = "half_close") -> Play:
    """Return a play that responds to a CONNECT without the token."""

    def play(peer: Peer) -> None:
        head = peer.request()
        if head.startswith("CONNECT ") and TOKEN not in head:
            peer.send(answer)
            getattr(peer, end)()

    return play


def _inside(play: Play, answer: bytes = _OK) -> Play:
    """Return a play that opens the tunnel, and runs another play inside."""

    def played(peer: Peer) -> None:
        _connect(answer, "start_inner_tls")(peer)
        play(peer)

    return played


def _dripping_handshake(peer: Peer) -> None:
    peer.request()
    peer.send(_OK)
    dripping_handshake(peer)


def _forwarding(peer: Peer) -> None:
    """Respond like a proxy that forwards a request in clear text."""
    head = peer.request()
    peer.send(HEALTHY if head.startswith("GET http://127.0.0.1:1/api/v1/sip-trunks/trunk-1 ") else http(400))


_WELL = _inside(responds(_BODY))

ROWS = (
    _row("a valid response", _WELL, "healthy"),
    _row("a service by its address", _WELL, "healthy", url="https://127.0.0.1:1/api/v1"),
    _row("a proxy by its name", _WELL, "healthy", proxy="https://localhost:{port}"),
    _row("a scheme in capitals", _WELL, "healthy", proxy="HTTPS://127.0.0.1:{port}"),
    _row("IPv6", _WELL, "healthy", host="::1", proxy="https://[::1]:{port}", url="https://[::1]:1/api/v1"),
    _row("a service without TLS on this machine", _forwarding, "healthy", url="http://127.0.0.1:1/api/v1"),
    _row(
        "a service without TLS, whose answer drips",
        dripped(_HEAD, b"X-A: b\r\n" * 99),
        "timeout",
        waits=True,
        url="http://127.0.0.1:1/api/v1",
    ),
    _row(
        "a service without TLS, through a proxy of an unknown authority",
        _forwarding,
        "tls",
        tls="stranger",
        url="http://127.0.0.1:1/api/v1",
    ),
    _row(
        "a service without TLS, with a ca_path that is missing",
        _forwarding,
        "config",
        url="http://127.0.0.1:1/api/v1",
        options={"ca_path": "{folder}/no-such.pem"},
        message="ca_path",
    ),
    _row("a proxy of an unknown authority", _WELL, "tls", tls="stranger"),
    _row("a proxy with an expired certificate", _WELL, "tls", tls="expired"),
    _row("a proxy with a self-signed certificate", _WELL, "tls", tls="self"),
    _row("a proxy with the certificate of the service", _WELL, "tls", tls="other-name", url="https://other.example/a"),
    _row("a service with the certificate of the proxy", _WELL, "tls", url="https://other.example/a"),
    _row("a service with the certificate of the proxy, by its address", _WELL, "tls", url="https://127.0.0.2:1/api/v1"),
    _row("validate_certs: false", _WELL, "healthy", tls="stranger", options={"validate_certs": False}),
    _row(
        "a proxy that wants the client certificate, which is for the service",
        _WELL,
        "tls network",
        tls="asking",
        options={"client_cert": "{folder}/client.pem"},
    ),
    _row("407", _connect(http(407, b"", "Proxy-Authenticate: Basic realm=a")), "network", retried=True),
    _row("407, with a password", _connect(http(407)), "network", retried=True, proxy=_SECRET),
    _row("502 and a page of HTML", _connect(http(502, _PAGE)), "network", retried=True),
    _row("HTML without HTTP", _connect(_PAGE), "bad_response"),
    _row("reset", lambda peer: peer.reset(), "network", retried=True),
    _row("closed after the tunnel", _connect(_OK), "network", retried=True),
    _row("silent", lambda peer: peer.silence(), "timeout", waits=True),
    _row("silent after the tunnel", _connect(_OK, "silence"), "timeout", waits=True),
    _row("dripping the answer to CONNECT", dripped(_HEAD, b"X-A: b\r\n" * 99), "timeout", waits=True),
    _row("flooding the answer to CONNECT", flooded(_HEAD, b"X-A: b\r\n" * 99), "bad_response"),
    _row("dripping the handshake of the service", _dripping_handshake, "timeout", waits=True),
    _row("silent in the service", _inside(lambda peer: peer.silence()), "timeout", waits=True),
    _row(
        "dripping in the headers of the service",
        _inside(dripped(_HEAD, b"X-A: b\r\n" * 99)),
        "timeout",
        waits=True,
    ),
    _row(
        "dripping in the body of the service",
        _inside(dripped(HEALTHY[: -len(_BODY)], _BODY)),
        "timeout",
        waits=True,
    ),
    _row("endless headers of the service", _inside(flooded(_HEAD, b"X-A: b\r\n" * 99)), "bad_response"),
    _row(
        "an endless body of the service",
        _inside(flooded(http(200, length=False), b"a" * 9999)),
        "bad_response",
    ),
    _row("closed in the body of the service", _inside(sends(HEALTHY[:-1])), "network", retried=True),
    _row("reset in the body of the service", _inside(sends_then(HEALTHY[:-1], "reset")), "network", retried=True),
    _row("503 of the service", _inside(sends(http(503))), "server", retried=True),
    _row("a second answer glued to the first", _inside(glued(_BODY, _TRUE)), "unhealthy", options=_LIVE),
    _row("a second answer below the buffer", _inside(glued(_BODY, _TRUE, fill=True)), "unhealthy", options=_LIVE),
)
