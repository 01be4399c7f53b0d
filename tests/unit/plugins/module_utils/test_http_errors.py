# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exceptions of the HTTP libraries, ssl and the system become failed attempts with a kind and advice."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl

import pytest
import requests
import urllib3.exceptions

from ansible_collections.talkover.voice.plugins.module_utils._errors import ADVICE, AttemptFailed
from ansible_collections.talkover.voice.plugins.module_utils._http_errors import explain

SECRET = "talq_do_not_print_me_7f3a"
REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")


def hide(text: str) -> str:
    return text.replace(SECRET, "***")


def wrapped(cause: Exception) -> Exception:
    """Return an exception as urllib3 and requests pass it on."""
    return requests.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted.", cause))


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (REFUSED, "network"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "network"),
        (ConnectionResetError(errno.ECONNRESET, "reset"), "network"),
        (BrokenPipeError(errno.EPIPE, "pipe"), "network"),
        (ssl.SSLEOFError(8, "EOF"), "network"),
        (http.client.IncompleteRead(b"", 1), "network"),
        (http.client.RemoteDisconnected("closed"), "network"),
        (http.client.BadStatusLine("SSH-2.0"), "bad_response"),
        (requests.exceptions.InvalidURL("bad host"), "config"),
        (ValueError("anything else"), "network"),
    ],
)
def test_each_cause_has_a_kind_and_advice(cause: Exception, kind: str) -> None:
    failure = explain(wrapped(cause), None, hide)
    assert failure.kind == kind
    assert failure.advice or not ADVICE[kind]


def test_an_unknown_exception_shows_its_class_only() -> None:
    failure = explain(urllib3.exceptions.HTTPError(SECRET), None, str)
    assert (failure.kind, SECRET in str(failure), "HTTPError" in str(failure)) == ("bad_response", False, True)


def test_the_token_in_an_error_is_hidden() -> None:
    assert SECRET not in str(explain(wrapped(http.client.BadStatusLine(SECRET)), None, hide))


def test_the_proxy_is_named_with_advice_about_it() -> None:
    failure = explain(wrapped(REFUSED), "proxy.example:3128", hide)
    assert "proxy.example:3128" in str(failure)
    assert "NO_PROXY" in failure.advice


def test_a_failed_attempt_is_returned_as_it_is() -> None:
    failure = AttemptFailed("timeout", "Timed out")
    assert explain(wrapped(failure), None, hide) is failure
