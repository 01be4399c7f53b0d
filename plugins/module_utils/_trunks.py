# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Fetch the trunks of a query, combine their records, and report their health.

The paths, the records and the pagination are documented at docs.talkover.ai, under SIP trunks and Pagination.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from ._client import LIST_LIMIT, APIResponse, Client, Request
from ._concurrency import run_jobs
from ._errors import TalkoverError
from ._health import NO_TRUNK, find_problems, label
from ._options import PARTS, ConnectionOptions, TrunkQuery
from ._rate_limit import Window
from ._text import sanitize

MISSING = "This trunk does not exist."

Record = dict[str, Any]


class TrunkReport:
    """Hold the fetched records and their health.

    :param records: the records by trunk ID, in the requested order; C(None) for a trunk that does not exist.
    :param max_health_age: the maximum age of a health check, in seconds.
    :param arrived: by trunk ID, the time when the oldest response for it arrived, from ``_clock.now``.
    :param listed: the time when the oldest page of the list of trunks arrived; C(None) when it was not fetched.
    """

    def __init__(
        self,
        records: Mapping[str, Record | None],
        max_health_age: int | None = None,
        arrived: Mapping[str, float] | None = None,
        listed: float | None = None,
    ) -> None:
        self.records = records
        self.arrived = arrived or {}
        self.listed = listed
        self._max_health_age = max_health_age

    @property
    def trunks(self) -> list[Record]:
        """Return the records of the trunks that exist."""
        return [record for record in self.records.values() if record is not None]

    @property
    def missing(self) -> list[str]:
        """Return the IDs of the trunks that do not exist."""
        return [trunk_id for trunk_id, record in self.records.items() if record is None]

    @functools.cached_property
    def problems(self) -> dict[str, list[str]]:
        """Return the problems by trunk ID, for unhealthy and missing trunks only."""
        found = {
            trunk_id: [MISSING] if record is None else find_problems(record, self._max_health_age)
            for trunk_id, record in self.records.items()
        }
        return {trunk_id: sentences for trunk_id, sentences in found.items() if sentences}

    @property
    def message(self) -> str:
        """Return the problems as text, with one line for each unhealthy or missing trunk."""
        if not self.records:
            return NO_TRUNK
        lines = [
            f"{label(self.records[trunk_id] or {}, sanitize(trunk_id))}: {' '.join(sentences)}"
            for trunk_id, sentences in self.problems.items()
        ]
        return "\n".join(lines) or "All trunks are healthy."

    @property
    def healthy(self) -> bool:
        """Return whether there is at least one trunk, none is missing, and none has a problem."""
        return bool(self.records) and not self.problems


def fetch(
    connection: ConnectionOptions,
    query: TrunkQuery,
    on_wait: Callable[[float], None] | None = None,
    window: Window | None = None,
) -> TrunkReport:
    """Fetch all trunks of a query.

    :param on_wait: called with the seconds, once for each long wait for the rate limit.
    :param window: the rate-limit window, when other processes share it.
    :raises TalkoverError: when any request fails. There are no partial results.
    """
    if any(connection.token.hide(trunk_id) != trunk_id for trunk_id in query.trunk_ids):
        raise TalkoverError("config", "A trunk ID contains the token. Check the expression that sets the ID.")
    with Client(connection, on_wait, window) as client:
        fetched = _Fetch(client, connection.max_connections, query)
        return TrunkReport(fetched.run(), query.max_health_age, fetched.arrived, fetched.listed)


