# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wire: connections and HTTP/1.1 itself."""

from __future__ import annotations

import gzip
import io
import zlib
from functools import lru_cache

from .fault import HEALTHY, RECORD, TOKEN, Fault, Peer, Play, answers, encoded, http, says

_BODY = encoded(RECORD)
_SICK = encoded({**RECORD, "is_active": False})
_CHUNKED = "Transfer-Encoding: chunked"
_LIVE = {"include": ["live_health"], "max_connections": 1}
_THREE = {"trunk_ids": ["trunk-1", "trunk-1a", "trunk-1b"], "max_connections": 1}


def _chunks(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end


def _chunked(data: bytes) -> Play:
    return says(http(200, data, _CHUNKED, length=False))


def _cut(at: int) -> Play:
    return says(HEALTHY[:at])


def _then(start: bytes, end: str) -> Play:
    """Send a start, and then do what the end says."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.send(start)
        getattr(peer, end)()

    return play


def _dripped(start: bytes, dripped: bytes) -> Play:
    def play(peer: Peer) -> None:
        peer.request()
        peer.send(start)
        peer.drip(dripped)

    return play


def _flooded(start: bytes, flood: bytes) -> Play:
    def play(peer: Peer) -> None:
        peer.request()
        peer.send(start)
        peer.flood(flood)

    return play


def _at_once(data: bytes) -> Play:
    def play(peer: Peer) -> None:
        peer.send(data)
        peer.request()

    return play


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
    """Fail on the first connection only."""

    def play(peer: Peer) -> None:
        if peer.number == 0:
            first(peer)
        else:
            answers(_BODY)(peer)

    return play


def _encoding(name: str, body: bytes) -> Play:
    return says(http(200, body, f"Content-Encoding: {name}"))


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    # A gigabyte in a megabyte, made of pieces so that this process needs no gigabyte either.
    engine = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = b" " * (1 << 20)
    return b"".join(engine.compress(piece) for _mebibyte in range(1000)) + engine.flush()


def _bomb_play(peer: Peer) -> None:
    _encoding("gzip", _bomb())(peer)


def glued(first: bytes, second: bytes, fill: bool = False) -> Play:
    """Answer the request for the record with two answers, and the one for the live check honestly: it is sick.

    :param fill: make the first answer end where the client's buffer does, so that the second stays below that.
    """

    def play(peer: Peer) -> None:
        while True:
            target = peer.request().split()[1]
            if target.endswith("/health"):
                peer.send(http(200, encoded({"is_healthy": False})))
                continue
            answer = http(200, first)
            if fill:
                padded = b"x" * (io.DEFAULT_BUFFER_SIZE - len(answer) - len("X-Pad: \r\n"))
                answer = http(200, first, f"X-Pad: {padded.decode()}")
            peer.send(answer + http(200, second))

    return play


def _closing(peer: Peer) -> None:
    """Close each connection after one answer, without saying so before."""
    target = peer.request().split()[1]
    peer.send(http(200, encoded({**RECORD, "id": target.rsplit("/", 1)[1]})))


def _interim(peer: Peer) -> None:
    """Give the hint of 103 before the answer, which the libraries below take for the whole answer."""
    while True:
        target = peer.request().split()[1]
        sick = encoded({"is_healthy": False})
        peer.send(b"HTTP/1.1 103 Early Hints\r\n\r\n" + http(200, sick if target.endswith("/health") else _BODY))


def _no_name(name: str) -> dict[str, str]:
    return {"api_url": f"https://{name}/api/v1"}


def _raw(name: str, data: bytes, kinds: str = "bad_response", *, retried: bool = False) -> Fault:
    return Fault(name, says(data), kinds, retried=retried)


def _lengths(name: str, *lengths: str, kinds: str = "bad_response", retried: bool = False) -> Fault:
    headers = [f"Content-Length: {length}" for length in lengths]
    return Fault(f"Content-Length {name}", says(http(200, _BODY, *headers, length=False)), kinds, retried=retried)


_HEAD = b"HTTP/1.1 200 OK\r\n"
_LENGTH = len(_BODY)

CONNECTIONS = (
    Fault("refused", _silent, "network", retried=True, options={"api_url": "http://127.0.0.1:1/api/v1"}),
    Fault("reset at once", _reset_at_once, "network", retried=True),
    Fault("reset before the headers", _reset_after_request, "network", retried=True),
    Fault("reset during the headers", _then(_HEAD + b"X-A: ", "reset"), "network", retried=True),
    Fault("reset after the headers", _then(HEALTHY[:-_LENGTH], "reset"), "network", retried=True),
    Fault("reset during the body", _then(HEALTHY[:-10], "reset"), "network", retried=True),
    Fault("reset once, then well", _second_time(_reset_after_request), "healthy"),
    Fault("closed without a word", says(b""), "network", retried=True),
    Fault("half-closed at once", _half_closed, "network", retried=True),
    Fault("closed in the status line", _cut(9), "network bad_response", retried=False),
    Fault("closed in the headers", _cut(40), "network bad_response"),
    Fault("closed in the body", _cut(-10), "network", retried=True),
    Fault("silent", _silent, "timeout", retried=True, waits=True),
    Fault("silent after the headers", _then(HEALTHY[:-_LENGTH], "silence"), "timeout", retried=True, waits=True),
    Fault("silent before the last byte", _then(HEALTHY[:-1], "silence"), "timeout", retried=True, waits=True),
    Fault("silent once, then well", _second_time(_silent), "healthy", waits=True),
    Fault(
        "dripping in the status line", _dripped(b"", b"HTTP/1.1 200 " + b"O" * 900), "timeout", retried=True, waits=True
    ),
    Fault("dripping in the headers", _dripped(_HEAD, b"X-A: b\r\n" * 99), "timeout", retried=True, waits=True),
    Fault("dripping in the body", _dripped(HEALTHY[:-_LENGTH], _BODY), "timeout", retried=True, waits=True),
    Fault(
        "dripping in a chunk",
        _dripped(http(200, b"fff\r\n", _CHUNKED, length=False), b"a" * 999),
        "timeout",
        retried=True,
        waits=True,
    ),
    Fault(
        "dripping in the size of a chunk",
        _dripped(http(200, b"", _CHUNKED, length=False), b"0" * 999),
        "timeout",
        retried=True,
        waits=True,
    ),
    Fault(
        "a 500 whose words never end", _then(http(500, b"a" * 9)[:-1], "silence"), "server", retried=True, waits=True
    ),
    Fault("a connection closed between two requests", _closing, "healthy", options=_THREE),
    Fault("a name that does not resolve", _silent, "network", retried=True, options=_no_name("no.such.name.invalid")),
    Fault("a name that cannot be", _silent, "network", retried=True, options=_no_name("a..b")),
    Fault(
        "a name with a label of 64 characters",
        _silent,
        "network",
        retried=True,
        options=_no_name("a" * 64 + ".invalid"),
    ),
    Fault("IPv6", answers(_BODY), "healthy", host="::1"),
    Fault(
        "localhost, where only IPv4 answers", answers(_BODY), "healthy", options={"api_url": "http://localhost:{port}"}
    ),
    Fault(
        "localhost, where only IPv6 answers",
        answers(_BODY),
        "healthy network",
        host="::1",
        options={"api_url": "http://localhost:{port}"},
    ),
)

HEADERS = (
    Fault("endless headers", _flooded(_HEAD, b"X-A: b\r\n"), "bad_response"),
    Fault("a header without an end", _flooded(_HEAD + b"X-A: ", b"b" * 4096), "bad_response"),
    Fault("a status line without an end", _flooded(b"HTTP/1.1 200 ", b"O" * 4096), "bad_response"),
    _raw("a header of 1 MB", http(200, _BODY, "X-A: " + "b" * 1_000_000)),
    _raw("a header of 60 kB", http(200, _BODY, "X-A: " + "b" * 60_000), "healthy"),
    _raw("10,000 headers", http(200, _BODY, *["X-A: b"] * 10_000)),
    _raw("a header without a colon", http(200, _BODY, f"no colon {TOKEN}"), "healthy bad_response"),
    _raw("a header folded over lines", http(200, _BODY, "X-A: b", "  c"), "healthy"),
    _raw("a header that is not ASCII", http(200, _BODY, "X-Ä: ö\u202e"), "healthy bad_response"),
    _raw("headers with line breaks of one byte", HEALTHY.replace(b"\r\n", b"\n"), "healthy"),
    _raw("a header with a NUL", http(200, _BODY, "X-A: \x00b"), "healthy bad_response"),
    _raw(
        "odd cookies",
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
    _raw("no length, and cut", http(200, _BODY[:-1], length=False)),
    _raw("no length, and endless", http(200, b"", length=False) + b"a" * 3_000_000),
    *(
        _raw(f"the status {status!r}", http(f"HTTP/1.1 {status} OK", _BODY))
        for status in ("000", "099", "1000", "-200", "20O", "2e2", "")
    ),
    _raw("the version 1.0", HEALTHY.replace(b"1.1", b"1.0"), "healthy"),
    _raw("the version 2.0", HEALTHY.replace(b"1.1", b"2.0")),
    _raw("the version 9.9", HEALTHY.replace(b"1.1", b"9.9")),
)

BODIES = (
    Fault("chunks", _chunked(_chunks(_BODY[:9], _BODY[9:])), "healthy"),
    Fault(
        "chunks and a length that lies",
        says(http(200, _chunks(_BODY), _CHUNKED, "Content-Length: 5", length=False)),
        "healthy",
    ),
    Fault("chunks with an extension", _chunked(b"%x;a=b\r\n%s\r\n0\r\n\r\n" % (_LENGTH, _BODY)), "healthy"),
    Fault("chunks with a trailer", _chunked(_chunks(_BODY, end=b"0\r\nX-A: b\r\n\r\n")), "healthy"),
    Fault("chunks cut short", _chunked(_chunks(_BODY)[:-20]), "network", retried=True),
    Fault("chunks without the last one", _chunked(_chunks(_BODY, end=b"")), "network", retried=True),
    Fault("a chunk with a bad size", _chunked(b"xyz\r\n" + _BODY), "bad_response network"),
    Fault("a chunk with a negative size", _chunked(b"-1\r\n" + _BODY + b"\r\n0\r\n\r\n"), "bad_response network"),
    Fault("a chunk with a size of -5", _chunked(b"-5\r\n" + _BODY + b"\r\n0\r\n\r\n"), "bad_response network"),
    Fault("a chunk with a huge size", _chunked(b"f" * 15 + b"\r\n" + _BODY), "bad_response network"),
    Fault(
        "a size of a chunk without an end",
        _flooded(http(200, b"", _CHUNKED, length=False), b"0" * 4096),
        "bad_response",
    ),
    Fault(
        "an endless trailer",
        _flooded(http(200, _chunks(_BODY, end=b"0\r\n"), _CHUNKED, length=False), b"X-A: b\r\n"),
        "bad_response",
    ),
    Fault(
        "endless chunks", _flooded(http(200, b"", _CHUNKED, length=False), _chunks(b"a" * 999, end=b"")), "bad_response"
    ),
    Fault(
        "endless chunks of a byte", _flooded(http(200, b"", _CHUNKED, length=False), b"1\r\na\r\n" * 99), "bad_response"
    ),
    _raw(
        "a transfer encoding that is none",
        http(200, _BODY, "Transfer-Encoding: gzip, chunked", length=False)[:-2] + b"}",
        "bad_response",
    ),
    _raw("HTTP/0.9", _BODY),
    _raw("the preface of HTTP/2", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64"),
    _raw("a banner that echoes the token", b"x" * 60 + TOKEN.encode() + b"\r\n"),
    Fault("a banner of SSH", _at_once(b"SSH-2.0-OpenSSH_9.9\r\n"), "bad_response"),
    Fault("a banner of SMTP", _at_once(b"220 mail.example ESMTP\r\n"), "bad_response"),
    _raw("an answer of SIP", b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
    Fault("100 Continue once", says(b"HTTP/1.1 100 Continue\r\n\r\n" + HEALTHY), "healthy"),
    Fault("100 Continue for ever", _flooded(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "bad_response"),
    Fault(
        "100 Continue, slowly, for ever",
        _dripped(b"", b"HTTP/1.1 100 C\r\n\r\n" * 99),
        "timeout",
        retried=True,
        waits=True,
    ),
    Fault("100 Continue with endless headers", _flooded(b"HTTP/1.1 100 Continue\r\n", b"X-A: b\r\n"), "bad_response"),
    Fault("a flood of 102 and 103", _flooded(b"", b"HTTP/1.1 102 P\r\n\r\nHTTP/1.1 103 E\r\n\r\n"), "bad_response"),
    Fault("103 before the answer", _interim, "bad_response", options=_LIVE),
    Fault("101 Switching Protocols", says(b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n" + HEALTHY), "bad_response"),
    Fault("gzip", _encoding("gzip", gzip.compress(_BODY)), "healthy"),
    Fault("GZip, in other letters", _encoding("GZip", gzip.compress(_BODY)), "healthy"),
    Fault("deflate", _encoding("deflate", zlib.compress(_BODY)), "healthy"),
    Fault("deflate without its frame", _encoding("deflate", zlib.compress(_BODY)[2:-4]), "healthy"),
    Fault("a gzip bomb: 1 GB from 1 MB", _bomb_play, "bad_response"),
    Fault("gzip cut short", _encoding("gzip", gzip.compress(_BODY)[:-9]), "bad_response"),
    Fault("gzip with a wrong checksum", _encoding("gzip", gzip.compress(_BODY)[:-8] + bytes(8)), "bad_response"),
    Fault("gzip with a tail", _encoding("gzip", gzip.compress(_BODY) + b"tail"), "bad_response"),
    Fault("gzip of not gzip", _encoding("gzip", _BODY), "bad_response"),
    Fault("gzip of nothing", _encoding("gzip", b""), "bad_response"),
    Fault("gzip twice", _encoding("gzip, gzip", gzip.compress(gzip.compress(_BODY))), "bad_response"),
    Fault("an encoding never asked for", _encoding("br", _BODY), "bad_response"),
    Fault("an encoding that echoes the token", _encoding("x" * 30 + TOKEN, _BODY), "bad_response"),
    Fault(
        "a second answer glued to the first", glued(_BODY, encoded({"is_healthy": True})), "unhealthy", options=_LIVE
    ),
    Fault(
        "a second answer below the buffer",
        glued(_BODY, encoded({"is_healthy": True}), fill=True),
        "unhealthy",
        options=_LIVE,
    ),
    Fault(
        "a second answer inside of TLS",
        glued(_BODY, encoded({"is_healthy": True}), fill=True),
        "unhealthy",
        options=_LIVE,
        tls="good",
    ),
    Fault("a sick record, and a healthy one glued to it", glued(_SICK, _BODY), "unhealthy"),
)

ROWS = CONNECTIONS + HEADERS + BODIES
