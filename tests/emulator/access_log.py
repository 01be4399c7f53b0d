# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log requests, without the token: as JSON lines in a file, and as text on stderr."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import quote

from .http1 import Head


class AccessLog:
    """Log each request to the selected outputs.

    Args:
        token: Never written; a client's mistake may have put it into the URL.
        file: Append a line of JSON for each request to this file.
        to_stderr: Write a line of text for each request to stderr.

    Raises:
        OSError: The file cannot be written.
    """

    def __init__(self, token: str, file: str | None, to_stderr: bool) -> None:
        self._secrets = sorted({token, quote(token), quote(token, safe="")} - {""}, key=len, reverse=True)
        self._file = Path(file) if file else None
        self._to_stderr = to_stderr
        self._lock = threading.Lock()
        if self._file:
            self._file.touch()

    def write(self, head: Head, status: int, authorized: bool, seconds: float) -> None:
        """Log a request that got a response."""
        method, path, query = self._mask(head.method), self._mask(head.path), self._mask(head.query)
        if self._file:
            entry = {
                "at": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
                "method": method,
                "path": path,
                "query": query,
                "status": status,
                "authorized": authorized,
            }
            with self._lock, self._file.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(entry) + "\n")
        self._print(f"{method} {path}{'?' if query else ''}{query} {status} {seconds * 1000:.0f} ms")

    def write_rejected(self, status: int, reason: str) -> None:
        """Log a malformed request to stderr. The file contains only requests that got a response."""
        self._print(f"{reason}: {int(status)}")

    def _mask(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def _print(self, line: str) -> None:
        if not self._to_stderr:
            return
        # The path is untrusted: print ASCII only, so that no control character reaches the terminal.
        line = f"{datetime.now().astimezone():%H:%M:%S} {line}".encode("ascii", "backslashreplace").decode()
        # A closed terminal must not stop the service.
        with self._lock, contextlib.suppress(OSError, ValueError):
            sys.stderr.write(line + "\n")
            sys.stderr.flush()
