# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP/1.1 on a socket: as much of it as a client of the API can see, and nothing of what the API answers.

Not C(http.server): that parses headers as e-mail and sends them apart from the body, which costs more than all the
rest, and the emulator is what the collection's own speed is measured against.
"""

from __future__ import annotations

import contextlib
import io
import selectors
import socket
import ssl
import threading
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

LINE = 65536
HEADERS = 200
BODY = 1 << 20

# Status, headers, body.
Reply = tuple[int, dict[str, str], bytes]


class Head(NamedTuple):
    """The head of a request."""

    method: str
    path: str
    """Percent-encoded as received, without the query."""
    query: str
    headers: dict[str, str]
    """Names in lower case; of a name that came twice, both values, with a comma between them."""
    keep_alive: bool


class _MalformedError(Exception):
    """What came is not a request of HTTP/1; the connection cannot be used any further."""


class Server:
    """A listening socket, and a thread for each connection to it.

    Args:
        host: Address to listen on; with a colon in it, IPv6.
        port: Port to listen on; 0 lets the system choose.
        reply: Called for each request, in the thread of its connection; it may block.
        context: Speak TLS with this.

    Raises:
        ValueError: There is no such port.
        OSError: The address cannot be listened on.
    """

    def __init__(
        self, host: str, port: int, reply: Callable[[Head], Reply], context: ssl.SSLContext | None = None
    ) -> None:
        if not 0 <= port <= 65535:
            raise ValueError("A port is a number from 0 to 65535.")
        self._reply = reply
        self._context = context
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=1024)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        # Closing a socket does not wake up whoever waits for it on every system; a byte through this pair does.
        self._stop, self._stopped = socket.socketpair()
        # The acceptor's alone while it runs, close()'s after that: no lock.
        self._connections: list[tuple[socket.socket, threading.Thread]] = []
        self._acceptor = threading.Thread(target=self._accept, name="emulator", daemon=True)
        self._acceptor.start()

    def close(self) -> None:
        """Stop listening, end every connection, and return once all threads have ended."""
        self._stop.send(b".")
        self._acceptor.join()
        for connection, _thread in self._connections:
            with contextlib.suppress(OSError):  # The client may be faster.
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
                if any(key.fileobj is self._stopped for key, _events in selector.select()):
                    return
                try:
                    connection, _address = self._listener.accept()
                except OSError:
                    continue  # The client went away before it was let in.
                self._start(connection)

    def _start(self, connection: socket.socket) -> None:
        try:
            connection.setblocking(True)
            # Without it, Nagle's algorithm and the client's delayed acknowledgement hold answers back for 40 ms.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context:
                # The handshake belongs in the connection's own thread: a client that stalls in it must stall alone.
                connection = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        except OSError:
            connection.close()
            return
        thread = threading.Thread(target=self._serve, args=(connection,), name="emulator-connection", daemon=True)
        thread.start()
        # Those that ended are forgotten here and not by themselves, so that close() returns after their last step, too.
        self._connections = [known for known in self._connections if known[1].is_alive()]
        self._connections.append((connection, thread))

    def _serve(self, connection: socket.socket) -> None:
        # What is suppressed: the client broke off or failed the handshake, or close() came while the socket was in use.
        with connection:
            with contextlib.suppress(OSError):
                if isinstance(connection, ssl.SSLSocket):
                    connection.do_handshake()
                with connection.makefile("rb") as stream:
                    while self._exchange(connection, stream):
                        pass
            with contextlib.suppress(OSError):
                _hang_up(connection)

    def _exchange(self, connection: socket.socket, stream: io.BufferedReader) -> bool:
        """Answer one request; whether another may follow on this connection."""
        try:
            head = _read_head(stream)
        except _MalformedError:
            connection.sendall(_encode(400, {"Connection": "close"}, b"", with_body=True))
            return False
        if head is None:
            return False
        status, headers, body = self._reply(head)
        keep_alive = head.keep_alive and not any(name.lower() == "content-length" for name in headers)
        if not keep_alive:
            headers = {**headers, "Connection": "close"}
        connection.sendall(_encode(status, headers, body, with_body=head.method != "HEAD"))
        return keep_alive


def _hang_up(connection: socket.socket) -> None:
    """End our side, and read on until the client ends its own, for a second at most.

    A socket that is closed with bytes unread resets the connection, and a reset may overtake the last answer or TLS
    alert: clients would see now the reason, now a broken connection. Raw bytes will do, under TLS too.
    """
    socket.socket.shutdown(connection, socket.SHUT_WR)
    connection.settimeout(1.0)
    while socket.socket.recv(connection, LINE):
        pass


def _read_head(stream: io.BufferedReader) -> Head | None:
    """Read a request up to its end; None when the client has sent its last one."""
    line = stream.readline(LINE)
    if not line:
        return None
    words = line.decode("latin-1").split()
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise _MalformedError
    method, target, version = words
    headers: dict[str, str] = {}
    for _count in range(HEADERS):
        line = stream.readline(LINE)
        if line in (b"\r\n", b"\n"):
            break
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not line.endswith(b"\n"):
            raise _MalformedError
        name, value = name.lower(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    else:
        raise _MalformedError
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > BODY:
        raise _MalformedError
    stream.read(int(length))
    if not target.startswith("/"):
        # A client that takes this server for a proxy names the whole URL.
        parts = urlsplit(target)
        target = f"{parts.path}?{parts.query}"
    path, _mark, query = target.partition("?")
    keep_alive = (
        version == "HTTP/1.1"
        and headers.get("connection", "").lower() != "close"
        and "transfer-encoding" not in headers
    )
    return Head(method, path, query, headers, keep_alive)


def _encode(status: int, headers: dict[str, str], body: bytes, with_body: bool) -> bytes:
    """Write the whole answer in one piece, so that it leaves in one packet where it fits."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Scripted"
    lines = [f"HTTP/1.1 {status} {phrase}", f"Date: {formatdate(usegmt=True)}", "Server: talkover-emulator"]
    if not any(name.lower() == "content-length" for name in headers):
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (body if with_body else b"")
