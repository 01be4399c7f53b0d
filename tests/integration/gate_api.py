# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serve an API whose base URL selects the fault, and define the scenarios for the gates."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_STATUS = {"auth": 401, "forbidden": 403, "rate_limited": 429, "rejected": 400, "server": 500}
_TRUNKS = ("well", "other", "sick", "a", "A", "b", "B")
KINDS = ("config", *_STATUS, "network", "tls", "timeout", "bad_response")
"""All error kinds except C(not_found), which is the scenario C(absent)."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        scenario = self.path.split("/")[1]
        trunk_id, _slash, check = self.path.partition("/sip-trunks/")[2].partition("/")
        if scenario == "timeout":
            time.sleep(1)
        elif scenario in _STATUS:
            self._send(_STATUS[scenario], {"success": False, "message": "No."})
        elif scenario == "bad_response":
            self._send(200, "this is not an object")
        elif trunk_id not in _TRUNKS:
            self._send(404, {"message": "No such trunk."})
        else:
            self._send(200, {"success": True, "data": (_live if check else _record)(trunk_id)})

    def _send(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if status == _STATUS["rate_limited"]:
            # Longer than the maximum wait, so that the request fails immediately.
            self.send_header("Retry-After", "3000")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_arguments: Any) -> None:
        """Print nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_arguments: Any) -> None:
        """Print nothing, because clients close connections when they time out."""


def _checked() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 30))


def _live(trunk_id: str) -> dict[str, Any]:
    return {"is_healthy": trunk_id != "sick", "checked_at": _checked()}


def _record(trunk_id: str) -> dict[str, Any]:
    return {
        "id": trunk_id,
        "name": f"Carrier {trunk_id}",
        "provider_name": "carrier",
        "is_active": True,
        "is_verified": True,
        "health_status": "unhealthy" if trunk_id == "sick" else "healthy",
        "last_health_check_at": _checked(),
    }


@contextmanager
def serving() -> Iterator[int]:
    """Serve the API on the loopback, and yield its port."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


def scenarios(port: int) -> dict[str, dict[str, Any]]:
    """Return the variables of the hosts, by scenario: one healthy trunk, and everything that must close a gate."""
    addresses = {"config": "ftp://127.0.0.1/api/v1", "network": "http://127.0.0.1:1/api/v1"}
    addresses["tls"] = f"https://127.0.0.1:{port}/api/v1"

    def variables(trunk_id: str | None, scenario: str = "fine") -> dict[str, Any]:
        api_url = addresses.get(scenario, f"http://127.0.0.1:{port}/{scenario}/api/v1")
        ids = {} if trunk_id is None else {"trunk_id": trunk_id, "talkover_trunk_id": trunk_id}
        lists = {} if trunk_id is None else {"trunk_ids": ["other", trunk_id]}
        return {"talkover_api_url": api_url, **ids, **lists}

    return {
        "healthy": variables("well"),
        "sick": variables("sick"),
        "absent": variables("absent"),
        "undefined": variables(None),
        "blank": variables(" "),
        "null": {**variables("well"), "trunk_id": None, "talkover_trunk_id": None, "trunk_ids": None},
        "empty": {**variables(""), "trunk_ids": [], "talkover_trunk_id": []},
        **{kind: variables("well", kind) for kind in KINDS},
    }
