# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serve on the loopback, with a scripted behavior on each connection."""

from __future__ import annotations

import contextlib
import functools
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from .fault import Peer, Play

_HEAD_LIMIT = 1 << 20


class _InnerTLS:
    """Run TLS inside TLS, like an https proxy. The ssl module cannot wrap a socket twice."""

    def __init__(self, outer: socket.socket, context: ssl.SSLContext) -> None:
        self._outer = outer
        self._received, self._to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._received, self._to_send, server_side=True)
        self._run(self._tls.do_handshake)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outer, name)

    def recv(self, size: int) -> bytes:
        return bytes(self._run(lambda: self._tls.read(size)))

    def sendall(self, data: bytes) -> None:
        self._run(lambda: self._tls.write(data))

    def _run(self, step: Callable[[], Any]) -> Any:
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:  # noqa: PERF203  # a MemoryBIO requests data this way
                self._outer.sendall(self._to_send.read())
                data = self._outer.recv(1 << 14)
                if not data:
                    self._received.write_eof()
                self._received.write(data)
            else:
                self._outer.sendall(self._to_send.read())
                return result


class Connection(Peer):
    """Implement the server side of one connection.

    :param number: the number of earlier connections.
    :param stopped: an event that is set when the server must stop.
    """

    def __init__(self, sock: socket.socket, number: int, port: int, stopped: threading.Event) -> None:
        self.sock: Any = sock
        self._context: ssl.SSLContext | None = None
        self.number = number
        self.port = port
        self._stopped = stopped

    def request(self) -> str:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self.sock.recv(1)
            if not byte or len(head) > _HEAD_LIMIT:
                raise ConnectionError("no whole request came")
            head += byte
        return head.decode("latin-1")

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes, pace: float = 0.1) -> None:
        for byte in data:
            self.send(bytes((byte,)))
            if self._stopped.wait(pace):
                return

    def flood(self, data: bytes) -> None:
        while not self._stopped.is_set():
            self.send(data)

    def silence(self) -> None:
        # The client closes the connection, or the server stops: both close the socket.
        while self.sock.recv(4096):
            pass

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def half_close(self) -> None:
        self.sock.shutdown(socket.SHUT_WR)

    def start_tls(self, context: ssl.SSLContext) -> None:
        # In two steps, so that the connection can be closed cleanly when the handshake fails.
        self._context = context
        secure = context.wrap_socket(self.sock, server_side=True, do_handshake_on_connect=False)
        self.sock = secure
        secure.do_handshake()

    def start_inner_tls(self) -> None:
        if self._context is None:
            raise ValueError("the connection has no TLS for this to be inside of")
        self.sock = _InnerTLS(self.sock, self._context)


class Server:
    """Listen on a free port, and run the play in a thread for each connection. Use it as a context manager.

    :param tls: the context for TLS from the first byte.
    """

    def __init__(self, play: Play, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self._play = play
        self._tls = tls
        self._stopped = threading.Event()
        self._live: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self.accepted = 0
        self._listener = socket.create_server(
            (host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=512
        )
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections, and wait until all threads have ended."""
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for sock in self._live:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(10)

    def _start(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name="fault", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _address = self._listener.accept()
                # A second file descriptor to close it from another thread, because TLS detaches the first one.
                handle = sock.dup()
                with self._lock:
                    self._live.add(handle)
                connection = Connection(sock, self.accepted, self.port, self._stopped)
                self.accepted += 1
                self._start(functools.partial(self._serve, connection, handle))

    def _serve(self, connection: Connection, handle: socket.socket) -> None:
        try:
            # The client may close the connection early, so connection errors are expected.
            with contextlib.suppress(OSError, ValueError):
                if self._tls:
                    connection.start_tls(self._tls)
                self._play(connection)
        finally:
            # Unread bytes at closing would make the kernel send a reset, which may discard sent data.
            with contextlib.suppress(OSError, ValueError):
                connection.half_close()
            with contextlib.suppress(OSError, ValueError):
                connection.sock.settimeout(5)
                connection.silence()
            connection.sock.close()
            with self._lock:
                self._live.discard(handle)
            handle.close()
