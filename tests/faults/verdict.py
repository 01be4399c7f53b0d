# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verdict: records, live checks and lists that must not count as healthy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from .fault import RECORD, Fault, Peer, Play, answers, encoded, http

_LIVE = {"include": ["live_health"], "max_connections": 1}
_AGE: dict[str, Any] = {"max_health_age": 600}
_CHECK = {"is_healthy": True, "response_time_ms": 4, "checked_at": "2026-01-31T12:00:00Z"}
_ALL = MappingProxyType({"all_trunks": True, "details": False})


def _record(name: str, **fields: Any) -> Fault:
    return Fault(f"a record with {name}", answers(encoded({**RECORD, **fields})), "unhealthy")


def _without(field: str) -> Fault:
    record = {name: value for name, value in RECORD.items() if name != field}
    return Fault(f"a record without {field}", answers(encoded(record)), "unhealthy")


def _live(name: str, check: Any, kind: str = "unhealthy", **options: Any) -> Fault:
    return Fault(f"a live check with {name}", answers(encoded(RECORD), encoded(check)), kind, options=_LIVE | options)


def _aged(name: str, moment: Any) -> Fault:
    play = answers(encoded({**RECORD, "last_health_check_at": moment}))
    return Fault(f"a time of the check with {name}", play, "unhealthy", options=_AGE)


def _listed(name: str, items: Any, kind: str, options: Mapping[str, Any] = _ALL, **envelope: Any) -> Fault:
    return Fault(f"a list with {name}", _always(encoded(items, **envelope)), kind, options=options)


def _always(body: bytes) -> Play:
    def play(peer: Peer) -> None:
        while True:
            peer.request()
            peer.send(http(200, body))

    return play


def _pages(last: int) -> dict[str, Any]:
    return {"current_page": 1, "last_page": last, "per_page": 1, "total": last}


_ODD_BOOLEANS: dict[str, Any] = {
    "null": None,
    "false": False,
    "1": 1,
    '"true"': "true",
    '"yes"': "yes",
    "[true]": [True],
    "1.0": 1.0,
    "{}": {},
}
_ODD_STATUSES: dict[str, Any] = {
    "null": None,
    "Healthy": "Healthy",
    "healthy and a space": "healthy ",
    "unhealthy": "unhealthy",
    "true": True,
}
_ODD_STATUSES |= {"degraded": "degraded", "nothing": "", "a list": ["healthy"], "Cyrillic letters": "he\u0430lthy"}
_ODD_TIMES = {
    "nothing": None,
    "no zone": "2999-01-31T12:00:00",
    "a number": 4_000_000_000,
    "a leap second": "2016-12-31T23:59:60Z",
    "24:00": "2026-01-31T24:00:00Z",
    "year 0": "0000-01-01T00:00:00Z",
    "year 9999": "9999-12-31T23:59:59Z",
    "year 9999, west of Greenwich": "9999-12-31T23:59:59-23:59",
    "year 1, east of Greenwich": "0001-01-01T00:00:00+23:59",
    "the basic format": "20260131T120000Z",
    "a space instead of the T": "2026-01-31 12:00:00Z",
    "an offset of 25 hours": "2026-01-31T12:00:00+25:00",
    "a date of no calendar": "2026-02-30T12:00:00Z",
    "digits that are not ASCII": "٢٠٢٦-01-31T12:00:00Z",
    "a line break behind it": "2026-01-31T12:00:00Z\n",
    "an old one": "2020-01-31T12:00:00.123456789z",
}

ROWS = (
    *(_without(field) for field in ("is_active", "is_verified", "health_status")),
    *(_record(f"is_active {text}", is_active=value) for text, value in _ODD_BOOLEANS.items()),
    *(_record(f"is_verified {text}", is_verified=value) for text, value in _ODD_BOOLEANS.items()),
    *(_record(f"health_status {text}", health_status=value) for text, value in _ODD_STATUSES.items()),
    _record("a live check that nobody asked for", health_status="unhealthy", live_health=_CHECK),
    *(_live(f"is_healthy {text}", {**_CHECK, "is_healthy": value}) for text, value in _ODD_BOOLEANS.items()),
    _live("nothing in it", {}),
    _live("nothing wrong", _CHECK, "healthy"),
    _live("an answer that is a list", [_CHECK], "bad_response"),
    _live("an answer that is true", True, "bad_response"),
    _live("an answer that is null", None, "bad_response"),
    _live("the ID of another trunk", {**_CHECK, "trunk_id": "trunk-2"}, "bad_response"),
    _live("an old time", _CHECK, **_AGE),
    _live("no time", {"is_healthy": True}, **_AGE),
    *(_aged(name, moment) for name, moment in _ODD_TIMES.items()),
    _listed("nothing in it", [], "unhealthy"),
    _listed("one trunk", [RECORD], "healthy"),
    _listed("one sick trunk of two", [RECORD, {**RECORD, "id": "b", "is_active": False}], "unhealthy"),
    _listed("the same trunk twice", [RECORD, {**RECORD, "is_active": False}], "bad_response"),
    _listed("a trunk without an ID", [RECORD, {"name": "b"}], "bad_response"),
    _listed("a trunk with an empty ID", [{**RECORD, "id": " "}], "bad_response"),
    _listed("items that are no objects", [RECORD, "b"], "bad_response"),
    _listed("an object instead", {"a": RECORD}, "bad_response"),
    _listed("null instead", None, "bad_response"),
    _listed("the same page again and again", [RECORD], "bad_response", meta=_pages(2)),
    _listed("a million pages", [RECORD], "bad_response", meta=_pages(1_000_000)),
    _listed("fewer items than it says", [RECORD], "bad_response", meta={**_pages(1), "total": 2}),
    _listed("a later page first", [RECORD], "bad_response", meta={**_pages(2), "current_page": 2}),
    _listed("no pages", [RECORD], "bad_response", meta={"current_page": 1, "last_page": 0}),
    _listed("pages counted in text", [RECORD], "bad_response", meta={"current_page": 1, "last_page": "2"}),
    _listed("meta that is a list", [RECORD], "bad_response", meta=[2]),
    _listed("meta that is a text", [RECORD], "bad_response", meta="2 pages"),
    _listed("meta that is null", [RECORD], "healthy", meta=None),
    _listed("another trunk only", [{**RECORD, "id": "b"}], "not_found", {"details": False}),
    _listed(
        "another trunk only, and missing_ok",
        [{**RECORD, "id": "b"}],
        "unhealthy",
        {"details": False, "missing_ok": True},
    ),
)
