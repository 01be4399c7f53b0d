# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""The one error of the collection.

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
    "auth": "Check that api_token (or TALKOVER_TOKEN) is the token of this environment, and that it was not revoked.",
    "forbidden": "Check that the plan includes custom SIP trunks (an Enterprise feature), and what the token may read.",
    "not_found": "Check the ID, that the token is one of the trunk's environment, and that api_url ends in /api/v1.",
    "rate_limited": "Ask for fewer trunks, use details=false, or lower max_connections; try again later.",
    "rejected": "Correct what the service names, and ask again.",
    "server": "The fault is on the side of the service; try again later.",
    "network": "Check api_url, the name resolution, the route, and the proxies in the environment.",
    "tls": "Check ca_path, client_cert and client_key, and that the certificate is one for the host of api_url.",
    "timeout": "Check the route to the service, or raise timeout.",
    "bad_response": "Check that api_url leads to the Talkover API itself and not to a portal or a proxy's page.",
}
"""What a user can do about each kind. For C(config) the message itself says it."""


class AttemptFailed(Exception):
    """What went wrong with one request, as long as it is not known what was asked for.

    :param kind: one of the keys of ``ADVICE``.
    :param reason: what came back, as the end of a sentence.
    """

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


class TalkoverError(Exception):
    """Raised for everything that a user, the network or the service can cause.

    :param kind: one of the keys of ``ADVICE``; what a ``rescue`` block branches on.
    :param message: one or more whole sentences that say what was asked for and what came back; free of secrets.
    :param status: the HTTP status, when the service answered.
    :param code: the error code of the API, when it gave one.
    :param trunk_id: the trunk that was asked for, when it was one.
    :param url: the address that was asked, free of secrets.
    :param wait: the seconds that the service asked to wait, when it did.

    ``attempts`` counts how often the service was asked before this was raised.
    """

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        trunk_id: str | None = None,
        url: str | None = None,
        wait: float | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.attempts = 1
        self.status = status
        self.code = code
        self.trunk_id = trunk_id
        self.url = url
        self.wait = wait

    def __str__(self) -> str:
        repeated = f"It was asked {self.attempts} times." if self.attempts > 1 else ""
        return " ".join(filter(None, (self.message, repeated, ADVICE[self.kind])))

    def as_dict(self) -> dict[str, str | int]:
        """Give the C(error) of a failed result: those of kind, status, code, trunk_id and url that apply."""
        fields = {
            "kind": self.kind,
            "status": self.status,
            "code": self.code,
            "trunk_id": self.trunk_id,
            "url": self.url,
        }
        return {name: value for name, value in fields.items() if value is not None}
