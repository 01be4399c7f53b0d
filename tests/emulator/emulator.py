# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the emulator: serve the API on a socket, and record the requests."""

from __future__ import annotations

import ssl
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .access_log import AccessLog
from .http1 import Head, Response
from .scenario import BUILT_IN, Trunk
from .server import Server
from .service import BASE, Body, Service
from .window import Window

if TYPE_CHECKING:
    from typing_extensions import Self

TOKEN = "talq_emulator"


@dataclass(frozen=True)
class Request:
    """Hold a request that got a response."""

    method: str
    path: str
    """Percent-encoded as received, without the query."""
    query: str
    headers: dict[str, str] = field(repr=False)
    """Names in lower case. The token is among them, hence not in the C(repr)."""
    status: int
    """Status of the response."""
    time: float
    """Time of arrival, in seconds of C(time.monotonic)."""


class Emulator:
    """Serve the Talkover SIP trunk API until C(close) is called. Use it with C(with).

    Attributes:
        url: What to set as C(TALKOVER_API_URL).
        token: What to set as C(TALKOVER_TOKEN).
        requests: The last requests that got a response, oldest first, without bodies.
        peak: The highest number of requests in progress at one time.

    Args:
        trunks: As described in the module C(scenario); the built-in ones by default.
        token: The only valid Bearer token.
        limit: Requests in a rate window, at least 1.
        window: Length of a rate window in seconds.
        latency: Seconds to wait before each response.
        certfile: Use TLS with this certificate chain (PEM).
        keyfile: Its key, unless that is in the same file.
        client_ca: With TLS, accept only clients with a certificate of this authority (PEM).
        error_shape: 1 to 4, which of the API's documented error shapes to use.
        page_size: Trunks on a page of the list when the request has no C(per_page). None: one page, without C(meta).
        reset: Unit of C(X-RateLimit-Reset): C(seconds) from now, or C(epoch), the Unix time.
        host: Address to listen on. One that is not a loopback address causes a warning on stderr.
        port: Port to listen on; 0 lets the system choose.
        log: Append each request to this file as a line of JSON, without the token.
        verbose: Write a line for each request to stderr, without the token.
        keep_requests: How many C(requests) to keep, at least 1.
        timeout: Seconds that a client may take to send a request or to read a response, or stay idle.
        max_connections: Concurrent connections. Further clients wait until one ends.

    Raises:
        ValueError: An argument is out of range (C(ScenarioError) for the trunks).
        OSError: The emulator cannot listen on the address (C(AddressInUseError)), or a file cannot be used.
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
        verbose: bool = False,
        keep_requests: int = 1000,
        timeout: float = 30.0,
        max_connections: int = 256,
    ) -> None:
        if keep_requests < 1:
            raise ValueError("At least 1 request must be kept.")
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
        self._keep_requests = keep_requests
        self._log = AccessLog(token, log, verbose)
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = Server(
            host,
            port,
            self._respond,
            self._log.write_rejected,
            _tls(certfile, keyfile, client_ca) if certfile else None,
            timeout=timeout,
            max_connections=max_connections,
        )
        if not self._server.is_loopback:
            _warn_not_loopback(host, encrypted=bool(certfile))
        address = f"[{host}]" if ":" in host else host
        self.url = f"{'https' if certfile else 'http'}://{address}:{self._server.port}{BASE}"

    @property
    def trunks(self) -> dict[str, Trunk]:
        """Map IDs to trunks. A change takes effect with the next response."""
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
        """Change the responses to the next requests whose path ends with this suffix, see C(Service.fail_next)."""
        self.service.fail_next(path_suffix, status=status, body=body, headers=headers, times=times)

    def close(self) -> None:
        """End every connection, and return when all threads have ended. A second call does nothing."""
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

    def _respond(self, head: Head) -> Response:
        start = time.monotonic()
        with self._lock:
            self._in_flight += 1
            self.peak = max(self.peak, self._in_flight)
        try:
            token = _bearer(head.headers)
            answer = self.service.answer(head.method, head.path, head.query, token)
            if self.latency and self._closing.wait(self.latency):
                raise ConnectionAbortedError("Closed before it was time to answer.")
            # Recorded before the response is sent, because the client may read the records right after it.
            self._remember(Request(head.method, head.path, head.query, head.headers, answer.status, start))
            self._log.write(head, answer.status, self.service.authorized(token), time.monotonic() - start)
            return answer.status, answer.headers, answer.body
        finally:
            with self._lock:
                self._in_flight -= 1

    def _remember(self, request: Request) -> None:
        with self._lock:
            self.requests.append(request)
            del self.requests[: -self._keep_requests]


def _warn_not_loopback(host: str, encrypted: bool) -> None:
    lines = [f"Warning: {host or '0.0.0.0'} is not a loopback address: other machines can reach the emulator."]
    if not encrypted:
        lines.append("The collection refuses http:// to other machines. Add a certificate (--cert) to use https://.")
    print("\n".join(lines), file=sys.stderr, flush=True)


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
        # The error of OpenSSL does not name the file.
        files = ", ".join(file for file in (certfile, keyfile, client_ca) if file)
        raise OSError(f"Cannot speak TLS with {files}: {error}.") from error
    return context
