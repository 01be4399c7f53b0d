# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Sockets that know when an attempt must be over.

``timeout=`` of requests bounds each read, so a server that drips a byte a second holds a caller for ever. Here every
socket asks, before it waits, how much is left to the attempt of its thread, in time and in bytes.
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
    """The attempt took longer than it may. No OSError, so that no library below takes it for one of its own."""


class TooLarge(Exception):
    """The answer is larger than it may be."""


class Deadline:
    """What is left to one attempt.

    :param seconds: how long it may take, from now to the last byte.
    :param size: how many bytes it may receive, headers included.
    :param loopback_only: whether it may connect to loopback addresses only.
    """

    __slots__ = ("_deadline", "_size", "last_socket", "loopback_only", "phase")

    phase: str
    """What the attempt is doing, as the end of a sentence on a timeout."""
    last_socket: BoundedSocket | None
    """The socket that received data last. None means that no data came through the sockets of this module."""

    def __init__(self, seconds: float, size: int, *, loopback_only: bool = False) -> None:
        self._deadline = time.monotonic() + seconds
        self._size = size
        self.loopback_only = loopback_only
        self.last_socket = None
        self.phase = "while connecting"

    def seconds_left(self) -> float:
        """:raises DeadlinePassed: when there are none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise DeadlinePassed
        return left

    def count(self, sock: BoundedSocket, size: int) -> None:
        """Record that a socket received data.

        :raises TooLarge: when more bytes came than may.
        """
        self.last_socket = sock
        self._size -= size
        if self._size < 0:
            raise TooLarge


_of_thread = threading.local()


@contextlib.contextmanager
def deadline(seconds: float, size: int, *, loopback_only: bool = False) -> Iterator[Deadline]:
    """Bound all that the sockets of this module do in this thread."""
    _of_thread.deadline = current = Deadline(seconds, size, loopback_only=loopback_only)
    try:
        yield current
    finally:
        del _of_thread.deadline


def in_deadline() -> bool:
    """Say whether an attempt is going on in this thread."""
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
    """Reads one answer, and tells its socket whether there was something behind it."""

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
    """A socket that waits no longer than the attempt of its thread may take."""

    drain_only = False
    """Whether reading finds nothing, so that only what was read already can be had."""
    beyond = False
    """Whether more came than the answer that was asked for."""
    _reader: weakref.ref[_Reader] | None = None

    def has_unread_data(self) -> bool:
        """Return whether data was received that no response has used."""
        return self.beyond

    def makefile(self, *_args: Any, **_kwargs: Any) -> Any:
        """Give what http.client reads an answer from."""
        reader = _Reader(self, super().makefile("rb", buffering=0))
        self._reader = weakref.ref(reader)
        return reader

    def close_reader(self) -> None:
        """Close what the last answer was read from, if somebody still has it."""
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
    """The same with TLS."""

    def has_unread_data(self) -> bool:
        """Return whether data was received that no response has used."""
        return self.beyond or self.pending() > 0

    def do_handshake(self, block: bool = False) -> None:
        with _bounded(self) as current:
            current.phase = "during the TLS handshake"
            super().do_handshake(block)


def _resolve(host: str, port: int, seconds: float) -> list[Any]:
    # The system's resolver knows no deadline. What it has not answered in time is left to a thread that ends with it.
    answers: queue.SimpleQueue[list[Any] | Exception] = queue.SimpleQueue()

    def resolve() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            answers.put(error)
        except UnicodeError:
            answers.put(socket.gaierror(socket.EAI_NONAME, "not a valid name"))

    try:
        threading.Thread(target=resolve, name="talkover-resolver", daemon=True).start()
    except RuntimeError:
        raise OSError("the system allows no further thread") from None
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise DeadlinePassed from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _loopback_only(host: str, addresses: list[Any]) -> list[Any]:
    # A name such as localhost can resolve to another machine. Nothing is sent there, not even a connection request.
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
    """Connect to the first address of a host that answers.

    :raises AttemptFailed: kind C(config), when the attempt is for the loopback only and the host is not on it.
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
                # A first address that swallows packets must leave time for the next.
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
