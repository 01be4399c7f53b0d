# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Find signs that a list has more items than were fetched.

The API does not document paging for trunks and phone numbers, so the conventions of other APIs are recognized as well.
A field or header that looks like paging must have a value that shows that the list is complete. Others are ignored.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum, auto
from typing import Any, NamedTuple

from ._text import sanitize


class Page(NamedTuple):
    """Describe the position of a page in a fetched list.

    :param number: the number of this page, from 1.
    :param last: the number of the last page.
    :param items: the number of items on this page.
    :param seen: the number of items on this page and all before.
    :param total: the number of items on all pages.
    :param followed: whether the response stated the number of the last page.
    """

    number: int
    last: int
    items: int
    seen: int
    total: int
    followed: bool

    @property
    def is_last(self) -> bool:
        return self.number == self.last


class _Evidence(Enum):
    COMPLETE = auto()
    NOTHING = auto()
    # The list is paged, but this value does not show whether there are more items.
    OPEN = auto()
    MORE = auto()


_Rule = Callable[[Any, Page], _Evidence]


def _total(value: Any, page: Page) -> _Evidence:
    return _equal(value, page.total)


def _pages(value: Any, page: Page) -> _Evidence:
    return _equal(value, page.last, 0 if page.total == 0 else page.last)


def _equal(value: Any, *wanted: int) -> _Evidence:
    if value is None:
        return _Evidence.OPEN
    return _Evidence.COMPLETE if is_count(value) and value in wanted else _Evidence.MORE


def _count(value: Any, page: Page) -> _Evidence:
    evidence = _equal(value, page.items, page.total)
    return _Evidence.NOTHING if evidence is _Evidence.COMPLETE else evidence


def _current(value: Any, page: Page) -> _Evidence:
    # Some APIs number pages from zero.
    evidence = _equal(value, page.number, page.number - 1)
    return _Evidence.OPEN if evidence is _Evidence.COMPLETE else evidence


def _limit(value: Any, page: Page) -> _Evidence:
    if value is None:
        return _Evidence.OPEN
    if not is_count(value):
        return _Evidence.MORE
    return _Evidence.COMPLETE if value > page.items else _Evidence.OPEN


def _offset(value: Any, page: Page, most: int = 0) -> _Evidence:
    if page.number > 1 and is_count(value):
        return _Evidence.NOTHING
    return _Evidence.OPEN if value is None or (is_count(value) and value <= most) else _Evidence.MORE


def _first(value: Any, page: Page) -> _Evidence:
    return _offset(value, page, 1)


def _end(value: Any, page: Page) -> _Evidence:
    return (
        _Evidence.NOTHING
        if value is None or (is_count(value) and value in (page.seen, page.seen - 1))
        else _Evidence.MORE
    )


def _more(value: Any, page: Page) -> _Evidence:
    if value is None or value is False:
        return _Evidence.OPEN if value is None else _Evidence.COMPLETE
    return _Evidence.MORE if page.is_last else _Evidence.NOTHING


def _next(value: Any, page: Page) -> _Evidence:
    if _is_empty(value):
        return _Evidence.COMPLETE
    return _Evidence.MORE if page.is_last else _Evidence.NOTHING


def _previous(value: Any, page: Page) -> _Evidence:
    return _Evidence.NOTHING if page.number > 1 or _is_empty(value) else _Evidence.MORE


def _final(value: Any, page: Page) -> _Evidence:
    if isinstance(value, bool):
        return _Evidence.COMPLETE if value else _more(True, page)
    # Other APIs use this name for the number or the URL of the last page.
    return _Evidence.NOTHING if isinstance(value, str) else _pages(value, page)


def _unknown(value: Any, page: Page) -> _Evidence:
    return _Evidence.MORE if page.is_last and not _is_empty(value) and value != 0 else _Evidence.NOTHING


