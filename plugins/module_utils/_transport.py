# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Connect requests to the sockets of this collection, with one TLS context for all connections."""

from __future__ import annotations

import http.client
import logging
import os
import ssl
from typing import Any
from urllib.parse import urlsplit

from ._errors import AttemptFailed, TalkoverError
from ._options import CA_VARIABLES, ConnectionOptions
from ._sockets import BoundedSocket, BoundedTLSSocket, Deadline, connect, in_deadline

try:
    import requests.utils
    import urllib3
    import urllib3.connection
    import urllib3.connectionpool
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
except Exception as error:  # noqa: BLE001  # another library with this name can raise anything
    IMPORT_ERROR: Exception | None = error
    # The classes below need base classes until Client reports what is missing.
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
    """Return the names and versions of the HTTP libraries for messages."""
    name = "urllib3-future" if hasattr(urllib3, "AsyncPoolManager") else "urllib3"
    return f"requests {requests.__version__} with {name} {getattr(urllib3, '__version__', 'of no version')}"


def unsupported(reason: str) -> AttemptFailed:
    """Return the error for HTTP libraries that do not support the time and size limits."""
    return AttemptFailed(
        "config",
        f"{libraries()} is not supported, because {reason}",
        "Install the original urllib3, 1.26.5 or newer, and no package that replaces it, such as urllib3-future.",
    )


