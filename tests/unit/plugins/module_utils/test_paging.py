# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that a list with any sign of more items is incomplete."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.module_utils._paging import Page, find_paging_sign

THREE = Page(number=1, last=1, items=3, seen=3, total=3, followed=False)
FIRST_OF_TWO = Page(number=1, last=2, items=2, seen=2, total=3, followed=True)
SECOND_OF_TWO = Page(number=2, last=2, items=1, seen=3, total=3, followed=True)
NEXT_URL = "https://talkover.example/api/v1/sip-trunks?page=2"

MORE: list[dict[str, Any]] = [
    {"links": {"next": NEXT_URL}},
    {"links": {"next": {"href": NEXT_URL}}},
    {"links": {"last": NEXT_URL}},
    {"_links": {"self": {"href": "/a"}, "next": {"href": "/b"}}},
    {"links": [{"rel": "prev", "href": None}, {"rel": "next", "href": "/b"}]},
    {"links": [{"url": "/b", "label": "Next &raquo;", "active": False}]},
    {"next": NEXT_URL},
    {"next": 2},
    {"next": "null and more"},
    {"next_page": 2},
    {"nextPage": 2},
    {"next_page_url": NEXT_URL},
    {"last_page_url": NEXT_URL},
    {"first_page_url": "/a?page=1", "last_page_url": "/a?page=9"},
    {"next_cursor": "abc"},
    {"cursor": "abc"},
    {"cursor": {"next": "abc", "prev": None}},
    {"cursors": {"after": "abc"}},
    {"nextPageToken": "abc"},
    {"next_token": "abc"},
    {"@odata.nextLink": NEXT_URL},
    {"LastEvaluatedKey": {"id": "b"}},
    {"continuationToken": "abc"},
    {"offset": 3},
    {"offset": 0},
    {"offset": 1, "total": 3},
    {"skip": 3, "total": 3},
    {"limit": 3},
    {"limit": 2},
    {"limit": "3"},
    {"limit": -1},
    {"page": 1},
    {"page": 2, "total": 3},
    {"per_page": 3, "page": 1},
    {"has_more": True},
    {"has_more": 1},
    {"has_more": "true"},
    {"has_more": None},
    {"has_more_trunks": True},
    {"hasNextPage": True},
    {"has_previous": True},
    {"more": True},
    {"is_last_page": False},
    {"truncated": True},
    {"incomplete_results": True},
    {"total": 4},
    {"total": 2},
    {"total": 3.0},
    {"total": True},
    {"total": "many"},
    {"total": {"value": 4}},
    {"totals": 4},
    {"total": None},
    {"total_count": 4},
    {"totalElements": 4},
    {"count": 4},
    {"count": None},
    {"last_page": 2},
    {"last_page": "2"},
    {"total_pages": 2},
    {"totalpages": 2},
    {"pages": 2},
    {"pages": [1, 2]},
    {"pages": []} | {"pageCount": 2},
    {"pagination": {"total_pages": 2}},
    {"pagination": {"page": 1}},
    {"pagination": {"color": "red"}},
    {"pagination": True},
    {"pagination": "2 pages"},
    {"paging": {"next": NEXT_URL}},
    {"paging": {"cursors": {"after": "abc"}}},
    {"page": {"size": 3, "totalElements": 4, "totalPages": 2, "number": 0}},
    {"page_info": {"hasNextPage": True}},
    {"pageInfo": {"endCursor": "abc", "hasNextPage": False}},
    {"extra": {"deep": [{"next_cursor": "abc"}]}},
    {"remaining": 2},
    {"trunk_pages": 2},
    {"previous": NEXT_URL},
    {"prev_page_url": "/a?page=0"},
    {"request": "/a?page=2"},
]

