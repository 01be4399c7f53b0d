# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""The rate-limit window that all processes of one Ansible run share.

Its state is one file in the directory of the run, for each token and address. A process locks the file for the moment
in which it reads and changes the state. The first request of a window holds the lock of a second file. The kernel
releases both locks when the process dies. Where the files cannot be used, or what they hold is damaged, each process
has a window of its own, which costs responses with 429 and never a result.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import math
import os
import time
from collections.abc import Iterator
from typing import Any

from ..module_utils._options import ConnectionOptions
from ..module_utils._rate_limit import MAX_SINGLE_WAIT, Window, WindowState
from ._run_store import run_folder

_SIZE = 512
_LOCK_WAIT = 1.0
"""The seconds after which a process that holds the lock is taken for stopped. It needs far below a millisecond."""
_LOCK_POLL = 0.002
_TIMES = ("opens_at", "resets_at", "told")


def open_window(connection: ConnectionOptions) -> Window:
    """Return the window of this run for the token and the address of a connection."""
    folder = run_folder()
    if folder is None:
        return Window()
    return SharedWindow(os.path.join(folder, f"rate-{connection.token.digest(connection.api_url).hex()}"))


class SharedWindow(Window):
    """A window whose state is in a file.

    :param path: the file. Its folder is private to this user.
    """

    poll: float | None = 0.02

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self._file: int | None = None
        self._probe_file: int | None = None
        self._is_shared = True

    @contextlib.contextmanager
    def locked(self) -> Iterator[WindowState]:
        """Yield the state that all processes share, to be read and changed."""
        file = self._lock()
        if file is None:
            yield self.state
            return
        try:
            self.state = _read(file)
            yield self.state
        finally:
            try:
                os.pwrite(file, json.dumps(vars(self.state)).encode().ljust(_SIZE), 0)
                fcntl.flock(file, fcntl.LOCK_UN)
            except OSError:
                self.close()

    def begin_probe(self, number: int) -> bool:
        """Return whether this request is the first of its window, in all processes."""
        if not self._is_shared:
            return super().begin_probe(number)
        with contextlib.ExitStack() as stack:
            try:
                file = _open(f"{self._path}.probe")
                stack.callback(os.close, file)
                if not _try_lock(file):
                    return False
            except OSError:
                self.close()
                return super().begin_probe(number)
            self._probe_file = file
            stack.pop_all()
        return True

    def end_probe(self) -> None:
        """Let others probe, in all processes."""
        super().end_probe()
        if self._probe_file is not None:
            os.close(self._probe_file)
            self._probe_file = None

    def close(self) -> None:
        """Share nothing from now on."""
        self._is_shared = False
        self.poll = None
        self.end_probe()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _lock(self) -> int | None:
        """Return the locked file, or C(None) when it cannot be used."""
        if not self._is_shared:
            return None
        until = time.monotonic() + _LOCK_WAIT
        try:
            if self._file is None:
                self._file = _open(self._path)
            while not _try_lock(self._file):
                if time.monotonic() > until:
                    raise TimeoutError
                time.sleep(_LOCK_POLL)
        except OSError:
            self.close()
        return self._file


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(path: str) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _read(file: int) -> WindowState:
    """Return the state in a file, or a new one when there is none that can be."""
    latest = time.monotonic() + MAX_SINGLE_WAIT + 1
    try:
        content: dict[str, Any] = json.loads(os.pread(file, _SIZE, 0))
        is_plausible = (
            isinstance(content["number"], int)
            and isinstance(content["known"], bool)
            and (content["left"] is None or (isinstance(content["left"], int) and content["left"] >= 0))
            and isinstance(content["refused"], int)
            and all(math.isfinite(content[name]) and content[name] <= latest for name in _TIMES)
        )
        return WindowState(**content) if is_plausible else WindowState()
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return WindowState()
