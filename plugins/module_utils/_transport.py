# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""The way to the service: requests' own adapter, on the sockets of this collection and with one TLS context."""

from __future__ import annotations

import http.client
import logging
import os
import ssl
from typing import Any
from urllib.parse import urlsplit

from ._errors import AttemptFailed, TalkoverError
from ._options import ConnectionOptions
from ._sockets import BoundedSocket, BoundedTLSSocket, Deadline, connect, in_deadline

try:
    import requests.utils
    import urllib3
    import urllib3.connection
    import urllib3.connectionpool
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
except Exception as error:  # noqa: BLE001  # a library under the same name can fail to load in any way
    IMPORT_ERROR: Exception | None = error
    # The classes below need something to stand on until Client says what is missing.
    HTTPAdapter = HTTPConnection = HTTPSConnection = object  # type: ignore[assignment,misc]  # never used as such
    HTTPConnectionPool = HTTPSConnectionPool = object  # type: ignore[assignment,misc]  # never used as such
else:
    IMPORT_ERROR = None


def _is_foreign(_record: logging.LogRecord) -> bool:
    return not in_deadline()


# urllib3 logs headers that it cannot read, and what a server echoes in them.
for _logger in ("urllib3.connection", "urllib3.connectionpool"):
    logging.getLogger(_logger).addFilter(_is_foreign)


def libraries() -> str:
    """Name the HTTP libraries with their versions, for messages."""
    name = "urllib3-future" if hasattr(urllib3, "AsyncPoolManager") else "urllib3"
    return f"requests {requests.__version__} with {name} {getattr(urllib3, '__version__', 'of no version')}"


def unsupported(reason: str) -> AttemptFailed:
    """Give the error for HTTP libraries that the time and size limits do not attach to."""
    return AttemptFailed(
        "config",
        f"{libraries()} is not supported, because {reason}",
        "Install the original urllib3, 1.26.5 or newer, and no package that replaces it, such as urllib3-future.",
    )


def check_hooks() -> None:
    """Check that urllib3 has what the limits attach to. A missing hook would switch a limit off without an error.

    :raises AttemptFailed: kind C(config), when something is missing.
    """
    if not issubclass(HTTPConnection, http.client.HTTPConnection):
        raise unsupported("its connections are not those of http.client")
    hooks = (
        (HTTPConnection, "_new_conn"),
        (HTTPSConnection, "_new_conn"),
        (HTTPConnectionPool, "_put_conn"),
        (HTTPSConnectionPool, "_validate_conn"),
        (HTTPConnectionPool, "ConnectionCls"),
        (HTTPConnection("localhost"), "_dns_host"),
        (urllib3.PoolManager(), "pool_classes_by_scheme"),
        (ssl.SSLContext, "sslsocket_class"),
    )
    for owner, hook in hooks:
        if not hasattr(owner, hook):
            raise unsupported(f"it has no {hook}")
    for pool in _POOLS.values():
        if not isinstance(pool("localhost")._get_conn(), _BoundedConnection):  # noqa: SLF001  # what urllib3 itself asks
            raise unsupported("it makes connections of another class")


def check_received(attempt: Deadline, *, tls: bool) -> None:
    """Check that a response came through a socket with limits, and with TLS where that is wanted.

    :raises AttemptFailed: kind C(config), when it did not.
    """
    if not isinstance(attempt.last_socket, BoundedTLSSocket if tls else BoundedSocket):
        raise unsupported("the response did not come through a socket with limits")


def _check_limits(sock: Any) -> None:
    if not isinstance(sock, BoundedSocket):
        raise unsupported("it opens sockets without limits")


class _BoundedConnection:
    # Whoever switches this on for http.client as a whole would have the token printed.
    debuglevel = 0

    def _new_conn(self: Any) -> BoundedSocket:
        try:
            return connect(self._dns_host, self.port, self.socket_options)
        except OSError as error:
            # A reset during the connection urllib3 takes for one during the request, and goes on without a socket.
            raise urllib3.exceptions.NewConnectionError(self, str(error)) from error

    def send(self: Any, data: Any) -> None:
        """Send, but only over a socket with limits, on which nothing is left to read."""
        if self.sock is None and self.auto_open:
            self.connect()
        # urllib3 wraps the TLS of an https proxy in an SSLTransport, whose socket does all input and output.
        sock = getattr(self.sock, "socket", self.sock)
        if sock is not None:
            _check_limits(sock)
            if sock is self.sock and sock.has_unread_data():
                raise unsupported("it reuses a connection with unread data")
        super().send(data)  # type: ignore[misc]  # http.client's, by way of the other base


class _BoundedHTTPConnection(_BoundedConnection, HTTPConnection):
    pass


class _BoundedHTTPSConnection(_BoundedConnection, HTTPSConnection):
    def _tunnel(self) -> None:
        sock: Any = self.sock
        try:
            super()._tunnel()
        except BaseException:
            # Before Python 3.12, the socket of a proxy that refuses stays open for as long as the error lives.
            sock.close_reader()
            raise


class _StrictPool(HTTPConnectionPool):
    def _put_conn(self, conn: Any) -> None:
        # Unread data would become the response to the next request. urllib3 looks for it in the kernel only. In any
        # other socket, such as the SSLTransport behind an https proxy, nobody knows what is unread.
        sock = conn and conn.sock
        if sock and (not isinstance(sock, BoundedSocket) or sock.has_unread_data()):
            conn.close()
        super()._put_conn(conn)


