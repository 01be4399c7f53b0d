# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Send one HTTP request, with limits on time and size."""

from __future__ import annotations

import http.client
import urllib.request
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ._errors import AttemptFailed, TalkoverError
from ._options import ConnectionOptions, is_loopback
from ._response import InvalidResponse
from ._sockets import DeadlinePassed, TooLarge, deadline
from ._text import sanitize
from ._transport import BoundedAdapter, check_received, unsupported

try:
    import requests
    import requests.utils
    import urllib3.exceptions
except Exception:  # noqa: BLE001  # see _transport.py
    # Client reports what is missing before it creates an HTTPClient.
    BROKEN: tuple[type[Exception], ...] = ()
else:
    BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)

_UNREAD: tuple[type[Exception], ...] = (DeadlinePassed, TooLarge, InvalidResponse, *BROKEN)
_HEADERS_LIMIT = 256 << 10
_CHUNK = 64 << 10


class Response(NamedTuple):
    """Hold an HTTP response. ``body`` is still encoded. It can be empty for a status other than 200."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HTTPClient:
    """Send requests to one service over a pool of persistent connections.

    :raises TalkoverError: kind ``config``, when a certificate, a key or the proxy cannot be used.
    """

    def __init__(self, connection: ConnectionOptions) -> None:
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
            failed = _crash(error)
            raise TalkoverError("config", f"{failed}.", advice=failed.advice) from None

    def close(self) -> None:
        """Close the idle connections."""
        self._adapter.close()

    def get(self, url: str, limit: int) -> Response:
        """Send one GET request.

        :param limit: the maximum size of the body of a 200 response, in bytes.
        :raises AttemptFailed: when there is no valid response.
        """
        try:
            # Without TLS, the token must not leave this machine.
            with deadline(self._timeout, limit + _HEADERS_LIMIT, loopback_only=not self._secure) as current:
                # Not prepared by a session, so that requests ignores ~/.netrc, redirects and cookies.
                request = requests.Request("GET", url, headers=self._headers).prepare()
                proxies = {"all": self._proxy} if self._proxy else {}
                response = self._adapter.send(request, stream=True, timeout=current.seconds_left(), proxies=proxies)
                try:
                    check_received(current, tls=self._secure)
                    current.phase = "while reading the response body"
                    body = _body(response, limit)
                    # Hide the token before the text is cut: a cut could leave a part of it.
                    headers = {name: self._hide(value) for name, value in response.headers.items()}
                    return Response(response.status_code, requests.structures.CaseInsensitiveDict(headers), body)
                finally:
                    response.close()
        except AttemptFailed:
            raise
        except DeadlinePassed:
            raise AttemptFailed(
                "timeout", f"Timed out after {self._timeout:g} s {current.phase}", _timeout_advice(current.phase)
            ) from None
        except TooLarge:
            raise AttemptFailed("bad_response", f"The response is larger than {limit} bytes") from None
        except InvalidResponse as error:
            raise AttemptFailed("bad_response", f"The response {error}") from None
        except BROKEN as error:
            # Imported late: a request that succeeds does not need it.
            from ._http_errors import explain

            raise explain(error, self._proxy and _without_secrets(self._proxy), self._hide) from None
        except Exception as error:  # noqa: BLE001  # another library can raise anything
            raise _crash(error) from None


def _crash(error: Exception) -> AttemptFailed:
    # The text of an unknown error may contain a secret, so the message has its class only.
    return error if isinstance(error, AttemptFailed) else unsupported(f"it raised {type(error).__name__}")


def _proxy(url: str) -> str | None:
    if not urllib.request.getproxies_environment():
        # requests would ask the settings of macOS, which can crash a forked process such as a worker of Ansible.
        return None
    proxy = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))
    if not proxy:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    try:
        scheme, host, _port = urlsplit(proxy).scheme, urlsplit(proxy).hostname, urlsplit(proxy).port
    except ValueError:
        scheme, host = "", None
    if scheme not in ("http", "https") or not host or "\\" in proxy:
        # The message does not show the URL, because it may contain a password.
        raise TalkoverError(
            "config",
            f"The environment sets {_name_proxy_scheme(scheme)}. Only http:// and https:// proxies are supported. "
            "Correct HTTPS_PROXY, or name the host of api_url in NO_PROXY.",
        )
    if url.startswith("http:") and not is_loopback(host):
        # Without TLS, the token must not go to a proxy on another machine.
        return None
    return proxy


def _name_proxy_scheme(scheme: str) -> str:
    return "a SOCKS proxy" if scheme.startswith("socks") else "a proxy with an invalid URL"


def _without_secrets(proxy: str) -> str:
    return sanitize(proxy.rpartition("@")[2].rpartition("//")[2], 80)


def _timeout_advice(phase: str) -> str:
    if "lookup" in phase:
        return "Check the DNS of this machine."
    if "connecting" in phase:
        return "Check the host and the port of api_url, the route and the firewalls."
    return "Try again later, or raise timeout."


def _body(response: Any, limit: int) -> bytes:
    if response.status_code == 200:
        return _read(response, limit)
    if response.status_code not in range(400, 600):
        # Left unread, so that the connection is closed: after a 1xx the final response may follow.
        return b""
    try:
        return _read(response, limit)
    except _UNREAD:
        # The status is enough to report an error.
        return b""


def _read(response: Any, limit: int) -> bytes:
    content_length = _content_length(response.headers)
    if content_length is not None and content_length > limit:
        raise TooLarge
    chunks = []
    while chunk := response.raw.read(_CHUNK, decode_content=False):
        chunks.append(chunk)
    body = b"".join(chunks)
    if content_length is not None and len(body) < content_length:
        # urllib3 1.26 does not check this.
        raise http.client.IncompleteRead(b"", content_length - len(body))
    return body


def _content_length(headers: Mapping[str, str]) -> int | None:
    if "Content-Length" not in headers or "Transfer-Encoding" in headers:
        return None
    lengths = {length.strip() for length in headers["Content-Length"].split(",")}
    if len(lengths) > 1 or not all(length.isascii() and length.isdigit() and len(length) < 19 for length in lengths):
        raise InvalidResponse("has an invalid Content-Length header")
    return int(lengths.pop())
