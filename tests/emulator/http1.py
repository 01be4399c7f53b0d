# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read HTTP/1.1 requests and write responses on one connection, with limits on time and size.

Not C(http.server): it parses headers as e-mail and sends them apart from the body. That costs more than everything
else, and the benchmark measures the collection against the emulator.
"""

from __future__ import annotations

import re
import socket
import time
from email.utils import formatdate
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

HEAD_LIMIT = 16 * 1024
"""Maximum bytes of the request line and the headers together, as in Node.js."""
HEADER_LIMIT = 100
BODY_LIMIT = 1 << 20

_CHUNK = 65536
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x20\x7f]")

# Status, headers, body.
Response = tuple[int, dict[str, str], bytes]


class Head(NamedTuple):
    """The request line and the headers of a request."""

    method: str
    path: str
    """Percent-encoded as received, without the query."""
    query: str
    headers: dict[str, str]
    """Names in lower case. Values of a repeated name are joined by a comma."""
    keep_alive: bool


class BadRequestError(Exception):
    """Reject a request: the connection gets this status and this reason, and is closed."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Stream:
    """Read from a socket and write to it until a deadline.

    Args:
        connection: A connected socket.
        timeout: Seconds until the deadline, counted from the last call of C(start_deadline).
    """

    def __init__(self, connection: socket.socket, timeout: float) -> None:
        self._socket = connection
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout
        self._buffer = bytearray()

    def start_deadline(self) -> None:
        """Restart the timeout for the next step."""
        self._deadline = time.monotonic() + self._timeout

    def peek(self) -> bytes:
        """Wait for the next byte without consuming it; empty when the client closed the connection."""
        if not self._buffer:
            self._receive()
        return bytes(self._buffer[:1])

    def read_line(self, limit: int) -> bytes:
        """Read a line, with its end."""
        while (end := self._buffer.find(b"\n", 0, limit)) < 0:
            if len(self._buffer) >= limit:
                raise BadRequestError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "request headers too large")
            if not self._receive():
                raise BadRequestError(HTTPStatus.BAD_REQUEST, "incomplete request")
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        return line

    def skip(self, length: int) -> None:
        """Read and discard this number of bytes."""
        while length:
            if not self.peek():
                raise BadRequestError(HTTPStatus.BAD_REQUEST, "incomplete request body")
            count = min(length, len(self._buffer))
            del self._buffer[:count]
            length -= count

    def send(self, data: bytes) -> None:
        """Send all data before a new deadline."""
        self.start_deadline()
        rest = memoryview(data)
        # Not sendall: with TLS, its timeout starts again for each piece.
        while rest:
            self._limit_wait()
            rest = rest[self._socket.send(rest) :]

    def _receive(self) -> int:
        self._limit_wait()
        data = self._socket.recv(_CHUNK)
        self._buffer += data
        return len(data)

    def _limit_wait(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise socket.timeout("The deadline has passed.")
        self._socket.settimeout(left)


def read_request(stream: Stream) -> Head | None:
    """Read a request to its end; None when the client closed the connection.

    Raises:
        BadRequestError: The request is malformed, too large or too slow.
        OSError: The connection failed, or was idle for too long.
    """
    stream.start_deadline()
    first = stream.peek()
    if not first:
        return None
    if not first.isalpha():
        # Checked before a complete line arrives, because a TLS client waits for a response to its first bytes.
        hint = " (a TLS handshake on a plain HTTP port)" if first == b"\x16" else ""
        raise BadRequestError(HTTPStatus.BAD_REQUEST, f"not an HTTP request{hint}")
    stream.start_deadline()
    try:
        return _read_request(stream)
    except socket.timeout as error:
        raise BadRequestError(HTTPStatus.REQUEST_TIMEOUT, "timed out while reading the request") from error


def _read_request(stream: Stream) -> Head:
    line = stream.read_line(HEAD_LIMIT)
    method, path, query, version = _parse_request_line(line)
    headers = _read_headers(stream, HEAD_LIMIT - len(line))
    chunked = "transfer-encoding" in headers
    if chunked and "content-length" in headers:
        raise BadRequestError(HTTPStatus.BAD_REQUEST, "both Transfer-Encoding and Content-Length")
    stream.skip(_content_length(headers))
    # No response depends on a body, so a chunked body is not read, and the connection is closed.
    keep_alive = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close" and not chunked
    return Head(method, path, query, headers, keep_alive)


def _parse_request_line(line: bytes) -> tuple[str, str, str, str]:
    words = line.decode("latin-1").rstrip("\r\n").split(" ")
    if len(words) != 3 or words[2] not in ("HTTP/1.0", "HTTP/1.1"):
        raise BadRequestError(HTTPStatus.BAD_REQUEST, "not an HTTP/1.1 request line")
    method, target, version = words
    if not _TOKEN.fullmatch(method) or not target or _CONTROL.search(target):
        raise BadRequestError(HTTPStatus.BAD_REQUEST, "invalid request line")
    if not target.startswith("/"):
        # A client that uses this server as its proxy sends the whole URL.
        try:
            parts = urlsplit(target)
        except ValueError as error:
            raise BadRequestError(HTTPStatus.BAD_REQUEST, "invalid URL in the request line") from error
        target = f"{parts.path}?{parts.query}"
    path, _mark, query = target.partition("?")
    return method, path, query, version


def _read_headers(stream: Stream, limit: int) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _count in range(HEADER_LIMIT + 1):
        line = stream.read_line(limit)
        limit -= len(line)
        if line in (b"\r\n", b"\n"):
            return headers
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not _TOKEN.fullmatch(name):
            raise BadRequestError(HTTPStatus.BAD_REQUEST, "invalid header line")
        name, value = name.lower(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    raise BadRequestError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "too many request headers")


def _content_length(headers: dict[str, str]) -> int:
    text = headers.get("content-length", "0")
    # str.isdigit alone accepts digits that int() does not read, such as "²".
    if not (text.isascii() and text.isdigit()):
        raise BadRequestError(HTTPStatus.BAD_REQUEST, "invalid Content-Length header")
    digits = text.lstrip("0") or "0"
    # Compared by length first: int() refuses numbers with thousands of digits.
    if len(digits) > len(str(BODY_LIMIT)) or int(digits) > BODY_LIMIT:
        raise BadRequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "request body too large")
    return int(digits)


def encode(response: Response, with_body: bool) -> bytes:
    """Encode a whole response, so that it leaves in one packet where it fits."""
    status, headers, body = response
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Scripted"
    lines = [f"HTTP/1.1 {status} {phrase}", f"Date: {formatdate(usegmt=True)}", "Server: talkover-emulator"]
    if not any(name.lower() == "content-length" for name in headers):
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (body if with_body else b"")
