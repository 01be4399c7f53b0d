# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Find signs that a list has more items than were fetched.

The paging of trunks and numbers is not documented, so the ways of other APIs count as well. A name that looks like
paging must have a value that says that there is no more. All other names are ignored.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum, auto
from typing import Any, NamedTuple

from .words import printable


class Page(NamedTuple):
    """What was fetched.

    :param number: the number of this page, from 1.
    :param last: the number of the last page.
    :param items: how many items this page has.
    :param seen: how many items the pages up to this one have.
    :param total: how many items all pages have.
    :param followed: whether the list itself named its last page.
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


class _Says(Enum):
    COMPLETE = auto()
    NOTHING = auto()
    # Paging exists, and this value leaves open whether there is more.
    OPEN = auto()
    MORE = auto()


_Rule = Callable[[Any, Page], _Says]


def _total(value: Any, page: Page) -> _Says:
    return _equal(value, page.total)


def _pages(value: Any, page: Page) -> _Says:
    return _equal(value, page.last, 0 if page.total == 0 else page.last)


def _equal(value: Any, *wanted: int) -> _Says:
    if value is None:
        return _Says.OPEN
    return _Says.COMPLETE if is_count(value) and value in wanted else _Says.MORE


def _count(value: Any, page: Page) -> _Says:
    said = _equal(value, page.items, page.total)
    return _Says.NOTHING if said is _Says.COMPLETE else said


def _current(value: Any, page: Page) -> _Says:
    # Some APIs count pages from zero.
    said = _equal(value, page.number, page.number - 1)
    return _Says.OPEN if said is _Says.COMPLETE else said


def _limit(value: Any, page: Page) -> _Says:
    if value is None:
        return _Says.OPEN
    if not is_count(value):
        return _Says.MORE
    return _Says.COMPLETE if value > page.items else _Says.OPEN


def _offset(value: Any, page: Page, most: int = 0) -> _Says:
    if page.number > 1 and is_count(value):
        return _Says.NOTHING
    return _Says.OPEN if value is None or (is_count(value) and value <= most) else _Says.MORE


def _first(value: Any, page: Page) -> _Says:
    return _offset(value, page, 1)


def _end(value: Any, page: Page) -> _Says:
    return _Says.NOTHING if value is None or (is_count(value) and value in (page.seen, page.seen - 1)) else _Says.MORE


def _more(value: Any, page: Page) -> _Says:
    if value is None or value is False:
        return _Says.OPEN if value is None else _Says.COMPLETE
    return _Says.MORE if page.is_last else _Says.NOTHING


def _next(value: Any, page: Page) -> _Says:
    if _is_empty(value):
        return _Says.COMPLETE
    return _Says.MORE if page.is_last else _Says.NOTHING


def _previous(value: Any, page: Page) -> _Says:
    return _Says.NOTHING if page.number > 1 or _is_empty(value) else _Says.MORE


def _final(value: Any, page: Page) -> _Says:
    if isinstance(value, bool):
        return _Says.COMPLETE if value else _more(True, page)
    # Under this name others give the number or the URL of the last page.
    return _Says.NOTHING if isinstance(value, str) else _pages(value, page)


def _unknown(value: Any, page: Page) -> _Says:
    return _Says.MORE if page.is_last and not _is_empty(value) and value != 0 else _Says.NOTHING


# Names in lower case, without what separates their words.
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
# What names hold that are not listed above and look like paging all the same.
_WORDS = _OBJECTS | {"next", "total", "totals", "count", "offset", "limit", "remaining"}
_HEADER_WORDS = frozenset(("paging", "pagination", "cursor", "next", "continuation"))
_STEMS = re.compile("cursor|paginat|(next|last|total)page|pagetoken|has(more|next)|(total|page)count|continuation")
_WORD = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

_PAGE_NUMBER = re.compile(r"[?&;](?:page|page_?number|p)=([0-9]{1,15})", re.IGNORECASE)
_NEXT = re.compile(r"\bnext\b", re.IGNORECASE)
_REL_NEXT = re.compile(r"""\brel\*?\s*=\s*["']?[^"';,<>]*\bnext\b""", re.IGNORECASE)
# Without a leading X-. Others share a word with paging by chance: Last-Modified, X-Served-From, X-Response-Size.
_HEADER = re.compile("(.*-)?(pag|total|next|cursor|has-?more|continuation).*|(count|prev|more|offset|limit|marker).*")
_CONTENT_RANGE = re.compile(r"\s*(?:\w+\s+)?(?:[0-9]{1,15}-[0-9]{1,15}|\*)/([0-9]{1,15})\s*")


def sign_of_more(envelope: Mapping[str, Any], headers: Mapping[str, str], page: Page) -> str | None:
    """Return the first sign that a list goes on, as the end of a sentence; C(None) when there is none."""
    complete, undecided = page.followed, None
    for path, value, says in _signs(envelope, headers, page):
        if says is _Says.MORE:
            return _shown(path, value)
        complete |= says is _Says.COMPLETE
        if says is _Says.OPEN and undecided is None:
            undecided = f"{_shown(path, value)}, and nothing says that this is all"
    return None if complete else undecided


def _shown(path: str, value: Any) -> str:
    return f"{printable(path, 80)} is {printable(json.dumps(value, ensure_ascii=False), 80)}"


def is_count(value: Any) -> bool:
    """Say whether a value of JSON is an integer of zero or more."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_empty(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_empty(member) for member in value.values())
    return value is None or value is False or value in ("", [])


_Sign = tuple[str, Any, _Says]


def _signs(envelope: Mapping[str, Any], headers: Mapping[str, str], page: Page) -> Iterator[_Sign]:
    for name, value in envelope.items():
        if name not in ("success", "data", "message"):
            yield from _of_member(name, name, value, page)
    for name, text in headers.items():
        yield from _of_header(name, text, page)


def _of_member(path: str, name: str, value: Any, page: Page) -> Iterator[_Sign]:
    """Judge a member of an object, and all that is inside of it."""
    words = [word.lower() for word in _WORD.findall(name)]
    joined = "".join(char for char in name.lower() if char.isalnum())
    if joined.startswith("rate") or joined in _HARMLESS:
        # A rate limit has limits too. The first page is known.
        yield from _beyond(path, value, page)
        return
    rule = _RULES.get(joined)
    if rule is None and (_WORDS.intersection(words) or _STEMS.search(joined)):
        rule = _unknown
    if isinstance(value, dict) and value and (joined in _OBJECTS or rule in (None, _final, _unknown)):
        if joined in _OBJECTS or rule is _unknown:
            yield path, value, _Says.OPEN
        for inner, member in value.items():
            yield from _of_member(f"{path}.{inner}", inner, member, page)
    elif isinstance(value, list):
        yield from _of_list(path, value, rule, page)
    elif rule is not None:
        yield path, value, rule(_number(value), page)
    yield from _beyond(path, value, page)


def _of_list(path: str, items: list[Any], rule: _Rule | None, page: Page) -> Iterator[_Sign]:
    if rule is not None and any(not isinstance(item, dict) for item in items):
        yield path, items, _unknown(items, page)
    for item in items:
        # A list of links tells them apart by a rel or a label.
        if isinstance(item, dict) and any(isinstance(text, str) and _NEXT.search(text) for text in item.values()):
            yield path, item, _next(next((item[name] for name in ("url", "href", "link") if name in item), item), page)
        yield from _of_member(path, "", item, page)


def _beyond(path: str, value: Any, page: Page) -> Iterator[_Sign]:
    """Find the URL of a page behind the last one."""
    if isinstance(value, str) and any(int(number) > page.last for number in _PAGE_NUMBER.findall(value)):
        yield path, value, _Says.MORE


def _of_header(name: str, text: str, page: Page) -> Iterator[_Sign]:
    path, lower = f"the header {name}", name.lower()
    if lower == "link":
        yield path, text, _next(text, page) if _REL_NEXT.search(text) else _Says.NOTHING
        yield from _beyond(path, text, page)
    elif lower == "content-range":
        match = _CONTENT_RANGE.fullmatch(text)
        yield path, text, _total(int(match.group(1)), page) if match else _Says.MORE
    elif _HEADER.fullmatch(lower.removeprefix("x-")):
        words = lower.removeprefix("x-").split("-")
        ends = ("".join(words[number:]) for number in range(len(words)))
        rule = next((_RULES[end] for end in ends if end in _RULES), None)
        if rule is not None:
            yield path, text, rule(_number(text.strip() or None), page)
        elif _HEADER_WORDS.intersection(words) or _STEMS.search("".join(words)):
            yield from _of_member(path, "pagination", _flat_json(text), page)


def _number(value: Any) -> Any:
    """Read a number or a boolean that is given as text."""
    if isinstance(value, str):
        text = value.strip().lower()
        if re.fullmatch("[0-9]{1,15}", text):
            return int(text)
        return {"true": True, "false": False, "null": None}.get(text, value)
    return value


def _flat_json(text: str) -> Any:
    """Read a header that holds an object of JSON; any other text stays as it is."""
    with contextlib.suppress(ValueError, RecursionError):
        value = json.loads(text)
        if isinstance(value, dict) and not any(isinstance(member, (dict, list)) for member in value.values()):
            return value
    return text
