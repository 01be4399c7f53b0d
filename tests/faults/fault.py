# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a row of the table of faults is."""

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
    """What a play can do with a connection, at the side of the server."""

    number: int
    """How many connections the server had before this one."""
    port: int
    """The port of the server."""

    @abstractmethod
    def request(self) -> str:
        """Read the head of a request."""

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Send at once."""

    @abstractmethod
    def drip(self, data: bytes, pace: float = 0.1) -> None:
        """Send a byte at a time."""

    @abstractmethod
    def flood(self, data: bytes) -> None:
        """Send the same again and again, as fast as the client reads."""

    @abstractmethod
    def silence(self) -> None:
        """Do nothing until the client hangs up."""

    @abstractmethod
    def reset(self) -> None:
        """Break the connection off with a RST."""

    @abstractmethod
    def half_close(self) -> None:
        """Say that nothing more will come, and go on to listen."""

    @abstractmethod
    def start_tls(self, context: ssl.SSLContext) -> None:
        """Speak TLS from here on."""

    @abstractmethod
    def start_inner_tls(self) -> None:
        """Speak TLS inside the TLS of this connection, with the same certificate."""


Play = Callable[[Peer], None]


@dataclass(frozen=True)
class Fault:
    """A row.

    :param name: what goes wrong, in the words of the guide.
    :param play: what the server does on each connection.
    :param kinds: what may come of it. C(healthy) and C(unhealthy) are verdicts, all others are kinds of errors. More
        than one only where the libraries below the collection differ between their versions.
    :param retried: whether it is asked again.
    :param waits: whether the client has to end it by its own deadline, which is short then.
    :param tls: what the server speaks TLS with: C("good"), or another name that C(tls.contexts) knows.
    :param host: where the server listens.
    :param options: options of the collection. In texts, {port} stands for the server's port, {folder} for a folder with
        the certificates that C(tls.write) describes.
    :param environ: variables of the environment, likewise. Such rows run one after the other.
    :param says: what the message must hold.
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
    says: str = ""


def encoded(data: Any, **envelope: Any) -> bytes:
    """Return the envelope of a success."""
    return json.dumps({"success": True, "data": data, **envelope}).encode()


def http(status: int | str, body: bytes = b"", *headers: str, length: bool = True) -> bytes:
    """Return an answer, with the length of its body unless told otherwise."""
    lines = [f"HTTP/1.1 {status} Words" if isinstance(status, int) else status, *headers]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogatepass") + body


def says(data: bytes) -> Play:
    """Read a request, send data, and close; on each connection."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.send(data)

    return play


def answers(*bodies: bytes) -> Play:
    """Answer the requests of a connection with one body after the other, each a 200."""

    def play(peer: Peer) -> None:
        for body in bodies:
            peer.request()
            peer.send(http(200, body))

    return play


def then(start: bytes, end: str) -> Play:
    """Send a start, and then do what the end says."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.send(start)
        getattr(peer, end)()

    return play


def dripped(start: bytes, rest: bytes) -> Play:
    """Send a start, and then the rest a byte at a time."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.send(start)
        peer.drip(rest)

    return play


def flooded(start: bytes, flood: bytes) -> Play:
    """Send a start, and then the same without an end."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.send(start)
        peer.flood(flood)

    return play


def raw(name: str, data: bytes, kinds: str = "bad_response", *, retried: bool = False) -> Fault:
    """Return the row of an answer that is sent as it is."""
    return Fault(name, says(data), kinds, retried=retried)


HEALTHY = http(200, encoded(RECORD))
"""The answer that nothing is wrong with."""
