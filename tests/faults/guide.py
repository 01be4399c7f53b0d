# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows, as the guide on reliability shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from .fault import Fault
from .table import FAULTS, SECTIONS

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "guide_reliability.rst"
_START = ".. The tables below are generated: python -m ansible_collections.talkover.voice.tests.faults\n"
_STATUS = re.compile(r"([1-9][0-9]{2})((?:, | with ).*)")


def renewed(text: str) -> str:
    """Give the text of the guide with its tables as they should be."""
    before, mark, _old = text.partition(_START)
    if not mark:
        raise ValueError("The guide has lost the line that its tables follow.")
    return f"{before}{mark}\n{tables()}"


def tables() -> str:
    """Give a table for each section: what comes of a fault, and which faults it comes of."""
    lines = [f"The tests play {len(FAULTS)} faults.", ""]
    for title, rows in SECTIONS.items():
        lines += [title, "^" * len(title), ""]
        lines += [".. list-table::", "   :header-rows: 1", "   :widths: 20 80", ""]
        lines += ["   * - What comes of it", "     - What goes wrong"]
        for end, names in sorted(_by_end(rows).items(), key=_order):
            lines += [f"   * - {end}", *_listed(names)]
        lines += [""]
    return "\n".join(lines)


def _by_end(rows: Iterable[Fault]) -> dict[str, list[str]]:
    ends: dict[str, list[str]] = {}
    for fault in rows:
        kinds = " or ".join(f"``{kind}``" for kind in fault.kinds.split())
        ends.setdefault(kinds + (", asked again" if fault.retried else ""), []).append(fault.name)
    return ends


def _order(item: tuple[str, list[str]]) -> tuple[bool, str]:
    return "healthy" not in item[0], item[0]


def _listed(names: Iterable[str]) -> Iterator[str]:
    lead = "     - * "
    for name in _gathered(names):
        yield lead + _escaped(name)
        lead = "       * "


def _gathered(names: Iterable[str]) -> Iterator[str]:
    """Give the names, with one line for those that differ in the status only."""
    statuses: dict[str, list[int]] = {}
    for name in names:
        match = _STATUS.fullmatch(name)
        if match:
            statuses.setdefault(match.group(2), []).append(int(match.group(1)))
        else:
            yield name
    for rest, numbers in statuses.items():
        yield _ranges(sorted(numbers)) + rest


def _ranges(numbers: list[int]) -> str:
    return str(numbers[0]) if len(numbers) == 1 else f"{len(numbers)} statuses from {numbers[0]} to {numbers[-1]}"


def _escaped(name: str) -> str:
    # With its colons as they are, an address that is wrong on purpose would become a link.
    return re.sub(r"([\\*`|_<@]|:(?=\S))", r"\\\1", name)
