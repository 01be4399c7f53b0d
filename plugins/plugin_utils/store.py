# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Records that all processes of one Ansible run share, for a few seconds.

The store is the folder C(talkover-voice) in the temporary directory of the run (C(DEFAULT_LOCAL_TMP)). ansible-core
makes it for its owner alone, hands down to each worker, and removes when the run ends. In it are

- C(key): 32 random bytes, made once a run. Names and seals of entries are keyed with them and with the token, so a name
  gives neither away, and a file that is damaged, or anybody else's, is no entry;
- one file an entry: a seal of 32 bytes, and JSON with the time of arrival and the value. It is written beside its place
  and renamed into it, so a reader has the old entry or the new one, and never half of one. Reading takes one open;
- C(lock): a byte of it for each entry, locked by who asks the service for that entry while others wait. The system
  unlocks it when its owner dies. Several bytes are locked in their order, so that two owners never wait for each other.

Time is that of the system since its start, which is the same in all processes, and which nobody can set.
Whatever goes wrong with the store costs a request and never a result.
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
from typing import Any

from ansible import constants

from ..module_utils.errors import TalkoverError
from ..module_utils.options import Connection, Question

Record = dict[str, Any]
Ask = Callable[[Question], Any]

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_SEAL = 32
_POLL = 0.01
# No ID is empty, so these names are free for what is no trunk.
_ALL = ""
_FAILED = "\n"


def recall(connection: Connection, question: Question, ttl: float, ask: Ask) -> Mapping[str, Record | None]:
    """Answer from what the run knows, and ask only for the rest.

    :param ttl: the seconds for which a record may be used after it arrived; 0 asks anew and leaves the store alone.
    :param ask: gives an answer of ``trunks.fetch`` to a question.
    :returns: the records by trunk ID, in the order asked for; C(None) for one that does not exist.
    :raises TalkoverError: of kind ``config`` for a ttl that is no time, and whatever ask raises.
    """
    if not (ttl >= 0 and math.isfinite(ttl)):
        raise TalkoverError("config", f"cache_ttl must be zero or more seconds, but is {ttl}.")
    store = _opened(connection, question) if ttl else None
    if store is None:
        records: Mapping[str, Record | None] = ask(question).records
        return records
    since = _now()
    known = store.known(question, ttl, since)
    rest = _rest(question, known)
    if rest is None:
        return known
    with store.turn(rest.trunk_ids or (_ALL,), _longest_fetch(connection), since):
        known = {**known, **store.known(rest, ttl, since)}
        rest = _rest(question, known)
        if rest is not None:
            known = {**known, **store.ask_and_keep(rest, ask)}
    return {trunk_id: known[trunk_id] for trunk_id in question.trunk_ids} if question.trunk_ids else known


def _rest(question: Question, known: Mapping[str, Record | None]) -> Question | None:
    if question.all_trunks:
        return None if known else question
    unknown = tuple(trunk_id for trunk_id in question.trunk_ids if trunk_id not in known)
    return question._replace(trunk_ids=unknown) if unknown else None


def _longest_fetch(connection: Connection) -> float:
    # Only who has to ask needs it: what the store answers imports nothing of the client.
    from ..module_utils.window import LONGEST_WAIT

    return (connection.retries + 1) * (connection.timeout + LONGEST_WAIT)


def _now() -> float:
    return time.clock_gettime(_CLOCK)


class _Store:
    def __init__(self, folder: str, key: bytes, connection: Connection, question: Question) -> None:
        self._folder = folder
        self._key = key
        self._token = connection.token
        self._scope = json.dumps((*connection.scope, *question.scope))

    def known(self, question: Question, ttl: float, since: float) -> dict[str, Record | None]:
        """Give the records that are young, or that arrived since; of C(all_trunks) all or none."""
        ids = question.trunk_ids or self._read(_ALL, ttl, since) or ()
        records = {trunk_id: self._read(trunk_id, ttl, since) for trunk_id in ids}
        found = {trunk_id: record for trunk_id, record in records.items() if record is not None}
        return {} if question.all_trunks and len(found) < len(ids) else dict(found)

    def ask_and_keep(self, question: Question, ask: Ask) -> Mapping[str, Record | None]:
        """Ask the service, and keep what exists of its answer."""
        try:
            answer = ask(question)
        except Exception:
            for name in question.trunk_ids or (_ALL,):
                self._write(_FAILED + name, None, _now())
            raise
        records: Mapping[str, Record | None] = answer.records
        since_arrival = time.monotonic() - _now()
        arrived = {trunk_id: moment - since_arrival for trunk_id, moment in answer.arrived.items()}
        for trunk_id, record in records.items():
            if record is not None:
                self._write(trunk_id, record, arrived[trunk_id])
        if question.all_trunks and None not in records.values():
            self._write(_ALL, list(records), min(arrived.values(), default=_now()))
        return records

    @contextlib.contextmanager
    def turn(self, names: Sequence[str], longest: float, since: float) -> Iterator[None]:
        """Wait until nobody else asks for any of the names, and keep others from asking.

        After the longest time, or when somebody who asked meanwhile had no success, there is no more waiting: one who
        cannot be answered must not make a queue of all others.
        """
        offsets = sorted(int.from_bytes(self._digest(name)[:7], "big") for name in names)
        with contextlib.ExitStack() as stack:
            try:
                lock = os.open(os.path.join(self._folder, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                stack.callback(os.close, lock)
                if not _lock(lock, offsets, since + longest) or self._failed(names, since):
                    stack.close()
            except OSError:
                stack.close()
            yield

    def _failed(self, names: Iterable[str], since: float) -> bool:
        return any(self._entry(_FAILED + name, 0, since) is not None for name in names)

    def _digest(self, name: str) -> bytes:
        return self._token.digest(self._key, self._scope + name)

    def _read(self, name: str, ttl: float, since: float) -> Any:
        entry = self._entry(name, ttl, since)
        return None if entry is None else entry["value"]

    def _entry(self, name: str, ttl: float, since: float) -> dict[str, Any] | None:
        digest = self._digest(name)
        try:
            with open(os.path.join(self._folder, digest.hex()), "rb") as file:
                content = file.read()
        except OSError:
            return None
        if not secrets.compare_digest(content[:_SEAL], self._seal(digest, content[_SEAL:])):
            return None
        entry: dict[str, Any] = json.loads(content[_SEAL:])
        return entry if entry["arrived"] >= since or 0 <= _now() - entry["arrived"] < ttl else None

    def _write(self, name: str, value: Any, arrived: float) -> None:
        digest = self._digest(name)
        body = json.dumps({"arrived": arrived, "value": value}).encode()
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


def _lock(lock: int, offsets: Iterable[int], until: float) -> bool:
    for offset in offsets:
        while True:
            try:
                fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, offset)
                break
            except (BlockingIOError, PermissionError):
                if _now() > until:
                    return False
                time.sleep(_POLL)
    return True


def _opened(connection: Connection, question: Question) -> _Store | None:
    """Give the store of this run, or C(None) when there can be none."""
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
    """Give the key of this run; the first process makes it.

    :raises OSError: when there is none and none can be made.
    """
    path = os.path.join(folder, "key")
    with contextlib.suppress(FileNotFoundError):
        return _read_key(path)
    handle, beside = tempfile.mkstemp(dir=folder)
    try:
        with open(handle, "wb") as file:
            file.write(secrets.token_bytes(_SEAL))
        # Unlike a rename, this leaves the key alone that another process made meanwhile.
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
