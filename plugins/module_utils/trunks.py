# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""What to fetch, and how to put it together: from a question to records, and a verdict on them.

The paths, the records and the paging are documented at docs.talkover.ai, under SIP trunks and under Pagination.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from . import health, workers
from .client import LIST_LIMIT, Client, Request
from .errors import TalkoverError
from .options import PARTS, Connection, Question
from .words import printable

MOST_PAGES = 1000
"""The pages that a list may have; a service that names more is not believed."""

MISSING = "This trunk does not exist."

Record = dict[str, Any]


class Answer:
    """What was found.

    :param records: a record for each trunk ID, in the order asked for; C(None) for a trunk that does not exist.
    :param max_health_age: the seconds that a health check may be old.
    :param arrived: for each trunk ID, when its oldest part arrived, as ``time.monotonic`` tells it.
    """

    def __init__(
        self,
        records: Mapping[str, Record | None],
        max_health_age: int | None = None,
        arrived: Mapping[str, float] | None = None,
    ) -> None:
        self.records = records
        self.arrived = arrived or {}
        self._max_health_age = max_health_age

    @property
    def trunks(self) -> list[Record]:
        """The records of those that exist."""
        return [record for record in self.records.values() if record is not None]

    @property
    def missing(self) -> list[str]:
        """The IDs of those that do not."""
        return [trunk_id for trunk_id, record in self.records.items() if record is None]

    @functools.cached_property
    def problems(self) -> dict[str, list[str]]:
        """The sentences for each trunk ID that has any, missing ones included."""
        found = {
            trunk_id: [MISSING] if record is None else health.problems(record, self._max_health_age)
            for trunk_id, record in self.records.items()
        }
        return {trunk_id: sentences for trunk_id, sentences in found.items() if sentences}

    @property
    def healthy(self) -> bool:
        """Whether there is a trunk, none is missing, and none has a problem."""
        return bool(self.records) and not self.problems


def fetch(connection: Connection, question: Question, on_wait: Callable[[float], None] | None = None) -> Answer:
    """Ask for trunks, each once.

    :param on_wait: told the seconds, once for each long wait for the service's rate window.
    :raises TalkoverError: when anything that was asked for could not be had; there is no half of an answer.
    """
    with Client(connection, on_wait) as client:
        fetched = _Fetch(client, connection.max_connections, question)
        return Answer(fetched.run(), question.max_health_age, fetched.arrived)


