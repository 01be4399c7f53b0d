# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The running service: answers, on a socket, with a memory of what it was asked."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .scenario import BUILT_IN, Trunk
from .server import Head, Reply, Server
from .service import BASE, Body, Service
from .window import Window

if TYPE_CHECKING:
    from typing_extensions import Self

TOKEN = "talq_emulator"


@dataclass(frozen=True)
class Request:
    """A request that was answered."""

    method: str
    path: str
    """Percent-encoded as received, without the query."""
    query: str
    headers: dict[str, str] = field(repr=False)
    """Names in lower case. The token is among them, hence not in the C(repr)."""
    status: int
    """What was answered."""
    time: float
    """When it came, in seconds of C(time.monotonic)."""


class Emulator:
    """The Talkover SIP trunk API on the loopback interface, running from here until it is closed.

    It is its own context manager. Everything may be left out, and all of it may be changed while it runs.

    Args:
        trunks: As described in the module C(scenario); the built-in ones when left out.
        token: The one Bearer token that is right.
        limit: Requests in a rate window, at least 1.
        window: Length of a rate window in seconds.
        latency: Seconds to wait before each answer.
        certfile: Speak TLS with this certificate chain (PEM).
        keyfile: Its key, unless that is in the same file.
        client_ca: With TLS, let in only clients with a certificate of this authority (PEM).
        error_shape: 1 to 4, which of the API's documented error shapes to use.
        page_size: Trunks on a page of the list when the request has no C(per_page). None: one page, without C(meta).
        reset: Unit of C(X-RateLimit-Reset): C(seconds) from now, or C(epoch), the Unix time.
        host: Address to listen on.
        port: Port to listen on; 0 lets the system choose.
        log: Append each request to this file as a line of JSON, without the token.

    Raises:
        ValueError: One of them is not possible (C(ScenarioError) for the trunks).
        OSError: The address cannot be listened on, or a file cannot be used.
    """

    def __init__(
        self,
        *,
        trunks: Iterable[Mapping[str, Any]] | None = None,
        token: str = TOKEN,
        limit: int = 100,
        window: float = 60.0,
        latency: float = 0.0,
        certfile: str | None = None,
        keyfile: str | None = None,
        client_ca: str | None = None,
        error_shape: int = 1,
        page_size: int | None = None,
        reset: str = "seconds",
        host: str = "127.0.0.1",
        port: int = 0,
        log: str | None = None,
    ) -> None:
        self.service = Service(
            BUILT_IN if trunks is None else trunks,
            token,
            Window(limit, window),
            error_shape=error_shape,
            page_size=page_size,
            reset=reset,
        )
        self.token = token
        self.latency = latency
        self.requests: list[Request] = []
        self.peak = 0
        self._in_flight = 0
        self._log = Path(log) if log else None
        if self._log:
            self._log.touch()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = Server(host, port, self._reply, _tls(certfile, keyfile, client_ca) if certfile else None)
        address = f"[{host}]" if ":" in host else host
        self.url = f"{'https' if certfile else 'http'}://{address}:{self._server.port}{BASE}"

    @property
    def trunks(self) -> dict[str, Trunk]:
        """ID → trunk. What is put in, taken out or changed here is so from the next answer on."""
        return self.service.trunks

    def fail_next(
        self,
        path_suffix: str,
        *,
        status: int = 500,
        body: Body = None,
        headers: Mapping[str, str] | None = None,
        times: int = 1,
    ) -> None:
        """Answer the next requests whose path ends so in another way, see C(Service.fail_next)."""
        self.service.fail_next(path_suffix, status=status, body=body, headers=headers, times=times)

    def close(self) -> None:
        """End every connection, and return when nothing is left running. A second time does nothing."""
        if not self._closing.is_set():
            self._closing.set()
            self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _reply(self, head: Head) -> Reply:
        start = time.monotonic()
        with self._lock:
            self._in_flight += 1
            self.peak = max(self.peak, self._in_flight)
        try:
            token = _bearer(head.headers)
            answer = self.service.answer(head.method, head.path, head.query, token)
            if self.latency and self._closing.wait(self.latency):
                raise ConnectionAbortedError("Closed before it was time to answer.")
            # Before the client has the answer: it may look here, or ask again, as soon as it does.
            self.requests.append(Request(head.method, head.path, head.query, head.headers, answer.status, start))
            if self._log:
                self._write_log(self._log, head, answer.status, self.service.authorized(token))
            return answer.status, answer.headers, answer.body
        finally:
            with self._lock:
                self._in_flight -= 1

    def _write_log(self, log: Path, head: Head, status: int, authorized: bool) -> None:
        entry = {
            "at": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            "method": head.method,
            "path": head.path,
            "query": head.query,
            "status": status,
            "authorized": authorized,
        }
        # A client's mistake may have put the token into the URL, too.
        line = json.dumps(entry).replace(self.token, "***")
        with self._lock, log.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")


def _bearer(headers: Mapping[str, str]) -> str | None:
    scheme, _space, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _tls(certfile: str, keyfile: str | None, client_ca: str | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certfile, keyfile)
        if client_ca:
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except OSError as error:
        # OpenSSL does not say which file it could not use.
        files = ", ".join(file for file in (certfile, keyfile, client_ca) if file)
        raise OSError(f"Cannot speak TLS with {files}: {error}.") from error
    return context
