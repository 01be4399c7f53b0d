# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Records that all processes of one Ansible run share, for a few seconds.

The store is the directory C(talkover-voice) in the temporary directory of the run (C(DEFAULT_LOCAL_TMP)). ansible-core
creates that for its owner alone, passes it to each worker, and removes it when the run ends. It contains

- C(key): 32 random bytes, created once a run. They and the token are the key of the HMACs that name and seal entries,
  so a name reveals neither, and a damaged or foreign file is not an entry;
- one file per entry: a seal of 32 bytes, and JSON with the value and two times: when the value arrived and when it was
  stored. Files are replaced by renaming, so a reader never sees half an entry;
- C(lock): a byte for each of C(_SLOTS) slots, which trunk IDs are hashed to. A process that requests records holds the
  locks of their slots, and others wait. The kernel releases the locks when the process dies. Slots are locked in
  ascending order, so that processes never wait for each other in a circle.

Times come from a clock that is the same in all processes and that nobody can set. Any failure of the store costs a
request, and never changes a result.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import math
import os
import secrets
import stat
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible import constants

from ..module_utils import _clock
from ..module_utils.errors import TalkoverError
from ..module_utils.options import Connection, Question

Record = dict[str, Any]
Fetch = Callable[[Question], Any]

_SEAL = 32
_SLOTS = 4096
_POLL = 0.01
# No ID is empty or has a line break, so these names are free.
_ALL = ""
_FAILED = "\n"


class _Entry(NamedTuple):
    value: Any
    arrived: float
    stored: float
    is_own: bool = False
    """Whether this lookup fetched it itself, which makes it fresh whatever its age."""

    def is_usable(self, ttl: float) -> bool:
        return self.is_own or 0 <= _clock.now() - self.arrived < ttl


def fetch_cached(connection: Connection, question: Question, ttl: float, fetch: Fetch) -> Mapping[str, Record | None]:
    """Return records from the store, and fetch those that are missing or too old.

    :param ttl: how many seconds old a stored record may be, counted from its arrival, when this returns it.
        C(0) fetches every record and leaves the store alone.
    :param fetch: what requests records, such as ``trunks.fetch``.
    :returns: the records by trunk ID, in the order of the question; C(None) for one that does not exist.
    :raises TalkoverError: kind ``config`` for an invalid ttl, and whatever ``fetch`` raises.
    """
    if not (ttl >= 0 and math.isfinite(ttl)):
        raise TalkoverError("config", f"cache_ttl must be zero or more seconds, but is {ttl}.")
    store = _opened(connection, question) if ttl else None
    if store is None:
        records: Mapping[str, Record | None] = fetch(question).records
        return records
    since = _clock.now()
    found: dict[str, _Entry] = store.get_many(question, ttl)
    rest = _rest(question, found, ttl)
    if rest is not None:
        with store.lock(rest.trunk_ids or (_ALL,), _longest_fetch(connection), since, ttl):
            found = _merge(question, found, store.get_many(rest, ttl))
            rest = _rest(question, found, ttl)
            if rest is not None:
                found = _merge(question, found, store.fetch_and_store(rest, fetch))
        # What was young before the wait or the request may be too old now.
        rest = _rest(question, found, ttl) if found else None
        if rest is not None:
            found = _merge(question, found, store.fetch_and_store(rest, fetch))
    return {trunk_id: found[trunk_id].value for trunk_id in question.trunk_ids or found}


def _merge(question: Question, old: dict[str, _Entry], new: dict[str, _Entry]) -> dict[str, _Entry]:
    """Return the entries together; of C(all_trunks) only the new ones, as trunks may be gone since."""
    return new if question.all_trunks else {**old, **new}


def _rest(question: Question, found: Mapping[str, _Entry], ttl: float) -> Question | None:
    """Return the question about what is not found or too old, or C(None) when there is no such record."""
    if question.all_trunks:
        return None if found and all(entry.is_usable(ttl) for entry in found.values()) else question
    rest = tuple(i for i in question.trunk_ids if i not in found or not found[i].is_usable(ttl))
    return question._replace(trunk_ids=rest) if rest else None


def _longest_fetch(connection: Connection) -> float:
    # Imported late, because a lookup that the store answers needs nothing of the client.
    from ..module_utils.window import LONGEST_WAIT

    return (connection.retries + 1) * (connection.timeout + LONGEST_WAIT)


