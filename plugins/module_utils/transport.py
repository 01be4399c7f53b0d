# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""The way to the service: requests' own adapter, on the sockets of this collection and with one TLS context."""

from __future__ import annotations

import logging
import os
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

from .errors import TalkoverError
from .options import Connection
from .sockets import BoundedTLSSocket, connect, in_attempt

try:
    import requests.utils
    import urllib3
    import urllib3.connection
    import urllib3.connectionpool
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
except ImportError as error:
    IMPORT_ERROR: ImportError | None = error
    # The classes below need something to stand on until Client says what is missing.
    HTTPAdapter = HTTPConnection = HTTPSConnection = object  # type: ignore[assignment,misc]  # never used as such
    HTTPConnectionPool = HTTPSConnectionPool = object  # type: ignore[assignment,misc]  # never used as such
else:
    IMPORT_ERROR = None


def _is_foreign(_record: logging.LogRecord) -> bool:
    return not in_attempt()


# urllib3 logs headers that it cannot read, and what a server echoes in them.
for _logger in ("urllib3.connection", "urllib3.connectionpool"):
    logging.getLogger(_logger).addFilter(_is_foreign)


def _open(connection: Any, host: str) -> socket.socket:
    try:
        return connect(host, connection.port, connection.socket_options)
    except OSError as error:
        # A reset during the connection urllib3 takes for one during the request, and goes on without a socket.
        raise urllib3.exceptions.NewConnectionError(connection, str(error)) from error


class _BoundedHTTPConnection(HTTPConnection):
    # Whoever switches this on for http.client as a whole would have the token printed.
    debuglevel = 0

    def _new_conn(self) -> socket.socket:
        return _open(self, self._dns_host)


class _BoundedHTTPSConnection(HTTPSConnection):
    debuglevel = 0

    def _tunnel(self) -> None:
        sock: Any = self.sock
        try:
            super()._tunnel()
        except BaseException:
            # Before Python 3.12, the socket of a proxy that refuses stays open for as long as the error lives.
            sock.close_reader()
            raise

    def _new_conn(self) -> socket.socket:
        return _open(self, self._dns_host)


class _StrictPool(HTTPConnectionPool):
    def _put_conn(self, conn: Any) -> None:
        # What came unasked would be taken for the answer to the next question. urllib3 looks for it in the kernel only.
        sock = conn and conn.sock
        if sock and (getattr(sock, "beyond", False) or (isinstance(sock, ssl.SSLSocket) and sock.pending())):
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


class BoundedAdapter(HTTPAdapter):
    """requests' adapter, with one TLS context for all connections, on the sockets above.

    :raises TalkoverError: kind ``config``, when a file of certificates or keys cannot be used.
    """

    def __init__(self, connection: Connection) -> None:
        secure = connection.api_url.startswith("https:")
        self._tls = {"ssl_context": tls_context(connection)} if secure else {}
        super().__init__(pool_connections=1, pool_maxsize=connection.max_connections)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **kwargs, **self._tls)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        if self._tls:
            kwargs.update(self._tls, proxy_ssl_context=self._tls["ssl_context"])
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the context decides, whatever REQUESTS_CA_BUNDLE says by now."""

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        """Give the host alone, for the same reason (requests 2.32 and newer ask here)."""
        host, _certificates = super().build_connection_pool_key_attributes(*args, **kwargs)
        return host, {}


class _Context(ssl.SSLContext):
    host: str | None = None

    def wrap_socket(self, sock: Any, *, server_hostname: Any = None, **kwargs: Any) -> Any:  # type: ignore[override]  # urllib3 names all but the first
        """Name the service where urllib3 1.26 names nobody, as it does for an address instead of a name."""
        try:
            # Without a peer there is no handshake, and ssl gives back a socket all the same.
            sock.getpeername()
        except OSError:
            sock.close()
            raise
        return super().wrap_socket(sock, server_hostname=server_hostname or self.host, **kwargs)


def tls_context(connection: Connection) -> ssl.SSLContext:
    """Make the context that all connections share.

    The authorities are those of ``ca_path``, or else of REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or SSL_CERT_FILE, or else
    those that requests brings.
    """
    context = _Context(ssl.PROTOCOL_TLS_CLIENT)
    context.host = urlsplit(connection.api_url).hostname
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
    if connection.client_cert:
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
        raise TalkoverError(
            "config", "client_key has a passphrase, which there is no option for; give a key without one."
        )

    try:
        context.load_cert_chain(certificate, key, password=refuse)
    except (OSError, ValueError) as error:
        name = "client_cert" if key is None else "client_cert with client_key"
        raise _unusable(name, certificate if key is None else f"{certificate}, {key}", error) from None


def _unusable(name: str, path: str, error: Exception) -> TalkoverError:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    return TalkoverError("config", f"{name} ({path}) cannot be used: {reason}. It must hold PEM and be readable.")
