# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of connections and of response heads."""

from __future__ import annotations

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
    raw,
    responds,
    sends,
    sends_then,
)

_BODY = encoded(RECORD)
_SICK = encoded({**RECORD, "is_active": False})
_CHUNKED = "Transfer-Encoding: chunked"
_LIVE = {"include": ["live_health"], "max_connections": 1}
_THREE = {"trunk_ids": ["trunk-1", "trunk-1a", "trunk-1b"], "max_connections": 1}


def _cut(at: int) -> Play:
    return sends(HEALTHY[:at])


def _reset_at_once(peer: Peer) -> None:
    peer.reset()


def _reset_after_request(peer: Peer) -> None:
    peer.request()
    peer.reset()


def _half_closed(peer: Peer) -> None:
    peer.half_close()
    peer.silence()


def _silent(peer: Peer) -> None:
    peer.silence()


def _second_time(first: Play) -> Play:
    """Return a play that fails on the first connection only."""

    def play(peer: Peer) -> None:
        if peer.number == 0:
            first(peer)
        else:
            responds(_BODY)(peer)

    return play


def _cache(peer: Peer) -> None:
    """Respond like an HTTP cache: with an old response, unless the request demands a new one."""
    peer.send(HEALTHY if "\r\nCache-Control: no-cache\r\n" in peer.request() else http(200, _SICK))


def _closing(peer: Peer) -> None:
    """Close each connection after one response, without a Connection: close header."""
    target = peer.request().split()[1]
    peer.send(http(200, encoded({**RECORD, "id": target.rsplit("/", 1)[1]})))


def _no_name(name: str) -> dict[str, str]:
    return {"api_url": f"https://{name}/api/v1"}


def _lengths(name: str, *lengths: str, kinds: str = "bad_response", retried: bool = False) -> Fault:
    headers = [f"Content-Length: {length}" for length in lengths]
    return Fault(f"Content-Length {name}", sends(http(200, _BODY, *headers, length=False)), kinds, retried=retried)


_HEAD = b"HTTP/1.1 200 OK\r\n"
_LENGTH = len(_BODY)

CONNECTIONS = (
    Fault("refused", _silent, "network", retried=True, options={"api_url": "http://127.0.0.1:1/api/v1"}),
    Fault("reset at once", _reset_at_once, "network", retried=True),
    Fault("reset before the headers", _reset_after_request, "network", retried=True),
    Fault("reset during the headers", sends_then(_HEAD + b"X-A: ", "reset"), "network", retried=True),
    Fault("reset after the headers", sends_then(HEALTHY[:-_LENGTH], "reset"), "network", retried=True),
    Fault("reset during the body", sends_then(HEALTHY[:-10], "reset"), "network", retried=True),
    Fault("reset once, then well", _second_time(_reset_after_request), "healthy"),
    Fault("closed without a word", sends(b""), "network", retried=True),
    Fault("half-closed at once", _half_closed, "network", retried=True),
    Fault("closed in the status line", _cut(9), "network bad_response", retried=False),
    Fault("closed in the headers", _cut(40), "network bad_response"),
    Fault("closed in the body", _cut(-10), "network", retried=True),
    Fault("silent", _silent, "timeout", retried=True, waits=True),
    Fault("silent after the headers", sends_then(HEALTHY[:-_LENGTH], "silence"), "timeout", retried=True, waits=True),
    Fault("silent before the last byte", sends_then(HEALTHY[:-1], "silence"), "timeout", retried=True, waits=True),
    Fault("silent once, then well", _second_time(_silent), "healthy", waits=True),
    Fault(
        "dripping in the status line", dripped(b"", b"HTTP/1.1 200 " + b"O" * 900), "timeout", retried=True, waits=True
    ),
    Fault("dripping in the headers", dripped(_HEAD, b"X-A: b\r\n" * 99), "timeout", retried=True, waits=True),
    Fault("dripping in the body", dripped(HEALTHY[:-_LENGTH], _BODY), "timeout", retried=True, waits=True),
    Fault(
        "dripping in a chunk",
        dripped(http(200, b"fff\r\n", _CHUNKED, length=False), b"a" * 999),
        "timeout",
        retried=True,
        waits=True,
    ),
    Fault(
        "dripping in the size of a chunk",
        dripped(http(200, b"", _CHUNKED, length=False), b"0" * 999),
        "timeout",
        retried=True,
        waits=True,
    ),
    Fault(
        "a 500 with an endless message",
        sends_then(http(500, b"a" * 9)[:-1], "silence"),
        "server",
        retried=True,
        waits=True,
    ),
    Fault("a connection closed between two requests", _closing, "healthy", options=_THREE),
    Fault("a cache that holds an old answer", _cache, "healthy"),
    Fault("a name that does not resolve", _silent, "network", retried=True, options=_no_name("no.such.name.invalid")),
    Fault("a name that cannot be", _silent, "network", retried=True, options=_no_name("a..b")),
    Fault(
        "a name with a label of 64 characters",
        _silent,
        "network",
        retried=True,
        options=_no_name("a" * 64 + ".invalid"),
    ),
    Fault("IPv6", responds(_BODY), "healthy", host="::1"),
    Fault(
        "localhost, where only IPv4 answers", responds(_BODY), "healthy", options={"api_url": "http://localhost:{port}"}
    ),
    Fault(
        "localhost, where only IPv6 answers",
        responds(_BODY),
        "healthy network",
        host="::1",
        # Rows on IPv4 may use the same port, so this one runs first.
        environ={"NO_PROXY": "*"},
        options={"api_url": "http://localhost:{port}"},
    ),
)