class _Store:
    def __init__(self, folder: str, key: bytes, connection: Connection, question: Question) -> None:
        self._folder = folder
        self._key = key
        self._token = connection.token
        self._scope = json.dumps((*connection.scope, *question.scope))

    def get_many(self, question: Question, ttl: float) -> dict[str, _Entry]:
        """Return the young entries; of C(all_trunks) all or none."""
        ids: Iterable[str] = question.trunk_ids
        if question.all_trunks:
            listed = self._read(_ALL)
            if listed is None or not listed.is_usable(ttl):
                return {}
            ids = listed.value
        found = {}
        for trunk_id in ids:
            entry = self._read(trunk_id)
            if entry is not None and entry.is_usable(ttl):
                found[trunk_id] = entry
            elif question.all_trunks:
                return {}
        return found

    def fetch_and_store(self, question: Question, fetch: Fetch) -> dict[str, _Entry]:
        """Fetch records, and store those that exist."""
        began = _clock.now()
        try:
            answer = fetch(question)
        except Exception:
            for name in question.trunk_ids or (_ALL,):
                self._write(_FAILED + name, None, _clock.now())
            raise
        records: Mapping[str, Record | None] = answer.records
        for trunk_id, record in records.items():
            if record is not None:
                self._write(trunk_id, record, answer.arrived[trunk_id])
        if question.all_trunks and None not in records.values():
            # A trunk that was created after the first page arrived may be missing from the list.
            self._write(_ALL, list(records), began if answer.listed is None else answer.listed)
        return {trunk_id: _Entry(record, began, began, True) for trunk_id, record in records.items()}

    @contextlib.contextmanager
    def lock(self, names: Sequence[str], longest: float, since: float, ttl: float) -> Iterator[None]:
        """Wait until no other process fetches any of the names, and make other processes wait.

        The lock is given up after the longest time, and when another process fetched since then without success or so
        slowly that its records are too old already. Otherwise the waiting processes would fetch one after the other.
        """
        slots = sorted({int.from_bytes(self._digest(name)[:4], "big") % _SLOTS for name in names})
        with contextlib.ExitStack() as stack:
            try:
                lock = os.open(os.path.join(self._folder, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                stack.callback(os.close, lock)
                if not _lock(lock, slots, since + longest) or self._is_hopeless(names, since, ttl):
                    stack.close()
            except OSError:
                stack.close()
            yield

    def _is_hopeless(self, names: Sequence[str], since: float, ttl: float) -> bool:
        for name in names:
            entry = self._read(name)
            if entry is not None and entry.stored >= since and not entry.is_usable(ttl):
                return True
            failure = self._read(_FAILED + name)
            if failure is not None and failure.stored >= since:
                return True
        return False

    def _digest(self, name: str) -> bytes:
        return self._token.digest(self._key, self._scope + name)

    def _read(self, name: str) -> _Entry | None:
        digest = self._digest(name)
        try:
            with open(os.path.join(self._folder, digest.hex()), "rb") as file:
                content = file.read()
        except OSError:
            return None
        if not secrets.compare_digest(content[:_SEAL], self._seal(digest, content[_SEAL:])):
            return None
        entry = json.loads(content[_SEAL:])
        return _Entry(entry["value"], entry["arrived"], entry["stored"])

    def _write(self, name: str, value: Any, arrived: float) -> None:
        digest = self._digest(name)
        body = json.dumps({"value": value, "arrived": arrived, "stored": _clock.now()}).encode()
        beside = None
        try:
            handle, beside = tempfile.mkstemp(dir=self._folder)
            with open(handle, "wb") as file:
                file.write(self._seal(digest, body) + body)
            os.replace(beside, os.path.join(self._folder, digest.hex()))
        except OSError:
            if beside:
                with contextlib.suppress(OSError):
                    os.unlink(beside)

    def _seal(self, digest: bytes, body: bytes) -> bytes:
        return self._token.digest(self._key + digest, body.decode("ascii", "replace"))


def _lock(lock: int, slots: Iterable[int], until: float) -> bool:
    for slot in slots:
        while True:
            try:
                fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, slot)
                break
            except (BlockingIOError, PermissionError):
                if _clock.now() > until:
                    return False
                time.sleep(_POLL)
    return True


def _opened(connection: Connection, question: Question) -> _Store | None:
    """Return the store of this run, or C(None) when it cannot be used."""
    folder = os.path.join(constants.DEFAULT_LOCAL_TMP, "talkover-voice")
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, 0o700)
        found = os.lstat(folder)
        private = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
        return _Store(folder, _key(folder), connection, question) if private else None
    except OSError:
        return None


def _key(folder: str) -> bytes:
    """Return the key of this run, which the first process creates.

    :raises OSError: when it cannot be created or is damaged.
    """
    path = os.path.join(folder, "key")
    with contextlib.suppress(FileNotFoundError):
        return _read_key(path)
    handle, beside = tempfile.mkstemp(dir=folder)
    try:
        with open(handle, "wb") as file:
            file.write(secrets.token_bytes(_SEAL))
        # Unlike a rename, a link does not replace the key that another process created meanwhile.
        with contextlib.suppress(FileExistsError):
            os.link(beside, path)
    finally:
        os.unlink(beside)
    return _read_key(path)


def _read_key(path: str) -> bytes:
    with open(path, "rb") as file:
        key = file.read()
    if len(key) != _SEAL:
        raise OSError(f"{path} holds no key")
    return key
