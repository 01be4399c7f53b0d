# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""One attempt: a request, and its answer or what went wrong on the way."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .answer import Unusable
from .errors import AttemptFailed, TalkoverError
from .options import Connection, is_loopback
from .sockets import DeadlinePassed, TooLarge, attempt
from .transport import BoundedAdapter, check_received, unsupported
from .words import printable

try:
    import requests
    import requests.utils
    import urllib3.exceptions
except Exception:  # noqa: BLE001  # see transport.py
    # Client says what is missing before it makes an Exchange.
    BROKEN: tuple[type[Exception], ...] = ()
else:
    BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)

_UNREAD: tuple[type[Exception], ...] = (DeadlinePassed, TooLarge, Unusable, *BROKEN)
_HEADERS_LIMIT = 256 << 10
_CHUNK = 64 << 10


class Reply(NamedTuple):
    """An answer. Its body is as it was sent; for a status other than 200 it may be empty, whatever was sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Exchange:
    """Sends requests to one service, over connections that are kept.

    :raises TalkoverError: kind ``config``, when a certificate, a key or the proxy cannot be used.
    """

    def __init__(self, connection: Connection) -> None:
        self._timeout = connection.timeout
        self._hide = connection.token.hide
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "Authorization": connection.token.header(),
            "Cache-Control": "no-cache",
            "User-Agent": "ansible-collection-talkover.voice",
        }
        self._proxy = _proxy(connection.api_url)
        self._secure = connection.api_url.startswith("https:")
        try:
            self._adapter = BoundedAdapter(connection, self._proxy)
        except TalkoverError:
            raise
        except Exception as error:  # noqa: BLE001  # another library can raise anything
            raise TalkoverError("config", f"{_crash(error)}.") from None

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._adapter.close()

    def get(self, url: str, limit: int) -> Reply:
        """Ask once.

        :param limit: the bytes that the body of a 200 may have.
        :raises AttemptFailed: when no answer came, or one that is not to be read.
        """
        try:
            # Without TLS the token may go to this machine only.
            with attempt(self._timeout, limit + _HEADERS_LIMIT, loopback_only=not self._secure) as current:
                # A request that no session prepared: nobody reads ~/.netrc, follows a redirect or keeps a cookie.
                request = requests.Request("GET", url, headers=self._headers).prepare()
                proxies = {"all": self._proxy} if self._proxy else {}
                response = self._adapter.send(request, stream=True, timeout=current.seconds_left(), proxies=proxies)
                try:
                    check_received(current, tls=self._secure)
                    body = _body(response, limit)
                    # A cut would leave half of an echoed token, so it is hidden before anything is quoted.
                    headers = {name: self._hide(value) for name, value in response.headers.items()}
                    return Reply(response.status_code, requests.structures.CaseInsensitiveDict(headers), body)
                finally:
                    response.close()
        except AttemptFailed:
            raise
        except DeadlinePassed:
            raise AttemptFailed("timeout", f"there was no whole answer within {self._timeout:g} s") from None
        except TooLarge:
            raise AttemptFailed("bad_response", f"the answer is larger than {limit} bytes") from None
        except Unusable as error:
            raise AttemptFailed("bad_response", f"the answer {error}") from None
        except BROKEN as error:
            raise self._failure(error) from None
        except Exception as error:  # noqa: BLE001  # another library can raise anything
            raise _crash(error) from None

    def _failure(self, error: Exception) -> AttemptFailed:
        causes = list(_causes(error))
        for cause in causes:
            if isinstance(cause, AttemptFailed):
                return cause
        through = f" through the proxy {_without_secrets(self._proxy)}" if self._proxy else ""
        for cause in causes:
            if isinstance(cause, ssl.SSLError) and not isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
                reason = getattr(cause, "verify_message", "") or cause.reason or "the handshake failed"
                return AttemptFailed("tls", f"TLS failed{through}: {printable(str(reason))}")
        return self._network_failure(causes, through)

    def _network_failure(self, causes: list[BaseException], through: str) -> AttemptFailed:
        for cause in causes:
            if isinstance(cause, socket.gaierror):
                return AttemptFailed("network", f"the name could not be resolved{through}: {cause.strerror}")
            if isinstance(cause, http.client.IncompleteRead):
                return AttemptFailed("network", f"the answer was cut short{through}")
            if isinstance(cause, (ConnectionResetError, BrokenPipeError, ssl.SSLError)):
                return AttemptFailed("network", f"the connection was closed before the answer was whole{through}")
            if isinstance(cause, http.client.HTTPException):
                return AttemptFailed("bad_response", f"what came{through} is not HTTP: {self._quoted(cause)}")
            if isinstance(cause, requests.exceptions.InvalidURL):
                return AttemptFailed("config", "api_url has a host that cannot be")
        for cause in causes:
            # The requests library's own errors are OSErrors too, without an error of the system in them.
            if isinstance(cause, OSError) and (cause.strerror or not isinstance(cause, requests.RequestException)):
                return AttemptFailed("network", f"the connection failed{through}: {self._quoted(cause)}")
        if any(isinstance(cause, (requests.ConnectionError, requests.exceptions.InvalidProxyURL)) for cause in causes):
            return AttemptFailed("network", f"the connection failed{through}")
        # Its class is all that is shown: the text of such an error may quote a proxy's password.
        return AttemptFailed(
            "bad_response", f"the answer{through} broke the rules of HTTP ({type(causes[-1]).__name__})"
        )

    def _quoted(self, cause: Exception) -> str:
        return printable(self._hide(str(getattr(cause, "strerror", None) or cause)), 80)


def _crash(error: Exception) -> AttemptFailed:
    # The text of an unknown error may hold a secret, so the message names its class only.
    return error if isinstance(error, AttemptFailed) else unsupported(f"it raised {type(error).__name__}")


def _proxy(url: str) -> str | None:
    proxy = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))
    if not proxy:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    try:
        scheme, host, _port = urlsplit(proxy).scheme, urlsplit(proxy).hostname, urlsplit(proxy).port
    except ValueError:
        scheme, host = "", None
    if scheme not in ("http", "https") or not host or "\\" in proxy:
        # The message does not show it: there may be a password in it.
        raise TalkoverError(
            "config",
            "The environment names a proxy that is no http(s) URL. Correct HTTPS_PROXY, or name the host in NO_PROXY.",
        )
    if url.startswith("http:") and not is_loopback(host):
        # In clear text the token may go to this machine only, so not to a proxy elsewhere either.
        return None
    return proxy


def _without_secrets(proxy: str | None) -> str:
    return printable((proxy or "").rpartition("@")[2].rpartition("//")[2], 80)


def _body(response: Any, limit: int) -> bytes:
    if response.status_code == 200:
        return _read(response, limit)
    if response.status_code not in range(400, 600):
        # Unread, so that the connection is not kept: behind a 1xx the true answer may follow.
        return b""
    try:
        return _read(response, limit)
    except _UNREAD:
        # The status says enough; its words would have been welcome.
        return b""


def _read(response: Any, limit: int) -> bytes:
    announced = _announced(response.headers)
    if announced is not None and announced > limit:
        raise TooLarge
    chunks = []
    while chunk := response.raw.read(_CHUNK, decode_content=False):
        chunks.append(chunk)
    body = b"".join(chunks)
    if announced is not None and len(body) < announced:
        # urllib3 1.26 does not notice.
        raise http.client.IncompleteRead(b"", announced - len(body))
    return body


def _announced(headers: Mapping[str, str]) -> int | None:
    if "Content-Length" not in headers or "Transfer-Encoding" in headers:
        return None
    lengths = {length.strip() for length in headers["Content-Length"].split(",")}
    if len(lengths) > 1 or not all(length.isascii() and length.isdigit() and len(length) < 19 for length in lengths):
        raise Unusable("has a Content-Length that cannot be")
    return int(lengths.pop())


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Give an error and all that it wraps, in the ways of urllib3, requests and Python, the outermost first."""
    seen: list[BaseException] = []
    queue: list[Any] = [error]
    while queue:
        cause = queue.pop(0)
        if isinstance(cause, BaseException) and not any(cause is other for other in seen):
            seen.append(cause)
            yield cause
            queue += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]