COMPLETE: list[dict[str, Any]] = [
    {},
    {"request_id": "abc", "version": 2, "timestamp": "2026-01-31T12:00:00Z", "status": 200, "code": "OK"},
    {"account": "a", "country": "BR", "discount": 3, "environment": {"name": "prod"}, "last_modified": 7},
    {"rate_limit": {"limit": 100, "remaining": 99, "next": 5}, "rateLimit": {"limit": 3}},
    {"next": None, "next_page": "", "has_more": False, "cursor": None, "truncated": False},
    {"links": {"first": "/a?page=1", "last": "/a?page=1", "prev": None, "next": None}},
    {"_links": {"self": {"href": "/a"}, "last": {"href": "/a?page=1"}, "next": {"href": None}}},
    {"links": [{"url": None, "label": "Next &raquo;", "active": False}, {"url": "/a?page=1", "label": "1"}]},
    {"total": 3},
    {"total": "3"},
    {"total": 3, "limit": 3, "offset": 0, "page": 1, "count": 3},
    {"count": 3},
    {"limit": 50, "offset": 0},
    {"last_page": 1, "current_page": 1},
    {"last": True, "number": 0},
    {"pagination": {"page": 1, "total_pages": 1, "per_page": 3}},
    {"pagination": {}},
    {"page": {"size": 20, "totalElements": 3, "totalPages": 1, "number": 0}},
    {"pageInfo": {"endCursor": None, "hasNextPage": False, "startCursor": "abc"}},
]

MORE_HEADERS = [
    {"Link": f'<{NEXT_URL}>; rel="next"'},
    {"link": f"<{NEXT_URL}>; REL=Next"},
    {"Link": "</b>; rel='next'"},
    {"Link": '</a>; rel="prev", </b>;rel = "last next" ; title="b"'},
    {"Link": '</b>; title="a, b; c"; rel="next"'},
    {"Link": "<https://talkover.example/next; rel=next"},
    {"Link": '</a?page=1>; rel="first", </a?page=7>; rel="last"'},
    {"X-Total-Count": "4"},
    {"x-total-count": "4, 4"},
    {"X-Total-Count": "many"},
    {"X-Total-Count": ""},
    {"X-Total": "4"},
    {"X-WP-Total": "4"},
    {"X-Next-Page": "2"},
    {"X-Total-Pages": "2"},
    {"X-Page-Count": "2"},
    {"X-Pagination-Total-Pages": "2"},
    {"Pagination-Count": "4"},
    {"X-Pagination": '{"TotalPages": 2}'},
    {"X-Pagination": "page 1 of 2"},
    {"X-Next-Cursor": "abc"},
    {"X-Has-More": "true"},
    {"X-Continuation-Token": "abc"},
    {"x-ms-continuation": "abc"},
    {"X-Limit": "3"},
    {"X-Offset": "3"},
    {"Content-Range": "items 0-2/4"},
    {"Content-Range": "trunks 0-2/*"},
    {"Content-Range": "0-2"},
    {"X-Pagination": "[" * 100_000},
]

COMPLETE_HEADERS = [
    {"Link": "</style.css>; rel=preload; as=style", "Content-Length": "9", "Last-Modified": "now", "Age": "3"},
    {"Link": '</a?page=1>; rel="last", </nextcloud>; rel="help"'},
    {"X-RateLimit-Limit": "3", "X-RateLimit-Remaining": "2", "X-RateLimit-Reset": "9", "RateLimit-Limit": "3"},
    {"Retry-After": "3", "X-Served-From": "a", "X-Response-Size": "1", "X-Cache-Hits": "5", "X-Start": "170000"},
    {"X-Nextjs-Cache": "HIT", "Content-Language": "en", "Via": "1.1 next", "X-Request-Id": "a"},
    {
        "X-Total-Count": "3",
        "X-Total-Pages": "1",
        "X-Next-Page": "",
        "X-Page": "1",
        "X-Per-Page": "3",
        "X-Prev-Page": "",
    },
    {"X-WP-Total": "3", "X-WP-TotalPages": "1"},
    {"X-Pagination": '{"TotalPages": 1, "HasNext": false}'},
    {"Content-Range": "items 0-2/3"},
]


