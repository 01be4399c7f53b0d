# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Fetch all pages of a list, and reject a list that may be incomplete."""

from __future__ import annotations

import functools
from typing import Any

from ._client import APIResponse, Client, Request
from ._concurrency import run_jobs
from ._paging import Page, find_paging_sign, is_count

MAX_PAGES = 1000
"""The maximum number of pages of a list. A larger number is an invalid response."""


def fetch_list(client: Client, request: Request, threads: int = 1) -> list[APIResponse]:
    """Return all pages of a list. The data of each page is a list of objects.

    The API documents no paging for trunks and phone numbers. So the first request has no C(page), and C(meta) is
    followed if present, as documented for the other lists. Any other sign of more items is an error.

    :param threads: the maximum number of pages to request concurrently.
    :raises TalkoverError: when a request fails, or when the list may be incomplete.
    """
    first = client.get(request)
    last, size = _last_page(client, request, first.envelope.get("meta"))
    rest = [
        request._replace(path=f"{request.path}?page={page}" + (f"&per_page={size}" if is_count(size) else ""))
        for page in range(2, last + 1)
    ]
    pages = [first, *run_jobs([functools.partial(client.get, page) for page in rest], threads)]
    for number, page in enumerate(pages, start=1):
        data, meta = page.envelope["data"], page.envelope.get("meta")
        if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
            raise client.error("bad_response", request, "The data of the response is not a list of objects")
        if number > 1 and (not isinstance(meta, dict) or meta.get("current_page") != number):
            raise client.error("bad_response", request, f"Page {number} of the list is another page")
    _refuse_more(client, request, pages)
    return pages


def _last_page(client: Client, request: Request, meta: Any) -> tuple[int, Any]:
    """Return the number of the last page, and the page size if the list has several pages."""
    if meta is None:
        return 1, None
    if not isinstance(meta, dict):
        raise client.error("bad_response", request, "The meta of the list is not an object")
    last: Any = meta.get("last_page")
    if not is_count(last) or not 1 <= last <= MAX_PAGES or meta.get("current_page", 1) != 1:
        raise client.error(
            "bad_response", request, "The meta of the list is invalid, so its further pages cannot be requested"
        )
    return last, meta.get("per_page")


def _refuse_more(client: Client, request: Request, pages: list[APIResponse]) -> None:
    """Raise an error when a page has a sign of more items, because the health of these would not be checked."""
    counts = [len(page.envelope["data"]) for page in pages]
    for number, (page, count) in enumerate(zip(pages, counts), start=1):
        followed = page.envelope.get("meta") is not None
        place = Page(number, len(pages), count, sum(counts[:number]), sum(counts), followed)
        sign = find_paging_sign(page.envelope, page.headers, place)
        if sign:
            raise client.error("bad_response", request, f"The list may be incomplete: {sign}")
