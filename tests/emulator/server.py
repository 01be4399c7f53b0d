# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Listen on a socket and serve each connection in a thread."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable

from .http1 import BadRequestError, Head, Response, Stream, encode, read_request

_HANG_UP_SECONDS = 1.0


class AddressInUseError(OSError):
    """Another process listens on the port."""


class Server:
    """A listening socket, and a thread for each connection.

    Args:
        host: Address to listen on; with a colon in it, IPv6.
        port: Port to listen on; 0 lets the system choose.
        respond: Called for each request, in the thread of its connection; it may block.
        reject: Called with status and reason for each request that is malformed, too large or too slow.
        context: Use TLS with this context.
        timeout: Seconds that a client may take for the TLS handshake, for one request, and for reading one response,
            and that a connection may be idle.
        max_connections: Concurrent connections. Further clients wait until one ends.

    Raises:
        ValueError: An argument is out of range.
        AddressInUseError: Another process listens on the port.
        OSError: The server cannot listen on the address.
    """

    def __init__(
        self,
        host: str,
        port: int,
        respond: Callable[[Head], Response],
        reject: Callable[[int, str], None],
        context: ssl.SSLContext | None = None,
        *,
        timeout: float = 30.0,
        max_connections: int = 256,
    ) -> None:
        if not 0 <= port <= 65535:
            raise ValueError("A port is a number from 0 to 65535.")
        if timeout <= 0 or max_connections < 1:
            raise ValueError("The timeout must be more than 0 seconds, and at least 1 connection must be allowed.")
        self._respond = respond
        self._reject = reject
        self._context = context
        self._timeout = timeout
        self._listener = _listen(host, port)
        address = self._listener.getsockname()
        self.port: int = address[1]
        self.is_loopback = ipaddress.ip_address(address[0]).is_loopback
        # Closing a socket does not wake up the thread that waits for it on every system; a byte through this pair does.
        self._stop, self._stopped = socket.socketpair()
        # One for each connection, and one for the acceptor while it waits for the next.
        self._slots = threading.Semaphore(max_connections)
        # Used by the acceptor while it runs, by close() after that: no lock.
        self._connections: list[tuple[socket.socket, threading.Thread]] = []
        self._acceptor = threading.Thread(target=self._accept, name="emulator", daemon=True)
        self._acceptor.start()

    def close(self) -> None:
        """Stop listening, end every connection, and return once all threads have ended."""
        self._stop.send(b".")
        self._slots.release()  # The acceptor may be waiting for one.
        self._acceptor.join()
        for connection, _thread in self._connections:
            with contextlib.suppress(OSError):  # The client may have closed it already.
                # Not the method of SSLSocket: it takes the TLS state away from the thread that is using it.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        for _connection, thread in self._connections:
            thread.join()
        self._stop.close()
        self._stopped.close()

    def _accept(self) -> None:
        with self._listener, selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._stopped, selectors.EVENT_READ)
            while True:
                self._slots.acquire()
                if any(key.fileobj is self._stopped for key, _events in selector.select()):
                    return
                if not self._accept_one():
                    self._slots.release()
                    # The cause may last, such as a lack of file descriptors.
                    time.sleep(0.01)

    def _accept_one(self) -> bool:
        try:
            connection, _address = self._listener.accept()
        except OSError:
            return False
        try:
            connection.setblocking(True)
            # Without it, Nagle's algorithm and the client's delayed acknowledgement delay responses by 40 ms.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context:
                # The handshake belongs in the connection's own thread: a client that stalls in it must stall alone.
                connection = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            thread = threading.Thread(target=self._serve, args=(connection,), name="emulator-connection", daemon=True)
            thread.start()
        except (OSError, RuntimeError):  # RuntimeError: the system allows no further thread.
            connection.close()
            return False
        # Removed here and not by the threads themselves, so that close() can join each one.
        self._connections = [known for known in self._connections if known[1].is_alive()]
        self._connections.append((connection, thread))
        return True

    def _serve(self, connection: socket.socket) -> None:
        try:
            # OSError: the client broke off, failed the handshake or was idle for too long, or close() was called.
            with connection:
                with contextlib.suppress(OSError):
                    connection.settimeout(self._timeout)
                    if isinstance(connection, ssl.SSLSocket):
                        connection.do_handshake()
                    stream = Stream(connection, self._timeout)
                    while self._exchange(stream):
                        pass
                with contextlib.suppress(OSError):
                    _hang_up(connection)
        finally:
            self._slots.release()

    def _exchange(self, stream: Stream) -> bool:
        """Answer one request; return whether another may follow on this connection."""
        try:
            head = read_request(stream)
        except BadRequestError as error:
            self._reject(error.status, error.reason)
            headers = {"Connection": "close", "Content-Type": "text/plain"}
            stream.send(encode((error.status, headers, f"{error.reason}\n".encode()), with_body=True))
            return False
        if head is None:
            return False
        status, headers, body = self._respond(head)
        scripted_length = any(name.lower() == "content-length" for name in headers)
        keep_alive = head.keep_alive and not scripted_length and self._has_free_slot()
        if not keep_alive:
            headers = {**headers, "Connection": "close"}
        stream.send(encode((status, headers, body), with_body=head.method != "HEAD"))
        return keep_alive

    def _has_free_slot(self) -> bool:
        # Without one, an idle connection would keep other clients waiting.
        if self._slots.acquire(blocking=False):
            self._slots.release()
            return True
        return False


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise AddressInUseError(error.errno, f"port {port} on {host} is already in use") from error
        raise
    listener.setblocking(False)
    return listener


def _hang_up(connection: socket.socket) -> None:
    """End our side, and read until the client ends its own, for a second at most.

    Closing a socket with unread bytes resets the connection, and a reset may overtake the last response or TLS alert:
    clients would sometimes see the reason and sometimes a broken connection. Raw bytes will do, under TLS too.
    """
    deadline = time.monotonic() + _HANG_UP_SECONDS
    socket.socket.shutdown(connection, socket.SHUT_WR)
    while (left := deadline - time.monotonic()) > 0:
        connection.settimeout(left)
        if not socket.socket.recv(connection, 65536):
            return
