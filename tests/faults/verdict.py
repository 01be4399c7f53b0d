# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records, live checks and lists that must not be healthy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from .fault import RECORD, Fault, Peer, Play, encoded, http, responds

_LIVE = {"include": ["live_health"], "max_connections": 1}
_AGE: dict[str, Any] = {"max_health_age": 600}
_CHECK = {"is_healthy": True, "response_time_ms": 4, "checked_at": "2026-01-31T12:00:00Z"}
_ALL = MappingProxyType({"all_trunks": True, "details": False})


def _record(name: str, **fields: Any) -> Fault:
    return Fault(f"a record with {name}", responds(encoded({**RECORD, **fields})), "unhealthy")


def _without(field: str) -> Fault:
    record = {name: value for name, value in RECORD.items() if name != field}
    return Fault(f"a record without {field}", responds(encoded(record)), "unhealthy")


def _live(name: str, check: Any, kind: str = "unhealthy", **options: Any) -> Fault:
    return Fault(f"a live check with {name}", responds(encoded(RECORD), encoded(check)), kind, options=_LIVE | options)


def _aged(name: str, moment: Any) -> Fault:
    play = responds(encoded({**RECORD, "last_health_check_at": moment}))
    return Fault(f"a time of the check with {name}", play, "unhealthy", options=_AGE)


def _listed(
    name: str, items: Any, kind: str, options: Mapping[str, Any] = _ALL, headers: Sequence[str] = (), **envelope: Any
) -> Fault:
    return Fault(f"a list with {name}", _always(encoded(items, **envelope), *headers), kind, options=options)


def _endless(name: str, *headers: str, **envelope: Any) -> Fault:
    """Return the row of a list of one trunk that says in some way that there are more."""
    play = _always(encoded([RECORD], **envelope), *headers)
    return Fault(f"a list with {name}", play, "bad_response", options=_ALL, message="may be incomplete")


def _numbers(name: str, kind: str, *headers: str, **envelope: Any) -> Fault:
    """Return the row of a list of phone numbers, beside a healthy record."""

    def play(peer: Peer) -> None:
        while True:
            is_list = peer.request().split()[1].endswith("/dids")
            listed = http(200, encoded([{"id": "did-1", "number": "+15550100"}], **envelope), *headers)
            peer.send(listed if is_list else http(200, encoded(RECORD)))

    return Fault(f"a list of numbers with {name}", play, kind, options={"include": ["dids"]})


def _always(body: bytes, *headers: str) -> Play:
    def play(peer: Peer) -> None:
        while True:
            peer.request()
            peer.send(http(200, body, *headers))

    return play


def _cached(name: str, kind: str, *headers: str) -> Fault:
    """Return the row of a live check with headers of a cache."""

    def play(peer: Peer) -> None:
        while True:
            live = peer.request().split()[1].endswith("/health")
            peer.send(http(200, encoded(_CHECK), *headers) if live else http(200, encoded(RECORD), "Age: 5"))

    message = "" if kind == "healthy" else "HTTP cache"
    return Fault(f"a live check with {name}", play, kind, options=_LIVE, message=message)


