# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Define the errors of the collection.

TalkoverError
 ├─ kind "config"        an option is wrong
 ├─ kind "auth"          401
 ├─ kind "forbidden"     403
 ├─ kind "not_found"     404
 ├─ kind "rate_limited"  429
 ├─ kind "rejected"      any other 4xx, and success: false under 200
 ├─ kind "server"        5xx
 ├─ kind "network"       name, route, refused, reset, proxy, cut short
 ├─ kind "tls"           certificates and handshakes
 ├─ kind "timeout"       an attempt took longer than allowed
 └─ kind "bad_response"  a redirect, not JSON, another shape, too large, another trunk
"""

from __future__ import annotations

ADVICE = {
    "config": "",
    "auth": "Check that api_token or TALKOVER_TOKEN is the token of this environment and was not revoked.",
    "forbidden": "Check that the plan includes custom SIP trunks (an Enterprise feature) and what the token may read.",
    "not_found": "Check the ID, that the token is for the environment of the trunk, and that api_url ends in /api/v1.",
    "rate_limited": "Try again later, request fewer trunks, or use details=false.",
    "rejected": "Correct what the API names, and try again.",
    "server": "The error is on the side of the service. Try again later.",
    "network": "Try again later. Check the proxies and firewalls on the way.",
    "tls": "Check that the server supports TLS 1.2 or newer.",
    "timeout": "Try again later, or raise timeout.",
    "bad_response": "Check that api_url is the address of the Talkover API, not of a login page or a proxy.",
}
"""The default advice for each kind. Messages of kind C(config) already include the advice."""


class AttemptFailed(Exception):
    """Report that one attempt failed. The client adds the request and raises a ``TalkoverError``.

    :param kind: one of the keys of ``ADVICE``.
    :param reason: what failed and why, a sentence without the full stop.
    :param advice: what to do, in full sentences; defaults to the advice for the kind.
    """

    def __init__(self, kind: str, reason: str, advice: str = "") -> None:
        super().__init__(reason)
        self.kind = kind
        self.advice = advice or ADVICE[kind]


class TalkoverError(Exception):
    """Report any failure caused by options, the network or the service.

    :param kind: one of the keys of ``ADVICE``; a ``rescue`` block branches on it.
    :param message: what failed, why, and for which request, in full sentences without secrets.
    :param advice: what to do, in full sentences; defaults to the advice for the kind.
    :param status: the HTTP status code, if there was a response.
    :param code: the error code of the API, if the response has one.
    :param trunk_id: the ID of the requested trunk, if the request was for a single one.
    :param url: the requested URL, without secrets.
    :param wait: the wait that the service requested, in seconds.

    ``attempts`` is the number of requests that were sent before the error was raised.
    """

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        advice: str = "",
        status: int | None = None,
        code: str | None = None,
        trunk_id: str | None = None,
        url: str | None = None,
        wait: float | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.advice = advice or ADVICE[kind]
        self.attempts = 1
        self.status = status
        self.code = code
        self.trunk_id = trunk_id
        self.url = url
        self.wait = wait

    def __str__(self) -> str:
        repeated = f"Gave up after {self.attempts} attempts." if self.attempts > 1 else ""
        return " ".join(filter(None, (self.message, repeated, self.advice)))

    def as_dict(self) -> dict[str, str | int]:
        """Return the C(error) of a failed result: kind, and those of status, code, trunk_id and url that are set."""
        fields = {
            "kind": self.kind,
            "status": self.status,
            "code": self.code,
            "trunk_id": self.trunk_id,
            "url": self.url,
        }
        return {name: value for name, value in fields.items() if value is not None}
