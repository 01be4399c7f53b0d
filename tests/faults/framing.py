# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults in the framing and encoding of bodies, and data before or after a response."""

from __future__ import annotations

import gzip
import io
import zlib
from functools import lru_cache

from .fault import HEALTHY, RECORD, TOKEN, Fault, Peer, Play, dripped, encoded, flooded, http, raw, sends

_BODY = encoded(RECORD)
_SICK = encoded({**RECORD, "is_active": False})
_CHUNKED = "Transfer-Encoding: chunked"
_LIVE = {"include": ["live_health"], "max_connections": 1}
_LENGTH = len(_BODY)


def _chunks(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end


def _chunked(data: bytes) -> Play:
    return sends(http(200, data, _CHUNKED, length=False))


def _in_one_piece(data: bytes) -> Play:
    def play(peer: Peer) -> None:
        peer.send(data)
        peer.request()

    return play


def _encoding(name: str, body: bytes) -> Play:
    return sends(http(200, body, f"Content-Encoding: {name}"))


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    # One GB compressed to one MB, in pieces to keep the memory of this process low.
    engine = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = b" " * (1 << 20)
    return b"".join(engine.compress(piece) for _mebibyte in range(1000)) + engine.flush()


def _bomb_play(peer: Peer) -> None:
    _encoding("gzip", _bomb())(peer)


_TLS_RECORD = 1 << 14
"""The maximum size of a TLS record."""


def glued(first: bytes, second: bytes, fill: bool = False) -> Play:
    """Return two responses to the request for the record, and an unhealthy live check.

    :param fill: whether the first response must end at the end of the client's buffer, so that the second remains in
        the kernel's.
    """

    def play(peer: Peer) -> None:
        while True:
            target = peer.request().split()[1]
            if target.endswith("/health"):
                peer.send(http(200, encoded({"is_healthy": False})))
                continue
            size = io.DEFAULT_BUFFER_SIZE
            # Blanks after the JSON, because a header of this size is an error.
            body = first.ljust(2 * size - len(http(200, first.ljust(size)))) if fill else first
            answers = http(200, body) + http(200, second)
            # The end of the first and all of the second are one TLS record.
            for part in (answers[:-_TLS_RECORD], answers[-_TLS_RECORD:]):
                if part:
                    peer.send(part)

    return play


def _interim(peer: Peer) -> None:
    """Return the hint of 103 before the answer, which the libraries below take for the whole answer."""
    while True:
        target = peer.request().split()[1]
        sick = encoded({"is_healthy": False})
        peer.send(b"HTTP/1.1 103 Early Hints\r\n\r\n" + http(200, sick if target.endswith("/health") else _BODY))


ROWS = (
    Fault("chunks", _chunked(_chunks(_BODY[:9], _BODY[9:])), "healthy"),
    Fault(
        "chunks and a wrong length",
        sends(http(200, _chunks(_BODY), _CHUNKED, "Content-Length: 5", length=False)),
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
        flooded(http(200, b"", _CHUNKED, length=False), b"0" * 4096),
        "bad_response",
    ),
    Fault(
        "an endless trailer",
        flooded(http(200, _chunks(_BODY, end=b"0\r\n"), _CHUNKED, length=False), b"X-A: b\r\n"),
        "bad_response",
    ),
    Fault(
        "endless chunks", flooded(http(200, b"", _CHUNKED, length=False), _chunks(b"a" * 999, end=b"")), "bad_response"
    ),
    Fault(
        "endless chunks of a byte", flooded(http(200, b"", _CHUNKED, length=False), b"1\r\na\r\n" * 99), "bad_response"
    ),
    raw(
        "a transfer encoding that is none",
        http(200, _BODY, "Transfer-Encoding: gzip, chunked", length=False)[:-2] + b"}",
        "bad_response",
    ),
    raw("HTTP/0.9", _BODY),
    raw("the preface of HTTP/2", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64"),
    raw("a banner that echoes the token", b"x" * 60 + TOKEN.encode() + b"\r\n"),
    Fault("a banner of SSH", _in_one_piece(b"SSH-2.0-OpenSSH_9.9\r\n"), "bad_response"),
    Fault("a banner of SMTP", _in_one_piece(b"220 mail.example ESMTP\r\n"), "bad_response"),
    raw("an answer of SIP", b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
    Fault("100 Continue once", sends(b"HTTP/1.1 100 Continue\r\n\r\n" + HEALTHY), "healthy"),
    Fault("100 Continue always", flooded(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "bad_response"),
    Fault(
        "100 Continue, slowly, for ever",
        dripped(b"", b"HTTP/1.1 100 C\r\n\r\n" * 99),
        "timeout",
        retried=True,
        waits=True,
    ),
    Fault("100 Continue with endless headers", flooded(b"HTTP/1.1 100 Continue\r\n", b"X-A: b\r\n"), "bad_response"),
    Fault("a flood of 102 and 103", flooded(b"", b"HTTP/1.1 102 P\r\n\r\nHTTP/1.1 103 E\r\n\r\n"), "bad_response"),
    Fault("103 before the answer", _interim, "bad_response", options=_LIVE),
    Fault(
        "101 Switching Protocols", sends(b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n" + HEALTHY), "bad_response"
    ),
    Fault("gzip", _encoding("gzip", gzip.compress(_BODY)), "healthy"),
    Fault("GZip, in other letters", _encoding("GZip", gzip.compress(_BODY)), "healthy"),
    Fault("deflate", _encoding("deflate", zlib.compress(_BODY)), "healthy"),
    Fault("deflate without its frame", _encoding("deflate", zlib.compress(_BODY)[2:-4]), "healthy"),
    Fault("a gzip bomb: 1 GB from 1 MB", _bomb_play, "bad_response", message="larger than"),
    Fault("gzip cut short", _encoding("gzip", gzip.compress(_BODY)[:-9]), "bad_response"),
    Fault("gzip with a wrong checksum", _encoding("gzip", gzip.compress(_BODY)[:-8] + bytes(8)), "bad_response"),
    Fault("gzip with a tail", _encoding("gzip", gzip.compress(_BODY) + b"tail"), "bad_response"),
    Fault("gzip of not gzip", _encoding("gzip", _BODY), "bad_response"),
    Fault("gzip of nothing", _encoding("gzip", b""), "bad_response"),
    Fault("gzip twice", _encoding("gzip, gzip", gzip.compress(gzip.compress(_BODY))), "bad_response"),
    Fault("an encoding that was not requested", _encoding("br", _BODY), "bad_response"),
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
