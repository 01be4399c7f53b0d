# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define the rows of the table of faults."""

from __future__ import annotations

import json
import ssl
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

TOKEN = "talq_F4ult/s3cret+t0ken=="
TRUNK = "trunk-1"

RECORD: dict[str, Any] = {
    "id": TRUNK,
    "name": "Primary Carrier — US",
    "is_active": True,
    "is_verified": True,
    "health_status": "healthy",
    "last_health_check_at": "2026-01-31T12:00:00Z",
}


class Peer(ABC):
    """Define what the server can do on a connection."""

    number: int
    """The number of connections before this one."""
    port: int
    """The port of the server."""

    @abstractmethod
    def request(self) -> str:
        """Read and return the head of a request."""

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Send all data immediately."""

    @abstractmethod
    def drip(self, data: bytes, pace: float = 0.1) -> None:
        """Send data one byte at a time, with a pause of pace seconds."""

    @abstractmethod
    def flood(self, data: bytes) -> None:
        """Send the same data repeatedly, as fast as the client reads."""

    @abstractmethod
    def silence(self) -> None:
        """Wait until the client closes the connection."""

    @abstractmethod
    def reset(self) -> None:
        """Reset the connection (TCP RST)."""

    @abstractmethod
    def half_close(self) -> None:
        """Shut down the sending side (TCP FIN), and wait for the client."""

    @abstractmethod
    def start_tls(self, context: ssl.SSLContext) -> None:
        """Start TLS on the connection."""

    @abstractmethod
    def start_inner_tls(self) -> None:
        """Start TLS inside the TLS of this connection, with the same certificate."""


Play = Callable[[Peer], None]


@dataclass(frozen=True)
class Fault:
    """Define a row of the table.

    :param name: a description of the fault, as in the guide.
    :param play: the behavior of the server on each connection.
    :param kinds: the expected outcome: C(healthy), C(unhealthy) or an error kind. Several only where versions of the
        HTTP libraries differ.
    :param retried: whether the request must be retried.
    :param waits: whether the timeout of the client must end the attempt. The timeout is short then.
    :param tls: the TLS context of the server: C("good"), or another name in C(tls.contexts).
    :param host: the host to listen on.
    :param options: options of the collection. In strings, {port} is replaced by the server's port, and {folder} by a
        directory with the certificates of C(tls.write).
    :param environ: environment variables, with the same placeholders. Such rows run one at a time.
    :param message: text that the error message must contain.
    """

    name: str
    play: Play
    kinds: str
    retried: bool = False
    waits: bool = False
    tls: str = ""
    host: str = "127.0.0.1"
    options: Mapping[str, Any] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    message: str = ""


def encoded(data: Any, **envelope: Any) -> bytes:
    """Return the envelope of a success."""
    return json.dumps({"success": True, "data": data, **envelope}).encode()


def http(status: int | str, body: bytes = b"", *headers: str, length: bool = True) -> bytes:
    """Return an answer, with the length of its body unless told otherwise."""
    lines = [f"HTTP/1.1 {status} Words" if isinstance(status, int) else status, *headers]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogatepass") + body


def sends(data: bytes) -> Play:
    """Return a play that reads a request, sends data, and closes."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.send(data)

    return play


def responds(*bodies: bytes) -> Play:
    """Return a play that responds to each request of a connection with the next body and status 200."""

    def play(peer: Peer) -> None:
        for body in bodies:
            peer.request()
            peer.send(http(200, body))

    return play


def sends_then(start: bytes, end: str) -> Play:
    """Return a play that sends the start, and then calls the C(Peer) method named by end."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.send(start)
        getattr(peer, end)()

    return play


def dripped(start: bytes, rest: bytes) -> Play:
    """Return a play that sends the start, and then the rest one byte at a time."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.send(start)
        peer.drip(rest)

    return play


def flooded(start: bytes, flood: bytes) -> Play:
    """Return a play that sends the start, and then the same data endlessly."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.send(start)
        peer.flood(flood)

    return play


def raw(name: str, data: bytes, kinds: str = "bad_response", *, retried: bool = False) -> Fault:
    """Return the row of an answer that is sent as it is."""
    return Fault(name, sends(data), kinds, retried=retried)


HEALTHY = http(200, encoded(RECORD))
"""A valid response with a healthy record."""
