# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Read the records that all processes of one Ansible run share.

The store is the directory C(talkover-voice) in the temporary directory of the run (C(DEFAULT_LOCAL_TMP)). ansible-core
creates that for its owner alone, passes it to each worker, and removes it when the run ends. It contains one file per
entry: JSON with the value and two times: when the value arrived and when it was stored. Its name is an HMAC of scope
and ID, with the token as the key. What is not such JSON is not an entry.

Threat model: other users cannot enter the directory, and a directory that they could enter is not used. The owner, and
root, can read and change the processes of the run, which hold the token and the records anyway. So entries have no
seal. The names of files show no token and no ID, because backups and listings outlive a run.

Times come from a clock that is the same in all processes and that nobody can set.

This module has all that a record in the store needs: Ansible compiles it again in each worker process.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ansible import constants

from ..module_utils import _clock
from ..module_utils._options import ConnectionOptions, TrunkQuery, check_cache_ttl

Record = dict[str, Any]

# No ID is empty or has a line break, so these names are free.
ALL = ""
FAILED = "\n"


class Entry(NamedTuple):
    """Hold an entry. ``arrived`` and ``stored`` are times of ``_clock.now``."""

    value: Any
    arrived: float
    stored: float
    is_own: bool = False
    """Whether this process fetched it for this question, which makes it fresh whatever its age."""


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


class RunStore:
    """Read the entries of one question, whose scope is all options that can change a record.

    :param folder: what ``run_folder`` returned.
    :param ttl: how many seconds old an entry may be; with C(0), it must have arrived after this attempt began.
    :param began: when this attempt began, as ``_clock.now`` tells it.
    """

    def __init__(self, folder: str, connection: ConnectionOptions, query: TrunkQuery, ttl: float, began: float) -> None:
        self.folder = folder
        self._token = connection.token
        self._scope = json.dumps((*connection.cache_key, *query.cache_key))
        self.ttl = ttl
        self.began = began

    def get_many(self, query: TrunkQuery) -> dict[str, Entry]:
        """Return the usable entries; of C(all_trunks) all or none."""
        ids: Iterable[str] = query.trunk_ids
        if query.all_trunks:
            listed = self.read(ALL)
            if listed is None or not isinstance(listed.value, list) or not self.is_usable(listed):
                return {}
            ids = map(str, listed.value)
        found = {}
        for trunk_id in ids:
            entry = self.read(trunk_id)
            if entry is not None and self.is_usable(entry):
                found[trunk_id] = entry
            elif query.all_trunks:
                return {}
        return found

    def rest(self, query: TrunkQuery, found: Mapping[str, Entry]) -> TrunkQuery | None:
        """Return the question about what is not found or too old, or C(None) when there is no such record."""
        if query.all_trunks:
            return None if found and all(map(self.is_usable, found.values())) else query
        rest = tuple(i for i in query.trunk_ids if i not in found or not self.is_usable(found[i]))
        return query._replace(trunk_ids=rest) if rest else None

    def is_usable(self, entry: Entry) -> bool:
        """Return whether an entry is young enough."""
        age = _clock.now() - entry.arrived
        return entry.is_own or (age >= 0 and (age < self.ttl if self.ttl else entry.arrived >= self.began))

    def digest(self, name: str) -> bytes:
        """Return the HMAC that names an entry."""
        return self._token.digest(self._scope + name)

    def read(self, name: str) -> Entry | None:
        """Return the entry of a trunk ID, of ``ALL``, or of an ID after ``FAILED``; C(None) when there is none."""
        try:
            with open(os.path.join(self.folder, self.digest(name).hex()), "rb") as file:
                entry = json.load(file)
            if name == ALL or name.startswith(FAILED) or entry["value"]["id"] == name:
                return Entry(entry["value"], float(entry["arrived"]), float(entry["stored"]))
        except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            pass
        return None


def read_cached(connection: ConnectionOptions, query: TrunkQuery, ttl: float) -> Mapping[str, Record] | None:
    """Return the records of a query from the store, or C(None) when one is missing or too old.

    :param ttl: how many seconds old a record may be, counted from its arrival.
    :returns: the records by trunk ID, in the order of the question.
    :raises TalkoverError: kind ``config`` for an invalid ttl.
    """
    check_cache_ttl(ttl)
    folder = run_folder() if ttl else None
    if folder is None:
        return None
    store = RunStore(folder, connection, query, ttl, _clock.now())
    found = store.get_many(query)
    if store.rest(query, found) is not None:
        return None
    return {trunk_id: found[trunk_id].value for trunk_id in query.trunk_ids or found}