class _Fetch:
    """Run one query. A part of a trunk is C(record) or one of ``PARTS``."""

    def __init__(self, client: Client, threads: int, query: TrunkQuery) -> None:
        self._client = client
        self._threads = threads
        self._query = query
        self.arrived: dict[str, float] = {}
        self.listed: float | None = None

    def run(self) -> dict[str, Record | None]:
        """Return the records by trunk ID, with C(None) for a trunk that does not exist."""
        query = self._query
        listed = self._summaries() if query.all_trunks or not query.details else {}
        ids = tuple(listed) if query.all_trunks else query.trunk_ids
        found: dict[str, Record | None] = {
            trunk_id: {} if query.details else self._summary(trunk_id, listed) for trunk_id in ids
        }
        parts = [part for part in PARTS if part in query.include]
        if query.details:
            parts.insert(0, "record")
        # Live checks are slow, so they run concurrently with the records.
        jobs = [(trunk_id, part) for trunk_id in ids if found[trunk_id] is not None for part in parts]
        results = run_jobs([functools.partial(self._fetch_part, *job) for job in jobs], self._threads)
        for (trunk_id, part), result in zip(jobs, results):
            record = found[trunk_id]
            if record is None or result is None:
                found[trunk_id] = None
                continue
            value, arrived = result
            self.arrived[trunk_id] = min(arrived, self.arrived.get(trunk_id, arrived))
            if part == "record":
                record.update(value)
            else:
                record[part] = value
        return found

    def _summary(self, trunk_id: str, listed: dict[str, Record]) -> dict[str, Any] | None:
        if trunk_id not in listed and not self._query.missing_ok:
            request = Request("/sip-trunks", _name(trunk_id), trunk_id=trunk_id)
            raise self._client.error("not_found", request, "The list of trunks does not contain it")
        return listed.get(trunk_id)

    def _fetch_part(self, trunk_id: str, part: str) -> tuple[Any, float] | None:
        """Return a part of a trunk and its arrival time, or C(None) for a missing trunk if ``missing_ok``."""
        path = f"/sip-trunks/{quote(trunk_id, safe='')}"
        try:
            if part == "dids":
                pages = self._list(Request(f"{path}/dids", f"phone numbers of {_name(trunk_id)}", LIST_LIMIT, trunk_id))
                items = [item for page in pages for item in page.envelope["data"]]
                return items, min(page.arrived for page in pages)
            if part == "live_health":
                return self._live_check(
                    Request(f"{path}/health", f"live check of {_name(trunk_id)}", trunk_id=trunk_id)
                )
            return self._record(Request(path, _name(trunk_id), trunk_id=trunk_id))
        except TalkoverError as error:
            if error.kind == "not_found" and self._query.missing_ok:
                return None
            raise

    def _record(self, request: Request) -> tuple[dict[str, Any], float]:
        record, response = self._object(request)
        self._check_trunk_id(request, record.get("id"))
        return _without_parts(record), response.arrived

    def _live_check(self, request: Request) -> tuple[dict[str, Any], float]:
        check, response = self._object(request)
        # The trunk ID is not documented for live checks, but if it is present, it must match.
        self._check_trunk_id(request, check.get("trunk_id", request.trunk_id))
        age = response.headers.get("Age", "0")
        if not re.fullmatch("0+", age.strip()):
            reason = f"The live check came from an HTTP cache (Age: {sanitize(age, 40)})"
            raise self._client.error(
                "bad_response", request, reason, advice="Exclude the API from the caches between this machine and it."
            )
        return check, response.arrived

    def _check_trunk_id(self, request: Request, trunk_id: Any) -> None:
        if trunk_id != request.trunk_id:
            other = sanitize(str(trunk_id), 80)
            raise self._client.error("bad_response", request, f"The response is about another trunk, {other!r}")

    def _object(self, request: Request) -> tuple[dict[str, Any], APIResponse]:
        response = self._client.get(request)
        data = response.envelope["data"]
        if not isinstance(data, dict):
            raise self._client.error("bad_response", request, "The data of the response is not an object")
        return data, response

    def _summaries(self) -> dict[str, Record]:
        request = Request("/sip-trunks", "list of trunks", LIST_LIMIT)
        listed: dict[str, Record] = {}
        pages = self._list(request, self._threads)
        self.listed = min(page.arrived for page in pages)
        for page in pages:
            for summary in page.envelope["data"]:
                trunk_id = summary.get("id")
                if not _is_id(trunk_id) or trunk_id in listed:
                    raise self._client.error(
                        "bad_response", request, "The list has a trunk without an ID or a duplicate ID"
                    )
                listed[trunk_id] = _without_parts(summary)
                if not self._query.details:
                    self.arrived[trunk_id] = page.arrived
        return listed

    def _list(self, request: Request, threads: int = 1) -> list[APIResponse]:
        # Imported late: most tasks request single trunks, and a module compiles all that it imports.
        from ._lists import fetch_list

        return fetch_list(self._client, request, threads)


def _is_id(value: Any) -> bool:
    # ansible-core reserves these prefixes, and would remove such a key from the result.
    return isinstance(value, str) and bool(value.strip()) and not value.startswith(("_ansible_", "__ansible_"))


def _without_parts(record: dict[str, Any]) -> dict[str, Any]:
    # These fields must contain fetched parts only, because the health check reads them.
    return {field: value for field, value in record.items() if field not in PARTS}


def _name(trunk_id: str) -> str:
    return f"trunk {sanitize(trunk_id, 80)!r}"