# Names in lower case, without separators.
_NAMES: dict[_Rule, str] = {
    _total: "total totalcount totalitems totalresults totalrecords totalelements totalentries totalrows totalsize",
    _count: "count itemcount resultcount numresults numberofelements returned",
    _pages: "lastpage totalpages pages pagecount pagestotal numpages numberofpages maxpage lastpagenumber nbpages",
    _current: "page currentpage pagenumber pageno pageindex",
    _limit: "limit perpage pagesize itemsperpage maxresults size pagelimit",
    _offset: "offset skip start startat",
    _first: "from firstitem startindex",
    _end: "to endindex lastitem",
    _more: "hasmore hasnext hasnextpage hasmorepages hasmoreitems hasmoreresults more moreavailable moreresults"
    " istruncated truncated incomplete incompleteresults partial ispartial",
    _next: "next nextpage nextpageurl nexturl nextlink nextcursor nextpagetoken nexttoken nextoffset nextkey nextmarker"
    " cursor endcursor after aftercursor continuation continuationtoken pagetoken marker scrollid bookmark"
    " lastevaluatedkey resumptiontoken odatanextlink",
    _previous: "prev previous prevpage previouspage prevpageurl previouspageurl prevurl previousurl prevcursor"
    " previouscursor prevlink hasprevious hasprev hasprevpage haspreviouspage",
    _final: "last islast islastpage complete iscomplete",
}
_RULES: dict[str, _Rule] = {name: rule for rule, names in _NAMES.items() for name in names.split()}
_HARMLESS = frozenset(("first", "firstpage", "firstpageurl", "lastpageurl", "startcursor", "self", "path"))
_OBJECTS = frozenset(("pagination", "paging", "paginator", "pager", "pageinfo", "page", "pages", "cursor", "cursors"))
# Words that mark a name as paging when it is not listed above.
_WORDS = _OBJECTS | {"next", "total", "totals", "count", "offset", "limit", "remaining"}
_HEADER_WORDS = frozenset(("paging", "pagination", "cursor", "next", "continuation"))
_STEMS = re.compile("cursor|paginat|(next|last|total)page|pagetoken|has(more|next)|(total|page)count|continuation")
_WORD = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

_PAGE_NUMBER = re.compile(r"[?&;](?:page|page_?number|p)=([0-9]{1,15})", re.IGNORECASE)
_NEXT = re.compile(r"\bnext\b", re.IGNORECASE)
_REL_NEXT = re.compile(r"""\brel\*?\s*=\s*["']?[^"';,<>]*\bnext\b""", re.IGNORECASE)
# Without a leading X-. Unrelated headers share a word with paging: Last-Modified, X-Served-From, X-Response-Size.
_HEADER = re.compile("(.*-)?(pag|total|next|cursor|has-?more|continuation).*|(count|prev|more|offset|limit|marker).*")
_CONTENT_RANGE = re.compile(r"\s*(?:\w+\s+)?(?:[0-9]{1,15}-[0-9]{1,15}|\*)/([0-9]{1,15})\s*")


def find_paging_sign(envelope: Mapping[str, Any], headers: Mapping[str, str], page: Page) -> str | None:
    """Return the first sign that a list has more items, as the end of a sentence, or C(None)."""
    complete, undecided = page.followed, None
    for path, value, evidence in _signs(envelope, headers, page):
        if evidence is _Evidence.MORE:
            return _describe_sign(path, value)
        complete |= evidence is _Evidence.COMPLETE
        if evidence is _Evidence.OPEN and undecided is None:
            undecided = f"{_describe_sign(path, value)}, and nothing says that this is all"
    return None if complete else undecided


def _describe_sign(path: str, value: Any) -> str:
    return f"{sanitize(path, 80)} is {sanitize(json.dumps(value, ensure_ascii=False), 80)}"


