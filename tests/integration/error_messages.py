# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reproduce the situations behind the messages of the errors guide, by the heading of their section.

Each situation is real: a server on the loopback, a closed port, a wrong option. ``Situations`` starts the servers and
returns the options of a task, or the files of an inventory, for each heading.
"""

from __future__ import annotations

import contextlib
import platform
import re
import socket
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import TracebackType
from typing import Any

import trustme

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration.commands import MODULE_PYTHON

TRUNK = "3f2b7c1a-9d54-4e0b-8a6f-52c1d7e90b34"
"""The trunk ID of the guides."""

API_URL = "https://app.talkover.ai/api/v1"
"""The URL in the guide that replaces one on the loopback."""

_TOKEN = "talq_of_the_errors_guide"
"""A token that may be in a playbook, unlike that of other tests."""

NO_TOKEN = "No token: set TALKOVER_TOKEN where this runs"

_SECOND = "7d0a4e92-1c3f-4b68-9e5d-a84f20b6c711"
_RECORD = {"id": TRUNK, "name": "Backup Carrier"}
_STATUSES = {
    "The API returned 403 Forbidden": (403, '{"message": "Your plan does not include custom SIP trunks."}', {}),
    "The API returned 503 Service Unavailable": (503, "", {}),
    "The API returned 302 Found, a redirect to …": (302, "", {"Location": "https://portal.acme.example/login"}),
    "The response is not JSON": (200, "<html><title>Log in to continue</title></html>", {}),
    "The API returned success: false": (200, '{"success": false, "message": "Maintenance."}', {}),
    "The API returned 429 Too Many Requests": (429, '{"message": "Slow down."}', {"Retry-After": "300"}),
}


class Situations:
    """Start the servers, and provide the situations. Use it with C(with).

    :param home: a directory for certificates.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._stack = contextlib.ExitStack()
        self._authority = trustme.CA()
        self._shown = {platform.node(): "pbx-1", str(home): "/etc/talkover", MODULE_PYTHON: "/usr/bin/python3"}

    def __enter__(self) -> Situations:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def tasks(self) -> dict[str, dict[str, Any]]:
        """Return the options of the module, and C(env) for its environment, by heading."""
        tasks = {
            **{heading: self._status(*response) for heading, response in _STATUSES.items()},
            **self._configuration(),
            **self._network(),
            **self._tls(),
            **self._health(),
        }
        for heading, options in tasks.items():
            if heading != NO_TOKEN:
                options.setdefault("api_token", _TOKEN)
        return tasks

    def shown(self, message: str) -> str:
        """Return a message as in the guide: with the public URL and without names of this machine."""
        for actual, shown in sorted(self._shown.items(), key=lambda pair: -len(pair[0])):
            message = message.replace(actual, shown)
        # Values that vary between runs, and waits that would take too long.
        message = re.sub(r"is 36\d\d s old", "is 3600 s old", message)
        return message.replace("Timed out after 0.3 s", "Timed out after 10 s")

    def _emulator(self, **options: Any) -> Emulator:
        service = self._stack.enter_context(Emulator(**{"trunks": [_RECORD], "token": _TOKEN, **options}))
        self._show(service.url)
        return service

    def _show(self, url: str) -> str:
        self._shown[url] = API_URL
        return url

    def _status(self, status: int, body: str, headers: dict[str, str]) -> dict[str, Any]:
        service = self._emulator()
        service.fail_next(TRUNK, status=status, body=body.encode(), headers=headers, times=9)
        return {"trunk_id": TRUNK, "api_url": service.url, "retries": 1 if status == 503 else 0}

    def _configuration(self) -> dict[str, dict[str, Any]]:
        service = self._emulator()
        fine = {"trunk_id": TRUNK, "api_url": service.url}
        library = self._home / "library"
        library.mkdir()
        (library / "requests.py").write_text("raise ImportError('not installed')\n", encoding="utf-8")
        proxy = {"HTTPS_PROXY": "socks5://127.0.0.1:1080", "https_proxy": "socks5://127.0.0.1:1080"}
        return {
            NO_TOKEN: fine,
            "The API returned 401 Unauthorized": {**fine, "api_token": "talq_revoked"},
            "The API returned 404 Not Found": {**fine, "api_url": self._emulator(trunks=[]).url},
            "trunk_id holds an empty ID": {**fine, "trunk_id": ""},
            "trunk_ids is an empty list": {"api_url": service.url, "trunk_ids": []},
            "http:// would send the token unencrypted": {**fine, "api_url": "http://voice.acme.example/api/v1"},
            "ca_path (…) cannot be loaded": {
                **fine,
                "api_url": "https://127.0.0.1:9/api/v1",
                "ca_path": str(self._home / "ca.pem"),
            },
            "Failed to import the required Python library (requests)": {**fine, "env": {"PYTHONPATH": str(library)}},
            "The environment sets a SOCKS proxy": {**fine, "api_url": API_URL, "env": proxy},
        }

    def _network(self) -> dict[str, dict[str, Any]]:
        limited = self._emulator(limit=1, trunks=[_RECORD, {"id": _SECOND}])
        closed = self._show(f"http://127.0.0.1:{_closed_port()}/api/v1")
        nowhere = "https://voice.acme.invalid/api/v1"
        self._shown[_lookup_error()] = "Name or service not known"
        self._shown[nowhere] = API_URL
        slow, silent = self._emulator(latency=30), self._show(f"http://127.0.0.1:{self._closing_port()}/api/v1")
        return {
            "Connection refused": {"trunk_id": TRUNK, "api_url": closed, "retries": 1},
            "Name lookup failed": {"trunk_id": TRUNK, "api_url": nowhere, "retries": 0},
            "Timed out after 10 s": {"trunk_id": TRUNK, "api_url": slow.url, "retries": 0, "timeout": 0.3},
            "Connection closed without a response": {"trunk_id": TRUNK, "api_url": silent, "retries": 0},
            "Too many requests: the rate limit is used up": {
                "trunk_ids": [TRUNK, _SECOND],
                "api_url": limited.url,
                "max_wait": 5,
                # One after the other, because the message names the trunk that waits.
                "max_connections": 1,
            },
        }

    def _tls(self) -> dict[str, dict[str, Any]]:
        authority = self._home / "authority.pem"
        self._authority.cert_pem.write_to_path(str(authority))
        yesterday = datetime.now(timezone.utc) - timedelta(days=1)
        right, other, expired = (
            self._serve_tls(name, number, **options)
            for number, (name, options) in enumerate(
                [("127.0.0.1", {}), ("portal.acme.example", {}), ("localhost", {"not_after": yesterday})]
            )
        )
        asked = {"trunk_id": TRUNK, "retries": 0}
        trusting = {**asked, "ca_path": str(authority)}
        plain = self._emulator().url.replace("http:", "https:")
        self._show(plain)
        self._shown["'localhost'"] = "'app.talkover.ai'"
        return {
            "Certificate verify failed: unable to get local issuer certificate": {**asked, "api_url": right},
            "Certificate verify failed: Hostname mismatch": {**trusting, "api_url": self._named(other)},
            "Certificate verify failed: certificate has expired": {**trusting, "api_url": self._named(expired)},
            "The server does not speak TLS": {**asked, "api_url": plain},
        }

    def _serve_tls(self, name: str, number: int, **options: Any) -> str:
        path = self._home / f"server-{number}.pem"
        self._authority.issue_cert(name, **options).private_key_and_cert_chain_pem.write_to_path(str(path))
        return self._emulator(certfile=str(path)).url

    def _named(self, url: str) -> str:
        return self._show(url.replace("127.0.0.1", "localhost"))

    def _health(self) -> dict[str, dict[str, Any]]:
        hour_ago = datetime.now(timezone.utc) - timedelta(hours=1)
        old = {"last_health_check_at": f"{hour_ago:%Y-%m-%dT%H:%M:%SZ}"}
        failing = {"live": [{"is_healthy": False, "error": "No answer to OPTIONS within 5000 ms"}]}
        situations: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
            "is_verified is false, but must be true": ({"is_verified": False}, {}),
            'health_status is "unhealthy", but must be "healthy"': ({"health_status": "unhealthy"}, {}),
            "live_health.is_healthy is false, but must be true": (failing, {"include": "live_health"}),
            "The newest health check is … s old": (old, {"max_health_age": 900}),
        }
        tasks = {
            heading: {**asked, "trunk_id": TRUNK, "api_url": self._emulator(trunks=[{**_RECORD, **record}]).url}
            for heading, (record, asked) in situations.items()
        }
        absent = {"trunk_id": TRUNK, "missing_ok": True, "api_url": self._emulator(trunks=[]).url}
        return {**tasks, "This trunk does not exist": absent}

    def _closing_port(self) -> int:
        """Listen, and close each connection once the request has arrived."""
        listener = self._stack.enter_context(socket.create_server(("127.0.0.1", 0)))

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _address = listener.accept()
                    connection.recv(65536)
                    connection.close()

        threading.Thread(target=serve, daemon=True).start()
        return int(listener.getsockname()[1])


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _lookup_error() -> str:
    """Return the error of this machine for a host name that does not exist."""
    try:
        socket.getaddrinfo("voice.acme.invalid", 443)
    except socket.gaierror as error:
        return str(error.strerror)
    raise AssertionError("The name voice.acme.invalid exists on this machine.")


_SOURCE = {"plugin": "talkover.voice.sip_trunks", "groups": {"deployable": "talkover_healthy"}}
_HOST = {"all": {"hosts": {"pbx-1": {"talkover_trunk_id": TRUNK}}}}

INVENTORIES: dict[str, dict[str, Any]] = {
    "'max_heath_age' is not an option": {"hosts": _HOST, "source": {**_SOURCE, "max_heath_age": 900}},
    "No earlier inventory source defines a host": {"hosts": {"all": {}}, "source": _SOURCE},
    "Host pbx-1 has the variable talkover_healthy from elsewhere": {
        "hosts": {"all": {"hosts": {"pbx-1": {"talkover_trunk_id": TRUNK, "talkover_healthy": True}}}},
        "source": _SOURCE,
    },
    "Host pbx-1 is in the group deployable, but its expression is not true": {
        "hosts": {"deployable": {"hosts": {"pbx-1": {"talkover_trunk_id": TRUNK}}}},
        "source": _SOURCE,
    },
    "Could not match supplied host pattern, ignoring: deployable": {"hosts": _HOST, "source": _SOURCE},
}
"""The sources and hosts that make an inventory fail, by heading."""