def check_hooks() -> None:
    """Check that urllib3 has the hooks for the limits. A missing hook would disable a limit without an error.

    :raises AttemptFailed: kind C(config), when a hook is missing.
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
        if not isinstance(pool("localhost")._get_conn(), _BoundedConnection):  # noqa: SLF001  # urllib3 calls it itself
            raise unsupported("it makes connections of another class")


def check_received(attempt: Deadline, *, tls: bool) -> None:
    """Check that a response came through a socket with limits, and with TLS if required.

    :raises AttemptFailed: kind C(config), when it did not.
    """
    if not isinstance(attempt.last_socket, BoundedTLSSocket if tls else BoundedSocket):
        raise unsupported("the response did not come through a socket with limits")


def _check_limits(sock: Any) -> None:
    if not isinstance(sock, BoundedSocket):
        raise unsupported("it opens sockets without limits")


class _BoundedConnection:
    # Debug output of http.client would print the token.
    debuglevel = 0

    def _new_conn(self: Any) -> BoundedSocket:
        try:
            return connect(self._dns_host, self.port, self.socket_options)
        except OSError as error:
            # urllib3 treats a reset while connecting like one during the request, and continues without a socket.
            raise urllib3.exceptions.NewConnectionError(self, str(error)) from error

    def send(self: Any, data: Any) -> None:
        """Send data, but only over a socket with limits and without unread data."""
        if self.sock is None and self.auto_open:
            self.connect()
        # urllib3 wraps TLS through an https proxy in an SSLTransport, whose socket does all input and output.
        sock = getattr(self.sock, "socket", self.sock)
        if sock is not None:
            _check_limits(sock)
            if sock is self.sock and sock.has_unread_data():
                raise unsupported("it reuses a connection with unread data")
        super().send(data)  # type: ignore[misc]  # defined by the other base class


class _BoundedHTTPConnection(_BoundedConnection, HTTPConnection):
    pass


class _BoundedHTTPSConnection(_BoundedConnection, HTTPSConnection):
    def _tunnel(self) -> None:
        sock: Any = self.sock
        try:
            super()._tunnel()
        except BaseException:
            # Before Python 3.12, the error keeps the socket open when a proxy refuses.
            sock.close_reader()
            raise


class _StrictPool(HTTPConnectionPool):
    def _put_conn(self, conn: Any) -> None:
        # Unread data would become the response to the next request. urllib3 checks the kernel's buffer only. For other
        # sockets, such as the SSLTransport of an https proxy, unread data cannot be detected.
        sock = conn and conn.sock
        if sock and (not isinstance(sock, BoundedSocket) or sock.has_unread_data()):
            conn.close()
        super()._put_conn(conn)


class _BoundedHTTPPool(_StrictPool):
    ConnectionCls = _BoundedHTTPConnection


class _BoundedHTTPSPool(_StrictPool, HTTPSConnectionPool):
    ConnectionCls = _BoundedHTTPSConnection

    def _validate_conn(self, conn: Any) -> None:
        # Without urllib3's warning about validate_certs: the user chose it, and it would repeat for each connection.
        if not conn.sock:
            conn.connect()


_POOLS = {"http": _BoundedHTTPPool, "https": _BoundedHTTPSPool}


def _checked_pool(pool: Any) -> Any:
    if not isinstance(pool, (_BoundedHTTPPool, _BoundedHTTPSPool)):
        raise unsupported("it makes connection pools of another class")
    return pool


class BoundedAdapter(HTTPAdapter):
    """Adapt requests to sockets with limits, and to one TLS context for all connections.

    :param proxy: the URL of the proxy for all requests.
    :raises TalkoverError: kind ``config``, when a certificate or key file cannot be loaded.
    :raises AttemptFailed: kind ``config``, when the HTTP libraries are not supported.
    """

    def __init__(self, connection: ConnectionOptions, proxy: str | None) -> None:
        check_hooks()
        secure = connection.api_url.startswith("https:")
        self._tls = {"ssl_context": tls_context(connection)} if secure else {}
        self._proxy_tls: dict[str, ssl.SSLContext] = {}
        if proxy and urlsplit(proxy).scheme == "https":
            context = tls_context(connection, proxy)
            # For a service without TLS, urllib3 1.26 uses the pool's context for the proxy.
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
        """Return a pool with limits. Called by requests before 2.32."""
        return _checked_pool(super().get_connection(*args, **kwargs))

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return a pool with limits. Called by requests 2.32 and newer."""
        return _checked_pool(super().get_connection_with_tls_context(*args, **kwargs))

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing, because the TLS context verifies certificates, regardless of REQUESTS_CA_BUNDLE."""

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        """Return the host alone, for the same reason. Called by requests 2.32 and newer."""
        host, _certificates = super().build_connection_pool_key_attributes(*args, **kwargs)
        return host, {}


class _Context(ssl.SSLContext):
    host: str
    """The host to check certificates for. urllib3 1.26 omits it for an IP address."""

    def wrap_socket(self, sock: Any, *, server_hostname: Any = None, **kwargs: Any) -> Any:  # type: ignore[override]
        """Start TLS on a connected socket, which must have limits."""
        try:
            _check_limits(sock)
            # Without a peer, ssl returns a socket without a handshake.
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

    def wrap_bio(  # type: ignore[override]  # urllib3 passes no session
        self, incoming: Any, outgoing: Any, server_side: bool = False, server_hostname: Any = None
    ) -> Any:
        """Start TLS inside the TLS connection to an https proxy."""
        name = (server_hostname or self.host).strip("[]")
        return super().wrap_bio(incoming, outgoing, server_side, name)


def tls_context(connection: ConnectionOptions, proxy: str | None = None) -> ssl.SSLContext:
    """Create the TLS context for connections to the service, or to an https proxy.

    The CA certificates come from ``ca_path``, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, SSL_CERT_FILE or the bundle of
    requests, whichever is set first. The client certificate is not sent to a proxy.
    """
    context = _Context(ssl.PROTOCOL_TLS_CLIENT)
    context.host = urlsplit(proxy or connection.api_url).hostname or ""
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = BoundedTLSSocket
    if connection.validate_certs:
        name, path = _authorities(connection.ca_path)
        _check_file(name, path)
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
    for name in CA_VARIABLES:
        if os.environ.get(name):
            return f"the environment variable {name}", os.environ[name]
    return "the bundle of requests", requests.utils.DEFAULT_CA_BUNDLE_PATH


def _load_client(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    def refuse() -> str:
        # Without this, OpenSSL prompts for the passphrase on the terminal, and the play hangs.
        raise TalkoverError("config", "client_key has a passphrase, which is not supported. Use a key without one.")

    _check_file("client_cert", certificate)
    if key is not None:
        _check_file("client_key", key)
    try:
        context.load_cert_chain(certificate, key, password=refuse)
    except (OSError, ValueError) as error:
        name = "client_cert" if key is None else "client_cert with client_key"
        raise _unusable(name, certificate if key is None else f"{certificate}, {key}", error) from None


def _check_file(name: str, path: str) -> None:
    # Opening a FIFO or a device can wait forever.
    if os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path):
        raise _unusable(name, path, ValueError("it is neither a file nor a directory"))


def _unusable(name: str, path: str, error: Exception) -> TalkoverError:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    return TalkoverError(
        "config", f"{name} ({path}) cannot be loaded: {reason}. It must be readable and in PEM format."
    )
