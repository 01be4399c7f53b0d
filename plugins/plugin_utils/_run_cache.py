# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Records that all processes of one Ansible run share, for a few seconds.

The store is the directory C(talkover-voice) in the temporary directory of the run (C(DEFAULT_LOCAL_TMP)). ansible-core
creates that for its owner alone, passes it to each worker, and removes it when the run ends. It contains

- one file per entry: JSON with the value and two times: when the value arrived and when it was stored. Its name is an
  HMAC of scope and ID, with the token as the key. Files are replaced by renaming, so a reader never sees half an entry.
  What is not such JSON is not an entry;
- C(lock): a byte for each of C(_SLOTS) slots, which trunk IDs are hashed to. A process that requests records holds the
  locks of their slots, and others wait. The kernel releases the locks when the process dies. Slots are locked in
  ascending order, so that processes never wait for each other in a circle.

Threat model: other users cannot enter the directory, and a directory that they could enter is not used. The owner, and
root, can read and change the processes of the run, which hold the token and the records anyway. So entries have no
seal. The names of files show no token and no ID, because backups and listings outlive a run.

Times come from a clock that is the same in all processes and that nobody can set. Any failure of the store costs a
request, and never changes a result.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible import constants

from ..module_utils import _clock
from ..module_utils._options import ConnectionOptions, TrunkQuery, check_cache_ttl

Record = dict[str, Any]
Fetch = Callable[[TrunkQuery], Any]

_SLOTS = 4096
_FIRST_POLL = 0.005
_LAST_POLL = 0.05
_BACKOFF = 8.0
"""The seconds between two attempts of a request at most, besides waits for rate limits."""
# No ID is empty or has a line break, so these names are free.
_ALL = ""
_FAILED = "\n"


class _Entry(NamedTuple):
    value: Any
    arrived: float
    stored: float
    is_own: bool = False
    """Whether this process fetched it for this question, which makes it fresh whatever its age."""


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
    found: dict[str, _Entry] = store.get_many(query) if ttl else {}
    rest = store.rest(query, found)
    if rest is not None:
        with store.lock(rest.trunk_ids or (_ALL,), _max_fetch_time(connection)):
            found = _merge(query, found, store.get_many(rest))
            rest = store.rest(query, found)
            if rest is not None:
                found = _merge(query, found, store.fetch_and_store(rest, fetch))
        # What was young before the wait or the request may be too old now.
        rest = store.rest(query, found) if found else None
        if rest is not None:
            found = _merge(query, found, store.fetch_and_store(rest, fetch))
    return {trunk_id: found[trunk_id].value for trunk_id in query.trunk_ids or found}


def run_folder() -> str | None:
    """Return the private directory of this run, or C(None) when it cannot be used."""
    folder = os.path.join(constants.DEFAULT_LOCAL_TMP, "talkover-voice")
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, 0o700)
        found = os.lstat(folder)
    except OSError:
        return None
    private = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
    return folder if private else None


def _merge(query: TrunkQuery, old: dict[str, _Entry], new: dict[str, _Entry]) -> dict[str, _Entry]:
    """Return the entries together; of C(all_trunks) only the new ones, as trunks may be gone since."""
    return new if query.all_trunks else {**old, **new}


def _max_fetch_time(connection: ConnectionOptions) -> float:
    return (connection.retries + 1) * (connection.timeout + _BACKOFF) + connection.max_wait