class _BoundedHTTPPool(_StrictPool):
    ConnectionCls = _BoundedHTTPConnection


class _BoundedHTTPSPool(_StrictPool, HTTPSConnectionPool):
    ConnectionCls = _BoundedHTTPSConnection

    def _validate_conn(self, conn: Any) -> None:
        # Without the warning about validate_certs: the user has decided, and one for each connection hides others.
        if not conn.sock:
            conn.connect()


_POOLS = {"http": _BoundedHTTPPool, "https": _BoundedHTTPSPool}


def _checked_pool(pool: Any) -> Any:
    if not isinstance(pool, (_BoundedHTTPPool, _BoundedHTTPSPool)):
        raise unsupported("it makes connection pools of another class")
    return pool


class BoundedAdapter(HTTPAdapter):
    """requests' adapter, with one TLS context for all connections, on the sockets above.

    :param proxy: the proxy that all requests go through.
    :raises TalkoverError: kind ``config``, when a file of certificates or keys cannot be used.
    :raises AttemptFailed: kind ``config``, when the HTTP libraries are not supported.
    """

    def __init__(self, connection: ConnectionOptions, proxy: str | None) -> None:
        check_hooks()
        secure = connection.api_url.startswith("https:")
        self._tls = {"ssl_context": tls_context(connection)} if secure else {}
        self._proxy_tls: dict[str, ssl.SSLContext] = {}
        if proxy and urlsplit(proxy).scheme == "https":
            context = tls_context(connection, proxy)
            # For a service without TLS, urllib3 1.26 takes the pool's context for the proxy.
            self._proxy_tls = {"ssl_context": context, "proxy_ssl_context": context}
        super().__init__(pool_connections=1, pool_maxsize=connection.max_connections)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **kwargs, **self._tls)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **{**kwargs, **self._proxy_tls, **self._tls})
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def get_connection(self, *args: Any, **kwargs: Any) -> Any:
        """Give a pool that keeps the limits (requests before 2.32 asks here)."""
        return _checked_pool(super().get_connection(*args, **kwargs))

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Give a pool that keeps the limits (requests 2.32 and newer asks here)."""
        return _checked_pool(super().get_connection_with_tls_context(*args, **kwargs))

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the context decides, whatever REQUESTS_CA_BUNDLE says by now."""

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        """Give the host alone, for the same reason (requests 2.32 and newer ask here)."""
        host, _certificates = super().build_connection_pool_key_attributes(*args, **kwargs)
        return host, {}


class _Context(ssl.SSLContext):
    host: str
    """The host to check certificates for. urllib3 1.26 names none where it is an address instead of a name."""

    def wrap_socket(self, sock: Any, *, server_hostname: Any = None, **kwargs: Any) -> Any:  # type: ignore[override]  # urllib3 names all but the first
        """Start TLS on a connected socket. The handshake begins only on a socket with limits."""
        try:
            _check_limits(sock)
            # Without a peer there is no handshake, and ssl gives back a socket all the same.
            sock.getpeername()
        except BaseException:
            sock.close()
            raise
        name = (server_hostname or self.host).strip("[]")
        secure = super().wrap_socket(sock, server_hostname=name, do_handshake_on_connect=False, **kwargs)
        try:
            _check_limits(secure)
            secure.do_handshake()
        except BaseException:
            secure.close()
            raise
        return secure

    def wrap_bio(  # type: ignore[override]  # urllib3 names no session
        self, incoming: Any, outgoing: Any, server_side: bool = False, server_hostname: Any = None
    ) -> Any:
        """Start TLS inside the TLS of an https proxy."""
        name = (server_hostname or self.host).strip("[]")
        return super().wrap_bio(incoming, outgoing, server_side, name)


def tls_context(connection: ConnectionOptions, proxy: str | None = None) -> ssl.SSLContext:
    """Make the context for all connections to the service, or for those to an https proxy.

    The authorities are those of ``ca_path``, or else of REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or SSL_CERT_FILE, or else
    those that requests brings. A proxy gets no client certificate.
    """
    context = _Context(ssl.PROTOCOL_TLS_CLIENT)
    context.host = urlsplit(proxy or connection.api_url).hostname or ""
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = BoundedTLSSocket
    if connection.validate_certs:
        name, path = _authorities(connection.ca_path)
        try:
            context.load_verify_locations(**{"capath" if os.path.isdir(path) else "cafile": path})
        except (OSError, ValueError) as error:
            raise _unusable(name, path, error) from None
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if connection.client_cert and not proxy:
        _load_client(context, connection.client_cert, connection.client_key)
    return context


def _authorities(ca_path: str | None) -> tuple[str, str]:
    if ca_path:
        return "ca_path", ca_path
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        if os.environ.get(name):
            return f"the environment variable {name}", os.environ[name]
    return "the bundle of requests", requests.utils.DEFAULT_CA_BUNDLE_PATH


def _load_client(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    def refuse() -> str:
        # Without this, OpenSSL asks for the passphrase on the terminal, and the play hangs.
        raise TalkoverError("config", "client_key has a passphrase, which is not supported. Use a key without one.")

    try:
        context.load_cert_chain(certificate, key, password=refuse)
    except (OSError, ValueError) as error:
        name = "client_cert" if key is None else "client_cert with client_key"
        raise _unusable(name, certificate if key is None else f"{certificate}, {key}", error) from None


def _unusable(name: str, path: str, error: Exception) -> TalkoverError:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    return TalkoverError(
        "config", f"{name} ({path}) cannot be loaded: {reason}. It must be readable and in PEM format."
    )
