# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Map exceptions of requests, urllib3, ssl and the system to error kinds, with advice for each cause."""

from __future__ import annotations

import contextlib
import errno
import http.client
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any

from ._errors import AttemptFailed
from ._text import sanitize

with contextlib.suppress(Exception):  # see _transport.py
    import requests

_PROXY_ADVICE = "Check the proxy in HTTPS_PROXY, or name the host of api_url in NO_PROXY."
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE")
_CLIENT_CERTIFICATE = ("CERTIFICATE_REQUIRED", "BAD_CERTIFICATE", "UNKNOWN_CA", "CERTIFICATE_UNKNOWN", "ACCESS_DENIED")


def explain(error: Exception, proxy: str | None, hide: Callable[[str], str]) -> AttemptFailed:
    """Convert an exception of the HTTP libraries to an ``AttemptFailed``.

    :param proxy: the URL of the proxy in use, without secrets.
    :param hide: a function that removes the token from a text.
    """
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, AttemptFailed):
            return cause
    for cause in causes:
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
            return _tls_failure(cause, proxy)
    failure = _network_failure(causes, hide)
    if proxy and failure.kind == "network":
        return AttemptFailed("network", f"{failure} (through the proxy {proxy})", f"{failure.advice} {_PROXY_ADVICE}")
    return failure


def _tls_failure(error: ssl.SSLError, proxy: str | None) -> AttemptFailed:
    through = f" (through the proxy {proxy})" if proxy else ""
    verify = getattr(error, "verify_message", "")
    reason = sanitize(str(verify or error.reason or "no reason given")).rstrip(".")
    if isinstance(error, ssl.SSLCertVerificationError):
        return AttemptFailed("tls", f"Certificate verify failed: {reason}{through}", _certificate_advice(reason))
    if any(name in reason for name in _NO_TLS):
        return AttemptFailed(
            "tls", f"The server does not speak TLS ({reason}){through}", "Check the scheme and the port of api_url."
        )
    if any(name in reason for name in _CLIENT_CERTIFICATE):
        return AttemptFailed(
            "tls",
            f"The server rejected the client certificate ({reason}){through}",
            "Check client_cert and client_key.",
        )
    return AttemptFailed("tls", f"TLS handshake failed: {reason}{through}")


def _certificate_advice(reason: str) -> str:
    if "expired" in reason or "not yet valid" in reason:
        return "The operator of the service must renew the certificate. Check the clock of this machine as well."
    if "not valid for" in reason:
        return "The certificate is for another host. Check the host of api_url."
    return "Set ca_path to the certificate of the authority that signed it."


def _network_failure(causes: list[BaseException], hide: Callable[[str], str]) -> AttemptFailed:
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            reason = f"Name lookup failed: {cause.strerror}"
            return AttemptFailed("network", reason, "Check the host of api_url and the DNS of this machine.")
        if isinstance(cause, http.client.IncompleteRead):
            return AttemptFailed("network", "Connection closed before the response was complete")
        if isinstance(cause, http.client.RemoteDisconnected):
            return AttemptFailed("network", "Connection closed without a response")
        if isinstance(cause, ConnectionResetError):
            return AttemptFailed("network", "Connection reset before the response was complete")
        if isinstance(cause, (BrokenPipeError, ssl.SSLError)):
            return AttemptFailed("network", "Connection closed before the response was complete")
        if isinstance(cause, http.client.HTTPException):
            return AttemptFailed("bad_response", f"Received a non-HTTP response: {_quote(cause, hide)}")
        if isinstance(cause, requests.exceptions.InvalidURL):
            return AttemptFailed("config", "api_url has an invalid host")
    for cause in causes:
        # The exceptions of requests are OSErrors too, but without a system error.
        if isinstance(cause, OSError) and (cause.strerror or not isinstance(cause, requests.RequestException)):
            return _system_failure(cause, hide)
    if any(isinstance(cause, (requests.ConnectionError, requests.exceptions.InvalidProxyURL)) for cause in causes):
        return AttemptFailed("network", "Connection failed")
    # The message has the class only, because the text may contain the password of a proxy.
    return AttemptFailed("bad_response", f"Received an invalid HTTP response ({type(causes[-1]).__name__})")


def _system_failure(error: OSError, hide: Callable[[str], str]) -> AttemptFailed:
    if error.errno == errno.ECONNREFUSED:
        advice = "Check the host and the port of api_url, and that the service is running."
        return AttemptFailed("network", "Connection refused", advice)
    text = _quote(error, hide)
    reason = text if error.strerror else f"Connection failed: {text}"
    return AttemptFailed("network", reason, "Check the host and the port of api_url, the route and the firewalls.")


def _quote(error: BaseException, hide: Callable[[str], str]) -> str:
    return sanitize(hide(str(getattr(error, "strerror", None) or error)), 80)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all exceptions that it wraps, outermost first.

    urllib3, requests and Python store the wrapped exception in different places.
    """
    seen: list[BaseException] = []
    queue: list[Any] = [error]
    while queue:
        cause = queue.pop(0)
        if isinstance(cause, BaseException) and not any(cause is other for other in seen):
            seen.append(cause)
            yield cause
            queue += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]