@pytest.mark.parametrize("envelope", MORE, ids=str)
@pytest.mark.parametrize("where", ["top", "meta", "inside"])
def test_a_sign_of_more_is_found_wherever_it_stands(envelope: dict[str, Any], where: str) -> None:
    placed = {"top": envelope, "meta": {"meta": envelope}, "inside": {"extra": {"a": [envelope]}}}[where]
    assert find_paging_sign({"success": True, "data": [], **placed}, {}, THREE), placed


@pytest.mark.parametrize("envelope", COMPLETE, ids=str)
def test_what_says_that_there_is_no_more_is_fine(envelope: dict[str, Any]) -> None:
    assert (
        find_paging_sign({"success": True, "data": [], "message": "page 1 of 2, next: more", **envelope}, {}, THREE)
        is None
    )


@pytest.mark.parametrize("headers", MORE_HEADERS, ids=lambda headers: str(headers)[:80])
def test_a_header_with_a_sign_of_more_is_found(headers: dict[str, str]) -> None:
    assert find_paging_sign({}, headers, THREE)


@pytest.mark.parametrize("headers", COMPLETE_HEADERS, ids=str)
def test_other_headers_are_fine(headers: dict[str, str]) -> None:
    assert find_paging_sign({}, headers, THREE) is None


LARAVEL: dict[str, Any] = {
    "links": {"first": "/a?page=1", "last": "/a?page=2", "prev": None, "next": "/a?page=2"},
    "meta": {
        "current_page": 1,
        "from": 1,
        "last_page": 2,
        "links": [{"url": None, "label": "&laquo; Previous"}, {"url": "/a?page=2", "label": "Next &raquo;"}],
        "path": "/a",
        "per_page": "2",
        "to": 2,
        "total": 3,
    },
}


def test_pages_that_are_followed_may_tell_of_each_other() -> None:
    first = {"X-Next-Page": "2", "Link": '</a?page=2>; rel="next", </a?page=2>; rel="last"', "X-Total-Pages": "2"}
    assert find_paging_sign(LARAVEL, first, FIRST_OF_TWO) is None
    second = {
        "links": {"first": "/a?page=1", "last": "/a?page=2", "prev": "/a?page=1", "next": None},
        "meta": {**LARAVEL["meta"], "current_page": 2, "from": 3, "to": 3, "links": [{"url": None, "label": "Next"}]},
    }
    assert find_paging_sign(second, {"X-Next-Page": "", "Link": '</a?page=1>; rel="prev"'}, SECOND_OF_TWO) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"meta": {"last_page": 3}},
        {"meta": {"total": 4}},
        {"meta": {"current_page": 2, "next_page_url": "/a?page=3"}},
        {"meta": {"last_page": 2, "to": 4}},
        {"links": {"next": "/a?page=3"}},
        {"has_more": True},
        {"next_cursor": "abc"},
    ],
)
def test_the_last_page_must_be_the_last(changed: dict[str, Any]) -> None:
    assert find_paging_sign(changed, {}, SECOND_OF_TWO)


def test_no_page_may_point_beyond_the_last() -> None:
    assert find_paging_sign({"links": {"next": "/a?page=3"}}, {}, FIRST_OF_TWO)
    assert find_paging_sign({}, {"Link": '</a?page=3>; rel="last"'}, FIRST_OF_TWO)


def test_the_sign_is_named_with_its_place_and_value() -> None:
    envelope = {"meta": {"pagination": {"total_pages": 3}}}
    assert find_paging_sign(envelope, {}, THREE) == "meta.pagination.total_pages is 3"
    assert find_paging_sign({"page": 1}, {}, THREE) == "page is 1, and nothing says that this is all"
    assert find_paging_sign({}, {"X-Next-Page": "2"}, THREE) == 'the header X-Next-Page is "2"'