class _RunCache:
    def __init__(self, folder: str, connection: ConnectionOptions, query: TrunkQuery, ttl: float, began: float) -> None:
        self._folder = folder
        self._token = connection.token
        self._scope = json.dumps((*connection.cache_key, *query.cache_key))
        self._ttl = ttl
        self._began = began

    def get_many(self, query: TrunkQuery) -> dict[str, _Entry]:
        """Return the usable entries; of C(all_trunks) all or none."""
        ids: Iterable[str] = query.trunk_ids
        if query.all_trunks:
            listed = self._read(_ALL)
            if listed is None or not isinstance(listed.value, list) or not self._is_usable(listed):
                return {}
            ids = map(str, listed.value)
        found = {}
        for trunk_id in ids:
            entry = self._read(trunk_id)
            if entry is not None and self._is_usable(entry):
                found[trunk_id] = entry
            elif query.all_trunks:
                return {}
        return found

    def rest(self, query: TrunkQuery, found: Mapping[str, _Entry]) -> TrunkQuery | None:
        """Return the question about what is not found or too old, or C(None) when there is no such record."""
        if query.all_trunks:
            return None if found and all(map(self._is_usable, found.values())) else query
        rest = tuple(i for i in query.trunk_ids if i not in found or not self._is_usable(found[i]))
        return query._replace(trunk_ids=rest) if rest else None

    def fetch_and_store(self, query: TrunkQuery, fetch: Fetch) -> dict[str, _Entry]:
        """Fetch records, and store those that exist."""
        began = _clock.now()
        try:
            answer = fetch(query)
        except Exception:
            for name in query.trunk_ids or (_ALL,):
                self._write(_FAILED + name, None, _clock.now())
            raise
        records: Mapping[str, Record | None] = answer.records
        for trunk_id, record in records.items():
            if record is None:
                self._write(_FAILED + trunk_id, None, _clock.now())
            else:
                self._write(trunk_id, record, answer.arrived[trunk_id])
        if query.all_trunks and None not in records.values():
            # A trunk that was created after the first page arrived may be missing from the list.
            self._write(_ALL, list(records), began if answer.listed is None else answer.listed)
        return {trunk_id: _Entry(record, began, began, True) for trunk_id, record in records.items()}

    def _is_usable(self, entry: _Entry) -> bool:
        age = _clock.now() - entry.arrived
        return entry.is_own or (age >= 0 and (age < self._ttl if self._ttl else entry.arrived >= self._began))

    @contextlib.contextmanager
    def lock(self, names: Sequence[str], longest: float) -> Iterator[None]:
        """Wait until no other process fetches any of the names, and make other processes wait.

        The lock is given up after the longest time, and when another process fetched since then without success or so
        slowly that its records are too old already. Otherwise the waiting processes would fetch one after the other.
        """
        slots = sorted({int.from_bytes(self._digest(name)[:4], "big") % _SLOTS for name in names})
        with contextlib.ExitStack() as stack:
            try:
                lock = os.open(os.path.join(self._folder, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                stack.callback(os.close, lock)
                if not _lock(lock, slots, self._began + longest) or self._is_hopeless(names):
                    stack.close()
            except OSError:
                stack.close()
            yield

    def _is_hopeless(self, names: Sequence[str]) -> bool:
        for name in names:
            entry = self._read(name)
            if self._ttl and entry is not None and entry.stored >= self._began and not self._is_usable(entry):
                return True
            failure = self._read(_FAILED + name)
            if failure is not None and failure.stored >= self._began:
                return True
        return False

    def _digest(self, name: str) -> bytes:
        return self._token.digest(self._scope + name)

    def _read(self, name: str) -> _Entry | None:
        try:
            with open(os.path.join(self._folder, self._digest(name).hex()), "rb") as file:
                entry = json.load(file)
            if name == _ALL or name.startswith(_FAILED) or entry["value"]["id"] == name:
                return _Entry(entry["value"], float(entry["arrived"]), float(entry["stored"]))
        except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            pass
        return None

    def _write(self, name: str, value: Any, arrived: float) -> None:
        content = json.dumps({"value": value, "arrived": arrived, "stored": _clock.now()})
        beside = None
        try:
            handle, beside = tempfile.mkstemp(dir=self._folder)
            with open(handle, "w", encoding="ascii") as file:
                file.write(content)
            os.replace(beside, os.path.join(self._folder, self._digest(name).hex()))
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