HEADERS = (
    Fault("endless headers", flooded(_HEAD, b"X-A: b\r\n"), "bad_response"),
    Fault("a header without an end", flooded(_HEAD + b"X-A: ", b"b" * 4096), "bad_response"),
    Fault("a status line without an end", flooded(b"HTTP/1.1 200 ", b"O" * 4096), "bad_response"),
    raw("a header of 1 MB", http(200, _BODY, "X-A: " + "b" * 1_000_000)),
    raw("a header of 60 kB", http(200, _BODY, "X-A: " + "b" * 60_000), "healthy"),
    raw("10,000 headers", http(200, _BODY, *["X-A: b"] * 10_000)),
    raw("a header without a colon", http(200, _BODY, f"no colon {TOKEN}"), "healthy bad_response"),
    raw("a header folded over lines", http(200, _BODY, "X-A: b", "  c"), "healthy"),
    raw("a header that is not ASCII", http(200, _BODY, "X-Ä: ö\u202e"), "healthy bad_response"),
    raw("headers with line breaks of one byte", HEALTHY.replace(b"\r\n", b"\n"), "healthy"),
    raw("a header with a NUL", http(200, _BODY, "X-A: \x00b"), "healthy bad_response"),
    raw(
        "unusual cookies",
        http(200, _BODY, "Set-Cookie: =; expires=Thu, 99 Foo 99999999 99:99:99; a", "Set-Cookie: a=b; max-age=1e9"),
        "healthy",
    ),
    _lengths("too long", str(_LENGTH + 1), kinds="network", retried=True),
    _lengths("too short", str(_LENGTH - 1)),
    _lengths("negative", "-1"),
    _lengths("with a sign", f"+{_LENGTH}"),
    _lengths("with an underscore", f"{_LENGTH // 10}_{_LENGTH % 10}"),
    _lengths("of words", "many"),
    _lengths("empty", "", kinds="healthy bad_response"),
    _lengths("with digits that are not ASCII", "²"),
    _lengths("twice and the same", str(_LENGTH), str(_LENGTH), kinds="healthy"),
    _lengths("twice and different", str(_LENGTH), str(_LENGTH + 1)),
    _lengths("larger than allowed", "1048577"),
    _lengths("of 30 digits", "9" * 30),
    _lengths("missing, closed at the end", kinds="healthy"),
    raw("no length, and cut", http(200, _BODY[:-1], length=False)),
    raw("no length, and endless", http(200, b"", length=False) + b"a" * 3_000_000),
    *(
        raw(f"the status {status!r}", http(f"HTTP/1.1 {status} OK", _BODY))
        for status in ("000", "099", "1000", "-200", "20O", "2e2", "")
    ),
    raw("the version 1.0", HEALTHY.replace(b"1.1", b"1.0"), "healthy"),
    raw("the version 2.0", HEALTHY.replace(b"1.1", b"2.0")),
    raw("the version 9.9", HEALTHY.replace(b"1.1", b"9.9")),
)

ROWS = CONNECTIONS + HEADERS
