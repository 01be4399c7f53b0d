# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define the trunks of a scenario, and the data that the API returns for each.

A trunk is a plain dictionary: any fields of the record (all but C(id) may be left out), and beside them

- C(changes): list of dictionaries of fields. The n-th request for the full record shows the n-th one merged over the
  record; the last one stays.
- C(live): dictionary, or list of them, of fields of the live check. Of a list, the n-th live check shows the n-th one;
  the last one stays. Without it the live check agrees with C(health_status).
- C(dids): list of dictionaries, the phone numbers of the trunk.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

Trunk = dict[str, Any]
Fields = dict[str, Any]

SUMMARY = (
    "id",
    "name",
    "provider_name",
    "domain",
    "transport",
    "is_active",
    "is_verified",
    "health_status",
    "created_at",
)
# Keys of a trunk in a scenario that are not fields of the record.
BESIDE_THE_RECORD = frozenset(("changes", "live", "dids"))

NO_ANSWER = "No answer to SIP OPTIONS within 5000 ms"

BUILT_IN: tuple[Trunk, ...] = (
    {
        "id": "trunk-healthy",
        "name": "Primary Carrier — US",
        "provider_name": "primary-carrier",
        "domain": "sip.primary.example",
        "transport": "tls",
        "live": {"is_healthy": True, "response_time_ms": 42},
        "dids": [
            {
                "id": "did-1",
                "number": "+551140028922",
                "country_code": "BR",
                "formatted_number": "+55 11 4002-8922",
            },
            {
                "id": "did-2",
                "number": "+5521987654321",
                "country_code": "BR",
                "formatted_number": "+55 21 98765-4321",
            },
        ],
    },
    {
        "id": "trunk-sick",
        "name": "Backup Carrier — São Paulo",
        "provider_name": "backup-carrier",
        "domain": "sip.backup.example",
        "is_verified": False,
        "health_status": "unhealthy",
        "live": {"is_healthy": False, "response_time_ms": 5000, "error": NO_ANSWER},
        "dids": [
            {
                "id": "did-3",
                "number": "+551130031234",
                "country_code": "BR",
                "formatted_number": "+55 11 3003-1234",
            },
        ],
    },
    {
        "id": "trunk-recovering",
        "name": "Regional Carrier — Recife",
        "provider_name": "regional-carrier",
        "domain": "sip.regional.example",
        "changes": [{"health_status": "unhealthy"}, {"health_status": "unhealthy"}, {"health_status": "healthy"}],
        "live": [
            {"is_healthy": False, "response_time_ms": 5000, "error": NO_ANSWER},
            {"is_healthy": False, "response_time_ms": 5000, "error": NO_ANSWER},
            {"is_healthy": True, "response_time_ms": 87},
        ],
        "dids": [
            {
                "id": "did-4",
                "number": "+558133334444",
                "country_code": "BR",
                "formatted_number": "+55 81 3333-4444",
            },
        ],
    },
)


class ScenarioError(ValueError):
    """Report an invalid scenario. The message names the scenario and the reason."""


class Scenario(NamedTuple):
    """Hold a scenario file: its trunks, and its valid token (None: the emulator's default)."""

    trunks: list[Trunk]
    token: str | None


def generated(count: int) -> list[Trunk]:
    """Return this number of healthy trunks, C(trunk-0001) and so on, of one fictional carrier."""
    return [{"id": f"trunk-{number:04}", "name": f"Carrier {number}"} for number in range(1, count + 1)]


def load(path: str) -> Scenario:
    """Read a scenario file: C({"token": "…", "trunks": [{"id": "…", …}, …]}), of which the token may be left out.

    Raises:
        ScenarioError: The file cannot be read, is not JSON, or is not of that form.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError(f"Cannot read the scenario {path}: {error.strerror}.") from error
    except ValueError as error:
        raise ScenarioError(f"The scenario {path} is not JSON: {error}.") from error
    if not isinstance(content, dict) or "trunks" not in content or content.keys() - {"token", "trunks"}:
        raise ScenarioError(f'The scenario {path} must be an object with "trunks" and, if wanted, "token".')
    token = content.get("token")
    if token is not None and (not isinstance(token, str) or not token):
        raise ScenarioError(f"The token of the scenario {path} must be a string that is not empty.")
    if not isinstance(content["trunks"], list):
        raise ScenarioError(f"The trunks of the scenario {path} must be a list.")
    index(content["trunks"])
    return Scenario(content["trunks"], token)


def index(trunks: Iterable[Mapping[str, Any]]) -> dict[str, Trunk]:
    """Return copies of the trunks by ID, in the same order.

    Raises:
        ScenarioError: A trunk has no ID, shares one with another, or has a C(changes), C(live) or C(dids) that is
            not in the form that the docstring of this module describes.
    """
    by_id: dict[str, Trunk] = {}
    for position, given in enumerate(trunks, 1):
        trunk: Any = given
        if not isinstance(trunk, Mapping) or not isinstance(trunk.get("id"), str) or not trunk["id"]:
            raise ScenarioError(f"Trunk number {position} must be an object whose id is a string that is not empty.")
        if trunk["id"] in by_id:
            raise ScenarioError(f"Two trunks have the ID {trunk['id']!r}.")
        for key in BESIDE_THE_RECORD & trunk.keys():
            entries: Any = [trunk[key]] if key == "live" and isinstance(trunk[key], Mapping) else trunk[key]
            if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
                raise ScenarioError(f"The {key} of the trunk {trunk['id']!r} must be a list of objects.")
        by_id[trunk["id"]] = copy.deepcopy(dict(trunk))
    return by_id


def record(trunk: Trunk, question: int) -> Fields:
    """Return the full record for the n-th request (n counts from 1)."""
    now = _now()
    fields = {
        "id": None,
        "name": trunk.get("id"),
        "provider_name": "emulated-carrier",
        "domain": "sip.carrier.example",
        "username": "talkover",
        "transport": "udp",
        "port": 5060,
        "outbound_proxy": None,
        "auth_realm": None,
        "is_active": True,
        "is_verified": True,
        "health_status": "healthy",
        "last_health_check_at": now,
        "created_at": "2026-01-15T09:30:00Z",
        "updated_at": "2026-01-15T09:30:00Z",
    }
    fields.update((key, value) for key, value in trunk.items() if key not in BESIDE_THE_RECORD)
    fields.update(_entry(trunk.get("changes", ()), question))
    if fields["transport"] == "tls" and "port" not in trunk:
        fields["port"] = 5061
    return fields


def summary(trunk: Trunk, question: int) -> Fields:
    """Return the summary of a trunk: exactly the documented fields of the list of all trunks."""
    fields = record(trunk, question)
    return {key: fields[key] for key in SUMMARY}


def live_check(trunk: Trunk, check: int, question: int) -> Fields:
    """Return the n-th live check of a trunk whose record was requested this number of times (both count from 1)."""
    live = trunk.get("live", ())
    given = live if isinstance(live, Mapping) else _entry(live, check)
    healthy = given.get("is_healthy", record(trunk, question)["health_status"] == "healthy")
    fields = {"is_healthy": healthy, "response_time_ms": 42 if healthy is True else 5000, "checked_at": _now()}
    if healthy is not True:
        fields["error"] = NO_ANSWER
    fields.update(given)
    return fields


def _entry(entries: Sequence[Mapping[str, Any]], number: int) -> Mapping[str, Any]:
    return entries[min(max(number, 1), len(entries)) - 1] if entries else {}


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