class _Fetch:
    """One question on its way. A part of a trunk is C(record) or one of ``PARTS``."""

    def __init__(self, client: Client, threads: int, question: Question) -> None:
        self._client = client
        self._threads = threads
        self._question = question
        self.arrived: dict[str, float] = {}

    def run(self) -> dict[str, Record | None]:
        """Give a record for each trunk, or C(None) for one that does not exist."""
        question = self._question
        listed = self._summaries() if question.all_trunks or not question.details else {}
        ids = tuple(listed) if question.all_trunks else question.trunk_ids
        found: dict[str, Record | None] = {
            trunk_id: {} if question.details else self._summary(trunk_id, listed) for trunk_id in ids
        }
        parts = [part for part in PARTS if part in question.include]
        if question.details:
            parts.insert(0, "record")
        # The live checks take longest, so they run beside the records instead of after them.
        jobs = [(trunk_id, part) for trunk_id in ids if found[trunk_id] is not None for part in parts]
        results = workers.run([functools.partial(self._part, *job) for job in jobs], self._threads)
        for (trunk_id, part), result in zip(jobs, results):
            record = found[trunk_id]
            if record is None or result is None:
                found[trunk_id] = None
            elif part == "record":
                record.update(result)
            else:
                record[part] = result
        return found

    def _summary(self, trunk_id: str, listed: dict[str, Record]) -> dict[str, Any] | None:
        if trunk_id not in listed and not self._question.missing_ok:
            request = Request("/sip-trunks", _name(trunk_id), trunk_id=trunk_id)
            raise self._client.error("not_found", request, "the list of trunks does not have it")
        return listed.get(trunk_id)

    def _part(self, trunk_id: str, part: str) -> Any:
        """Give a part of a trunk, or C(None) when there is no such trunk and that is no error."""
        path = f"/sip-trunks/{quote(trunk_id, safe='')}"
        answer: Any
        try:
            if part == "dids":
                answer = self._list(Request(f"{path}/dids", f"the numbers of {_name(trunk_id)}", LIST_LIMIT, trunk_id))
            elif part == "live_health":
                answer = self._check(Request(f"{path}/health", f"a live check of {_name(trunk_id)}", trunk_id=trunk_id))
            else:
                answer = self._record(Request(path, _name(trunk_id), trunk_id=trunk_id))
            self.arrived.setdefault(trunk_id, time.monotonic())
            return answer
        except TalkoverError as error:
            if error.kind == "not_found" and self._question.missing_ok:
                return None
            raise

    def _record(self, request: Request) -> dict[str, Any]:
        record = self._object(request)
        self._compare(request, record.get("id"))
        return _without_parts(record)

    def _check(self, request: Request) -> dict[str, Any]:
        check = self._object(request)
        # It is not documented to name its trunk, but if it does, it has to be the right one.
        self._compare(request, check.get("trunk_id", request.trunk_id))
        return check

    def _compare(self, request: Request, trunk_id: Any) -> None:
        if trunk_id != request.trunk_id:
            other = printable(str(trunk_id), 80)
            raise self._client.error("bad_response", request, f"the answer is about another trunk, {other!r}")

    def _object(self, request: Request) -> dict[str, Any]:
        data = self._client.get(request)["data"]
        if not isinstance(data, dict):
            raise self._client.error("bad_response", request, "the data of the answer is not an object")
        return data

    def _summaries(self) -> dict[str, Record]:
        request = Request("/sip-trunks", "the list of trunks", LIST_LIMIT)
        listed: dict[str, Record] = {}
        for summary in self._list(request, self._threads):
            trunk_id = summary.get("id")
            if not isinstance(trunk_id, str) or not trunk_id.strip() or trunk_id in listed:
                raise self._client.error("bad_response", request, "the list has a trunk without an ID of its own")
            listed[trunk_id] = _without_parts(summary)
            if not self._question.details:
                self.arrived[trunk_id] = time.monotonic()
        return listed

    def _list(self, request: Request, threads: int = 1) -> list[dict[str, Any]]:
        """Give a list, all of its pages.

        No paging is documented for trunks and numbers, so the first question has no C(page), and C(meta) is followed
        where there is one, as documented for the other lists.
        """
        first = self._client.get(request)
        meta = first.get("meta")
        meta = {} if meta is None else meta
        if not isinstance(meta, dict):
            raise self._client.error("bad_response", request, "the meta of the list is not an object")
        last, size, total = meta.get("last_page", 1), meta.get("per_page"), meta.get("total")
        if not _is_count(last) or not 1 <= last <= MOST_PAGES or meta.get("current_page", 1) != 1:
            raise self._client.error("bad_response", request, "the meta of the list cannot be followed")
        rest = [
            request._replace(path=f"{request.path}?page={page}" + (f"&per_page={size}" if _is_count(size) else ""))
            for page in range(2, last + 1)
        ]
        pages = [first, *workers.run([functools.partial(self._client.get, page) for page in rest], threads)]
        items: list[dict[str, Any]] = []
        for number, page in enumerate(pages, start=1):
            data = page["data"]
            if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
                raise self._client.error("bad_response", request, "the data of the answer is not a list of objects")
            if number > 1 and (not isinstance(page.get("meta"), dict) or page["meta"].get("current_page") != number):
                raise self._client.error("bad_response", request, f"page {number} of the list is another page")
            items += data
        if total is not None and total != len(items):
            # A trunk that slipped between two pages would not be judged.
            raise self._client.error("bad_response", request, f"the list has {len(items)} items instead of {total!r}")
        return items


def _without_parts(record: dict[str, Any]) -> dict[str, Any]:
    # Under these names the verdict finds what was asked for, so nothing else may stand there.
    return {field: value for field, value in record.items() if field not in PARTS}


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _name(trunk_id: str) -> str:
    return f"trunk {printable(trunk_id, 80)!r}"