def is_count(value: Any) -> bool:
    """Return whether a JSON value is an integer, zero or more."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_empty(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_empty(member) for member in value.values())
    return value is None or value is False or value in ("", [])


_Sign = tuple[str, Any, _Evidence]


def _signs(envelope: Mapping[str, Any], headers: Mapping[str, str], page: Page) -> Iterator[_Sign]:
    for name, value in envelope.items():
        if name not in ("success", "data", "message"):
            yield from _member_signs(name, name, value, page)
    for name, text in headers.items():
        yield from _header_signs(name, text, page)


def _member_signs(path: str, name: str, value: Any, page: Page) -> Iterator[_Sign]:
    """Yield the signs in a member of an object, including nested values."""
    words = [word.lower() for word in _WORD.findall(name)]
    joined = "".join(char for char in name.lower() if char.isalnum())
    if joined.startswith("rate") or joined in _HARMLESS:
        # Rate limits share words with paging. The first page is already known.
        yield from _url_signs(path, value, page)
        return
    rule = _RULES.get(joined)
    if rule is None and (_WORDS.intersection(words) or _STEMS.search(joined)):
        rule = _unknown
    if isinstance(value, dict) and value and (joined in _OBJECTS or rule in (None, _final, _unknown)):
        if joined in _OBJECTS or rule is _unknown:
            yield path, value, _Evidence.OPEN
        for inner, member in value.items():
            yield from _member_signs(f"{path}.{inner}", inner, member, page)
    elif isinstance(value, list):
        yield from _list_signs(path, value, rule, page)
    elif rule is not None:
        yield path, value, rule(_number(value), page)
    yield from _url_signs(path, value, page)


def _list_signs(path: str, items: list[Any], rule: _Rule | None, page: Page) -> Iterator[_Sign]:
    if rule is not None and any(not isinstance(item, dict) for item in items):
        yield path, items, _unknown(items, page)
    for item in items:
        # In a list of links, a rel or a label names each one.
        if isinstance(item, dict) and any(isinstance(text, str) and _NEXT.search(text) for text in item.values()):
            yield path, item, _next(next((item[name] for name in ("url", "href", "link") if name in item), item), page)
        yield from _member_signs(path, "", item, page)


def _url_signs(path: str, value: Any, page: Page) -> Iterator[_Sign]:
    """Yield a sign for a URL of a page after the last one."""
    if isinstance(value, str) and any(int(number) > page.last for number in _PAGE_NUMBER.findall(value)):
        yield path, value, _Evidence.MORE


def _header_signs(name: str, text: str, page: Page) -> Iterator[_Sign]:
    path, lower = f"the header {name}", name.lower()
    if lower == "link":
        yield path, text, _next(text, page) if _REL_NEXT.search(text) else _Evidence.NOTHING
        yield from _url_signs(path, text, page)
    elif lower == "content-range":
        match = _CONTENT_RANGE.fullmatch(text)
        yield path, text, _total(int(match.group(1)), page) if match else _Evidence.MORE
    elif _HEADER.fullmatch(lower.removeprefix("x-")):
        words = lower.removeprefix("x-").split("-")
        ends = ("".join(words[number:]) for number in range(len(words)))
        rule = next((_RULES[end] for end in ends if end in _RULES), None)
        if rule is not None:
            yield path, text, rule(_number(text.strip() or None), page)
        elif _HEADER_WORDS.intersection(words) or _STEMS.search("".join(words)):
            yield from _member_signs(path, "pagination", _flat_json(text), page)


def _number(value: Any) -> Any:
    """Convert text to a number, a boolean or null where possible."""
    if isinstance(value, str):
        text = value.strip().lower()
        if re.fullmatch("[0-9]{1,15}", text):
            return int(text)
        return {"true": True, "false": False, "null": None}.get(text, value)
    return value


def _flat_json(text: str) -> Any:
    """Parse a header value that is a flat JSON object; return any other text unchanged."""
    with contextlib.suppress(ValueError, RecursionError):
        value = json.loads(text)
        if isinstance(value, dict) and not any(isinstance(member, (dict, list)) for member in value.values()):
            return value
    return text
