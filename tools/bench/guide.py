# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Store the results in a file, and show them in the performance guide.

antsibull-docs copies only C(.rst) files next to the guides. So the table and the picture are in the guide itself,
between two markers, and not in included files.
"""

from __future__ import annotations

import json
import os
import platform
import ssl
import textwrap
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from . import plot, table
from .pairs import Pair, Result, Row

CLONE = Path(__file__).resolve().parents[2]
GUIDE = CLONE / "docs" / "docsite" / "rst" / "guide_performance.rst"
FLEET_GUIDE = GUIDE.with_name("guide_fleet.rst")
DATA = CLONE / "docs" / "performance.json"
PICTURE = CLONE / "docs" / "performance.svg"

_START = ".. What follows is generated: make bench\n"
_END = ".. This was generated: make bench\n"


def surroundings() -> dict[str, str]:
    """Return the date, the machine and the versions of this run."""
    galaxy = yaml.safe_load((CLONE / "galaxy.yml").read_text("utf-8"))
    versions = [f"talkover.voice {galaxy['version']}"]
    versions += [f"{name} {version(name)}" for name in ("ansible-core", "requests", "urllib3")]
    versions += [f"Python {platform.python_version()}", ssl.OPENSSL_VERSION]
    load = os.getloadavg()[0]
    return {
        "versions": ", ".join(versions),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
        "date": f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC, at a load of {load:.1f} when it began",
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    names = cpuinfo.read_text("utf-8").splitlines() if cpuinfo.exists() else []
    named = [line.partition(":")[2].strip() for line in names if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def keep(around: Mapping[str, str], results: Sequence[Result]) -> None:
    """Write the data, the picture and the guide."""
    rows = [{**result.row._asdict(), "rounds": result.pairs} for result in results]
    DATA.write_text(json.dumps({**around, "rows": rows}, indent=1) + "\n", "utf-8")
    PICTURE.write_text(pictured(results), "utf-8")
    for path, write in PAGES.items():
        path.write_text(renewed(path.read_text("utf-8"), write), "utf-8")


def pictured(results: Sequence[Result]) -> str:
    """Return the picture as a file of its own."""
    # The licence is that of this file.
    header = [line.removeprefix("# ") for line in Path(__file__).read_text("utf-8").splitlines()[:3]]
    return "\n".join(["<!--", *header, "-->", plot.svg(results), ""])


def renewed(text: str, write: Callable[[Mapping[str, Any]], str]) -> str:
    """Return the text of a guide with what the data say."""
    before, start, rest = text.partition(_START)
    _old, end, after = rest.partition(_END)
    if not end:
        raise ValueError("The guide has lost one of the lines that what is generated stands between.")
    return f"{before}{start}\n{write(json.loads(DATA.read_text('utf-8')))}\n{end}{after}"


def block(data: Mapping[str, Any]) -> str:
    """Return what stands in the guide: where it was measured, the table and the picture."""
    results = read(data)
    lines = [
        f"* Command: ``make bench``, {data['date']}",
        f"* Versions: {data['versions']}",
        f"* Machine: {data['machine']}",
        "",
        table.of_guide(results),
        "",
        ".. raw:: html",
        "",
        textwrap.indent(plot.svg(results), "   "),
        "",
    ]
    return "\n".join(lines)


def fleet_block(data: Mapping[str, Any]) -> str:
    """Return the part of the guide for fleets: how long each way takes for 100 hosts."""
    results = {result.row.name: result for result in read(data)}
    values = [
        ("The inventory plugin: hosts: deployable", results["12f"].ours),
        ("The lookup in an assertion", results["12e"].ours),
        ("The module with cache_ttl: 10", results["12"].ours),
        ("ansible.builtin.uri, one request per host", results["12"].theirs),
        ("No gate: two tasks of Ansible", results["12b"].theirs),
    ]
    lines = [f"* {label}: {seconds:.1f} s" for label, seconds in values]
    picture = plot.bars("Duration of a gate for 100 hosts on 10 trunks", values)
    return "\n".join([*lines, "", ".. raw:: html", "", textwrap.indent(picture, "   "), ""])


PAGES: dict[Path, Callable[[Mapping[str, Any]], str]] = {GUIDE: block, FLEET_GUIDE: fleet_block}
"""The guides that show results, and what writes the generated part of each."""


def read(data: Mapping[str, Any]) -> list[Result]:
    """Return the results that the data hold."""
    results = []
    for kept in data["rows"]:
        row = Row(**{name: kept[name] for name in Row._fields})
        results.append(Result(row, [Pair(*pair) for pair in kept["rounds"]]))
    return results
