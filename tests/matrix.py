# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the cells of the matrix, or those whose names hold one of the words given, and print what came of each."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

CLONE = Path(__file__).resolve().parent.parent
NOX = [sys.executable, "-m", "nox", "--noxfile", str(CLONE / "noxfile.py")]
LOGS = CLONE / ".nox" / "matrix"
# The line that pytest ends with.
CLOSING = r"^=+ (.*\b\d+ (?:passed|failed|error).*) in .*=$"


class Part(NamedTuple):
    """What came of one session of a cell, and why: what pytest closed with, or what kept the session from running."""

    cell: str
    session: str
    python: str
    may_fail: bool
    result: str
    why: str


def sessions(words: list[str]) -> list[dict[str, Any]]:
    """Give the sessions of the cells whose names hold one of the words, a cell after the other."""
    listed = subprocess.run([*NOX, "--list", "--json", "--tags", "matrix"], check=True, stdout=subprocess.PIPE)
    found = [entry for entry in json.loads(listed.stdout) if "matrix" in entry["tags"]]
    cells = dict.fromkeys(cell_of(entry["session"]) for entry in found)
    chosen = [cell for cell in cells if not words or any(word in cell for word in words)]
    return [entry for cell in chosen for entry in found if cell_of(entry["session"]) == cell]


def cell_of(session: str) -> str:
    """Give the name of the cell that a session is of."""
    return session[session.index("(") + 1 : -1]


def run(entry: dict[str, Any]) -> Part:
    """Run a session, with all that it prints in a file of its own."""
    session = entry["session"]
    log, report = LOGS / f"{session}.log", LOGS / f"{session}.json"
    report.unlink(missing_ok=True)
    command = [*NOX, "--session", session, "--report", str(report), "--no-error-on-missing-interpreters"]
    with log.open("wb") as output:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False)
    result, reason = "failed", ""
    if report.exists():
        ended = json.loads(report.read_text("utf-8"))["sessions"][-1]
        result, reason = ended["result"], ended["reason"] or ""
    closing = re.findall(CLOSING, log.read_text("utf-8", "replace"), re.MULTILINE)
    why = closing[-1] if closing else reason or f"see {log.relative_to(CLONE)}"
    names = {"success": "passed", "skipped": "not run"}
    return Part(
        cell_of(session), entry["name"], entry["python"], "may-fail" in entry["tags"], names.get(result, "failed"), why
    )


def judge(parts: Iterable[Part]) -> str:
    """Give the result of a cell: the worst among its parts."""
    results = {part.result for part in parts}
    return next(result for result in ("failed", "not run", "passed") if result in results)


def fails(parts: Iterable[Part]) -> bool:
    """Say whether a part failed that may not."""
    return any(part.result == "failed" and not part.may_fail for part in parts)


def tabulate(parts: list[Part]) -> Iterator[str]:
    """Yield the table of the cells, and how many had which result."""
    names = list(dict.fromkeys(part.session for part in parts))
    rows = [["cell", "Python", "result", *names]]
    counts: Counter[str] = Counter()
    for cell in dict.fromkeys(part.cell for part in parts):
        mine = [part for part in parts if part.cell == cell]
        first, result = mine[0], judge(mine)
        if not first.may_fail:
            counts[result] += 1
        told = {part.session: part.why for part in mine}
        columns = [told.get(name, "-") for name in names]
        rows.append([cell, first.python, f"{result}, may fail" if first.may_fail else result, *columns])
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip()
    yield f"{counts['passed']} cells passed, {counts['failed']} failed, {counts['not run']} not run."
    for part in parts:
        if part.may_fail and part.result != "passed":
            yield f"The next ansible-core, {part.session}: {part.result}: {part.why}. That is no failure of the matrix."


def main() -> int:
    """Run the cells, say what came of each session, and print the table."""
    LOGS.mkdir(parents=True, exist_ok=True)
    parts = []
    for entry in sessions(sys.argv[1:]):
        started = time.monotonic()
        part = run(entry)
        parts.append(part)
        seconds = time.monotonic() - started
        print(f"{entry['session']}: {part.result}: {part.why} ({seconds:.0f} s)", flush=True)
    print("", *tabulate(parts), sep="\n")
    return int(not parts or fails(parts))


if __name__ == "__main__":
    sys.exit(main())
