# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Limit the time and the size of an attempt, with sockets that check a deadline.

``timeout=`` of requests limits each read, so a server that sends one byte a second can block a caller forever. These
sockets check, before each wait, the time and the bytes that are left for the attempt of the current thread.
"""

from __future__ import annotations

import contextlib
import io
import queue
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any

from ._errors import AttemptFailed
from ._options import is_loopback
from ._text import sanitize


class DeadlinePassed(Exception):
    """Report that an attempt timed out. Not an OSError, so that the HTTP libraries do not handle it."""


class TooLarge(Exception):
    """Report that a response exceeds the size limit."""


class Deadline:
    """Track the time and the bytes that are left for one attempt.

    :param seconds: the maximum duration, from now to the last byte.
    :param size: the maximum number of bytes to receive, including headers.
    :param loopback_only: whether to refuse connections to other than loopback addresses.
    """

    __slots__ = ("_deadline", "_size", "last_socket", "loopback_only", "phase")

    phase: str
    """The current phase of the attempt, for timeout messages."""
    last_socket: BoundedSocket | None
    """The socket that last received data. None means that no socket of this module received any."""

    def __init__(self, seconds: float, size: int, *, loopback_only: bool = False) -> None:
        self._deadline = time.monotonic() + seconds
        self._size = size
        self.loopback_only = loopback_only
        self.last_socket = None
        self.phase = "while connecting"

    def seconds_left(self) -> float:
        """Return the seconds that are left.

        :raises DeadlinePassed: when there are none.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise DeadlinePassed
        return left

    def count(self, sock: BoundedSocket, size: int) -> None:
        """Record that a socket received data.

        :raises TooLarge: when the attempt received more than the size limit.
        """
        self.last_socket = sock
        self._size -= size
        if self._size < 0:
            raise TooLarge


_of_thread = threading.local()


@contextlib.contextmanager
def deadline(seconds: float, size: int, *, loopback_only: bool = False) -> Iterator[Deadline]:
    """Set the deadline for all sockets of this module in the current thread."""
    _of_thread.deadline = current = Deadline(seconds, size, loopback_only=loopback_only)
    try:
        yield current
    finally:
        del _of_thread.deadline


def in_deadline() -> bool:
    """Return whether the current thread has a deadline."""
    return hasattr(_of_thread, "deadline")


@contextlib.contextmanager
def _bounded(sock: socket.socket) -> Iterator[Deadline]:
    current: Deadline = _of_thread.deadline
    sock.settimeout(current.seconds_left())
    try:
        yield current
    except socket.timeout:
        raise DeadlinePassed from None


class _Reader(io.BufferedReader):
    """Read one response, and mark the socket when data follows the response."""

    def __init__(self, sock: BoundedSocket, raw: io.RawIOBase) -> None:
        super().__init__(raw)
        self._sock = sock

    def close(self) -> None:
        if not self.closed:
            self._sock.drain_only = True
            self._sock.beyond = bool(self.peek())
            self._sock.drain_only = False
        super().close()


class BoundedSocket(socket.socket):
    """A socket that keeps the deadline of the current thread."""

    drain_only = False
    """Whether reads return no new data, so that only buffered data is left."""
    beyond = False
    """Whether more data than the requested response arrived."""
    _reader: weakref.ref[_Reader] | None = None

    def has_unread_data(self) -> bool:
        """Return whether data was received that no response has used."""
        return self.beyond

    def makefile(self, *_args: Any, **_kwargs: Any) -> Any:
        """Return the file object that http.client reads a response from."""
        reader = _Reader(self, super().makefile("rb", buffering=0))
        self._reader = weakref.ref(reader)
        return reader

    def close_reader(self) -> None:
        """Close the file object of the last response, if it is still open."""
        reader = self._reader and self._reader()
        if reader:
            reader.close()

    def connect(self, address: Any) -> None:
        with _bounded(self):
            super().connect(address)

    def sendall(self, *args: Any) -> None:
        with _bounded(self) as current:
            current.phase = "while sending the request"
            super().sendall(*args)
        current.phase = "while waiting for the response headers"

    def recv(self, *args: Any) -> bytes:
        with _bounded(self) as current:
            data = super().recv(*args)
        current.count(self, len(data))
        return data

    def recv_into(self, *args: Any) -> int:
        if self.drain_only:
            return 0
        with _bounded(self) as current:
            size = super().recv_into(*args)
        current.count(self, size)
        return size


class BoundedTLSSocket(BoundedSocket, ssl.SSLSocket):
    """A TLS socket that keeps the deadline of the current thread."""

    def has_unread_data(self) -> bool:
        """Return whether data was received that no response has used."""
        return self.beyond or self.pending() > 0

    def do_handshake(self, block: bool = False) -> None:
        with _bounded(self) as current:
            current.phase = "during the TLS handshake"
            super().do_handshake(block)


def _resolve(host: str, port: int, seconds: float) -> list[Any]:
    # The system's resolver has no timeout, so it runs in a thread, which is abandoned at the deadline.
    results: queue.SimpleQueue[list[Any] | Exception] = queue.SimpleQueue()

    def resolve() -> None:
        try:
            results.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            results.put(error)
        except UnicodeError:
            results.put(socket.gaierror(socket.EAI_NONAME, "not a valid name"))

    try:
        threading.Thread(target=resolve, name="talkover-resolver", daemon=True).start()
    except RuntimeError:
        raise OSError("the system allows no further thread") from None
    try:
        result = results.get(timeout=seconds)
    except queue.Empty:
        raise DeadlinePassed from None
    if isinstance(result, Exception):
        raise result
    return result


def _loopback_only(host: str, addresses: list[Any]) -> list[Any]:
    # A name such as localhost can resolve to another machine, which must not receive even a connection request.
    allowed = [address for address in addresses if is_loopback(address[4][0])]
    if addresses and not allowed:
        raise AttemptFailed(
            "config",
            f"{sanitize(host, 80)} resolves to {addresses[0][4][0]}, which is not a loopback address, and http:// is "
            "for the loopback only",
            "Use https://, or correct the DNS of this machine.",
        )
    return allowed


def connect(host: str, port: int, socket_options: Any) -> BoundedSocket:
    """Connect to the first address of a host that accepts a connection.

    :raises AttemptFailed: kind C(config), when the attempt is limited to the loopback and the host is elsewhere.
    """
    current: Deadline = _of_thread.deadline
    current.phase = "during the name lookup"
    addresses = _resolve(host.strip("[]"), port, current.seconds_left())
    current.phase = "while connecting"
    if current.loopback_only:
        addresses = _loopback_only(host, addresses)
    failure: Exception = socket.gaierror(socket.EAI_NONAME, "the name has no address")
    for position, (family, kind, protocol, _name, address) in enumerate(addresses):
        sock = BoundedSocket(family, kind, protocol)
        try:
            for option in socket_options or ():
                sock.setsockopt(*option)
            if position < len(addresses) - 1:
                # An unresponsive first address must leave time for the next one.
                sock.settimeout(current.seconds_left() / (len(addresses) - position))
                socket.socket.connect(sock, address)
            else:
                sock.connect(address)
            return sock
        except BaseException as error:
            sock.close()
            if not isinstance(error, OSError):
                raise
            failure = error
    raise failure