def _in_pages(name: str, kind: str, *trunks: Mapping[str, Any], pages: int = 2, **second: Any) -> Fault:
    """Return the row of a list of two pages with a trunk each, whose second has something else in its envelope."""

    def play(peer: Peer) -> None:
        while True:
            number = 2 if "page=2" in peer.request().split()[1] else 1
            meta = {"current_page": number, "last_page": pages, "per_page": 1, "total": len(trunks)}
            extra = second if number == 2 else {"links": {"next": "/sip-trunks?page=2"}}
            peer.send(http(200, encoded([trunks[number - 1]], **{"meta": meta, **extra})))

    return Fault(f"a list of two pages with {name}", play, kind, options=_ALL)


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
    _record("a live check that was not requested", health_status="unhealthy", live_health=_CHECK),
    *(_live(f"is_healthy {text}", {**_CHECK, "is_healthy": value}) for text, value in _ODD_BOOLEANS.items()),
    _live("nothing in it", {}),
    _live("valid data", _CHECK, "healthy"),
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
    _listed("meta without page information", [RECORD], "bad_response", meta={}),
    _listed("meta without a last page", [RECORD], "bad_response", meta={"current_page": 1, "total": 1}),
    _listed("names that have nothing to do with pages", [RECORD], "healthy", request_id="a", account={"country": "BR"}),
    _listed("limits of the rate", [RECORD], "healthy", rate_limit={"limit": 1, "remaining": 0}),
    _listed("a next page that is null", [RECORD], "healthy", next=None, has_more=False, links={"next": None}),
    _listed("the whole number of items", [RECORD], "healthy", total=1, limit=1, offset=0),
    _listed("the whole number of items in headers", [RECORD], "healthy", headers=["X-Total-Count: 1", "X-Next-Page: "]),
    _endless("links to the next page", links={"next": "/api/v1/sip-trunks?page=2"}),
    _endless("links to the next page in meta", meta={"last_page": 1, "links": {"next": "/b"}}),
    _endless("a link to the next page", next="/b"),
    _endless("a cursor", next_cursor="abc"),
    _endless("a cursor in meta", meta={"last_page": 1, "next_cursor": "abc"}),
    _endless("a token for the next page", nextPageToken="abc"),
    _endless("more, it says", has_more=True),
    _endless("more, in text", has_more="true"),
    _endless("a pagination object", pagination={"total_pages": 2}),
    _endless("a pagination object in meta", meta={"last_page": 1, "pagination": {"total_pages": 2}}),
    _endless("a pagination object without page information", pagination={"page": 1}),
    _endless("a total at the top", total=2),
    _endless("a last page at the top", last_page=2),
    _endless("as many items as a page takes", limit=1, offset=0),
    _endless("a later offset", offset=1, total=1),
    *(
        _endless(f"the header {header}", header)
        for header in (
            'Link: </b>; rel="next"',
            "link: </a>; rel=prev, </b>;REL = next",
            'Link: </a?page=1>; rel="first", </a?page=2>; rel="last"',
            "X-Total-Count: 2",
            "X-Next-Page: 2",
            "X-Total-Pages: 2",
            "Content-Range: items 0-0/2",
            "Content-Range: items 0-0/*",
        )
    ),
    _numbers("valid items", "healthy", meta={"current_page": 1, "last_page": 1, "total": 1}),
    _numbers("a cursor", "bad_response", next_cursor="abc"),
    _numbers("a link to the next page in a header", "bad_response", 'Link: </b>; rel="next"'),
    _in_pages("valid items", "healthy", RECORD, {**RECORD, "id": "b"}),
    _in_pages("a sick trunk on the second", "unhealthy", RECORD, {**RECORD, "id": "b", "is_active": False}),
    _in_pages("a link to a third", "bad_response", RECORD, {**RECORD, "id": "b"}, links={"next": "/c"}),
    _in_pages(
        "a third on the second only",
        "bad_response",
        RECORD,
        {**RECORD, "id": "b"},
        meta={"current_page": 2, "last_page": 3},
    ),
    _cached("an age of zero", "healthy", "Age: 0"),
    _cached("an age of a second", "bad_response", "Age: 1"),
    _cached("an age of a day", "bad_response", "Age: 86400", "X-Cache: HIT"),
    _cached("an age that is no number", "bad_response", "Age: new"),
    _cached("an age of nothing", "bad_response", "Age: "),
    _cached("a negative age", "bad_response", "Age: -1"),
    _cached("two ages", "bad_response", "Age: 0", "Age: 30"),
    _listed("another trunk only", [{**RECORD, "id": "b"}], "not_found", {"details": False}),
    _listed(
        "another trunk only, and missing_ok",
        [{**RECORD, "id": "b"}],
        "unhealthy",
        {"details": False, "missing_ok": True},
    ),
)
