# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Fetch records once for all processes of one Ansible run, which share them for a few seconds.

The store of ``_run_store`` has the records. Its files are replaced by renaming, so a reader never sees half an entry.
The file C(lock) has a byte for each of C(_SLOTS) slots, which trunk IDs are hashed to. A process that requests records
holds the locks of their slots, and others wait. The kernel releases the locks when the process dies. Slots are locked
in ascending order, so that processes never wait for each other in a circle.

Any failure of the store costs a request, and never changes a result.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..module_utils import _clock
from ..module_utils._options import ConnectionOptions, TrunkQuery, check_cache_ttl
from ._run_store import ALL, FAILED, Entry, Record, RunStore, run_folder

Fetch = Callable[[TrunkQuery], Any]

_SLOTS = 4096
_FIRST_POLL = 0.005
_LAST_POLL = 0.05
_BACKOFF = 8.0
"""The seconds between two attempts of a request at most, besides waits for rate limits."""


def fetch_cached(
    connection: ConnectionOptions, query: TrunkQuery, ttl: float, fetch: Fetch, began: float | None = None
) -> Mapping[str, Record | None]:
    """Return records from the store, and fetch those that are missing or too old.

    :param ttl: how many seconds old a stored record may be, counted from its arrival, when this returns it. With C(0),
        it must have arrived after this attempt began, so that processes with the same question share one request.
    :param fetch: what requests records, such as ``trunks.fetch``.
    :param began: when this attempt began, as ``_clock.now`` tells it; now when left out.
    :returns: the records by trunk ID, in the order of the question; C(None) for one that does not exist.
    :raises TalkoverError: kind ``config`` for an invalid ttl, and whatever ``fetch`` raises.
    """
    check_cache_ttl(ttl)
    store = _open_cache(connection, query, ttl, _clock.now() if began is None else began)
    if store is None:
        records: Mapping[str, Record | None] = fetch(query).records
        return records
    found: dict[str, Entry] = store.get_many(query) if ttl else {}
    rest = store.rest(query, found)
    if rest is not None:
        with store.lock(rest.trunk_ids or (ALL,), _max_fetch_time(connection)):
            found = _merge(query, found, store.get_many(rest))
            rest = store.rest(query, found)
            if rest is not None:
                found = _merge(query, found, store.fetch_and_store(rest, fetch))
        # What was young before the wait or the request may be too old now.
        rest = store.rest(query, found) if found else None
        if rest is not None:
            found = _merge(query, found, store.fetch_and_store(rest, fetch))
    return {trunk_id: found[trunk_id].value for trunk_id in query.trunk_ids or found}


def _merge(query: TrunkQuery, old: dict[str, Entry], new: dict[str, Entry]) -> dict[str, Entry]:
    """Return the entries together; of C(all_trunks) only the new ones, as trunks may be gone since."""
    return new if query.all_trunks else {**old, **new}


def _max_fetch_time(connection: ConnectionOptions) -> float:
    return (connection.retries + 1) * (connection.timeout + _BACKOFF) + connection.max_wait


class _RunCache(RunStore):
    """Fetch and store the entries of one question."""

    def fetch_and_store(self, query: TrunkQuery, fetch: Fetch) -> dict[str, Entry]:
        """Fetch records, and store those that exist."""
        began = _clock.now()
        try:
            answer = fetch(query)
        except Exception:
            for name in query.trunk_ids or (ALL,):
                self._write(FAILED + name, None, _clock.now())
            raise
        records: Mapping[str, Record | None] = answer.records
        for trunk_id, record in records.items():
            if record is None:
                self._write(FAILED + trunk_id, None, _clock.now())
            else:
                self._write(trunk_id, record, answer.arrived[trunk_id])
        if query.all_trunks and None not in records.values():
            # A trunk that was created after the first page arrived may be missing from the list.
            self._write(ALL, list(records), began if answer.listed is None else answer.listed)
        return {trunk_id: Entry(record, began, began, True) for trunk_id, record in records.items()}

    @contextlib.contextmanager
    def lock(self, names: Sequence[str], longest: float) -> Iterator[None]:
        """Wait until no other process fetches any of the names, and make other processes wait.

        The lock is given up after the longest time, and when another process fetched since then without success or so
        slowly that its records are too old already. Otherwise the waiting processes would fetch one after the other.
        """
        slots = sorted({int.from_bytes(self.digest(name)[:4], "big") % _SLOTS for name in names})
        with contextlib.ExitStack() as stack:
            try:
                lock = os.open(os.path.join(self.folder, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                stack.callback(os.close, lock)
                if not _lock(lock, slots, self.began + longest) or self._is_hopeless(names):
                    stack.close()
            except OSError:
                stack.close()
            yield

    def _is_hopeless(self, names: Sequence[str]) -> bool:
        for name in names:
            entry = self.read(name)
            if self.ttl and entry is not None and entry.stored >= self.began and not self.is_usable(entry):
                return True
            failure = self.read(FAILED + name)
            if failure is not None and failure.stored >= self.began:
                return True
        return False

    def _write(self, name: str, value: Any, arrived: float) -> None:
        content = json.dumps({"value": value, "arrived": arrived, "stored": _clock.now()})
        beside = None
        try:
            handle, beside = tempfile.mkstemp(dir=self.folder)
            with open(handle, "w", encoding="ascii") as file:
                file.write(content)
            os.replace(beside, os.path.join(self.folder, self.digest(name).hex()))
        except OSError:
            if beside:
                with contextlib.suppress(OSError):
                    os.unlink(beside)


def _lock(lock: int, slots: Iterable[int], until: float) -> bool:
    poll = _FIRST_POLL
    for slot in slots:
        while True:
            try:
                fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, slot)
                break
            except (BlockingIOError, PermissionError):
                if _clock.now() > until:
                    return False
                time.sleep(poll)
                poll = min(1.5 * poll, _LAST_POLL)
    return True


def _open_cache(connection: ConnectionOptions, query: TrunkQuery, ttl: float, began: float) -> _RunCache | None:
    """Return the store of this run, or C(None) when it cannot be used."""
    folder = run_folder()
    return None if folder is None else _RunCache(folder, connection, query, ttl, began)
