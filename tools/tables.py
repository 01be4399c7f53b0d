# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Document the tables of tests: a summary in the reliability guide, and the full lists on a page of the site.

Without an argument, update the guide. With the path of a file, write the page, which is not committed: C(make docs).
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..tests.careless import table as careless
from ..tests.faults import table as faults
from ..tests.faults.fault import Fault

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "docsite" / "rst" / "guide_reliability.rst"
LABEL = "ansible_collections.talkover.voice.docsite.tested_cases"
START = ".. The rest is generated: python -m ansible_collections.talkover.voice.tools.tables\n"
CARELESS = {
    "Precedence": "the variable with the trunk's ID set in several places",
    "Evaluation": "text of the API that is a template or an expression, in every statement that evaluates",
    "Names": "hosts and groups named after text of the API",
    "Facts": "connection variables set by facts of a managed host",
    "Options": "options misspelled, null, of the wrong type, or set twice",
    "Tokens": "tokens of the wrong type, and tokens near an error",
    "Caches": "settings of Ansible's caches that keep an old verdict",
    "Sources": "several inventory sources for one host, and sources that fail",
    "Several sources": "sources that judge, compose or change the same host, and groups that others fill",
    "Gates": "tags, strategies, loops, and ignored errors around a gate",
    "The role gate": "keywords, variables, facts and options that could pass the role or the playbook",
}
"""What the rows of each section of the table of careless use try."""

_STATUS = re.compile(r"([1-9][0-9]{2})((?:, | with ).*)")


def update(text: str) -> str:
    """Return the text of the guide with its generated part updated.

    :raises ValueError: when the line that the generated part follows is missing.
    """
    before, mark, _old = text.partition(START)
    if not mark:
        raise ValueError(f"The guide has lost the line {START!r}.")
    return f"{before}{mark}\n{summarize()}"


def summarize() -> str:
    """Return the number of tests in each section of both tables."""
    lines = [
        f"The tests play {len(faults.FAULTS)} faults of the network and the service, and {len(careless.ROWS)} cases of",
        f"careless use of Ansible. The page :ref:`{LABEL}` lists them all.",
        "",
        *_table("15 10 75", "Faults", "Number", "What comes of them"),
    ]
    for title, rows in faults.SECTIONS.items():
        counts = Counter(_result(fault) for fault in rows)
        results = sorted(counts.items(), key=lambda item: _order(item[0]))
        lines += _row(title, str(len(rows)), ", ".join(f"{result} ({count})" for result, count in results))
    lines += [
        "",
        "A case of careless use passes when no deploy runs behind an unhealthy trunk, no text of the API is evaluated,",
        "and the token goes nowhere else. The controls also run with a healthy trunk, and the deploy must run then.",
        "",
        *_table("15 10 10 65", "Careless use", "Number", "Controls", "What is tried"),
    ]
    for title, cases in careless.SECTIONS.items():
        lines += _row(title, str(len(cases)), str(sum(case.has_control for case in cases)), CARELESS[title])
    return "\n".join([*lines, ""])


def build_page() -> str:
    """Return the page with all rows of both tables."""
    title = "Tested cases"
    lines = [":orphan:", "", f".. _{LABEL}:", "", title, "=" * len(title), ""]
    lines += [".. contents::", "   :local:", "   :depth: 2", "", *_heading("Faults", "-")]
    for title, rows in faults.SECTIONS.items():
        lines += [*_heading(title, "^"), *_table("20 80", "What comes of it", "What goes wrong")]
        by_result: dict[str, list[str]] = {}
        for fault in rows:
            by_result.setdefault(_result(fault), []).append(fault.name)
        for result in sorted(by_result, key=_order):
            lines += [f"   * - {result}", *_nested(_merge_statuses(by_result[result]))]
        lines += [""]
    lines += _heading("Careless use", "-")
    for title, cases in careless.SECTIONS.items():
        lines += [*_heading(title, "^"), *(f"* {_escape(case.name)}" for case in cases), ""]
    return "\n".join(lines)


def _heading(title: str, underline: str) -> list[str]:
    return [title, underline * len(title), ""]


def _table(widths: str, *header: str) -> list[str]:
    return [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", "", *_row(*header)]


def _row(*cells: str) -> list[str]:
    return [f"   {'* -' if number == 0 else '  -'} {cell}" for number, cell in enumerate(cells)]


def _result(fault: Fault) -> str:
    kinds = " or ".join(f"``{kind}``" for kind in fault.kinds.split())
    return kinds + (" after retries" if fault.retried else "")


def _order(result: str) -> tuple[bool, str]:
    return "healthy" not in result, result


def _nested(names: Iterable[str]) -> Iterator[str]:
    lead = "     - * "
    for name in names:
        yield lead + _escape(name)
        lead = "       * "


def _merge_statuses(names: Iterable[str]) -> Iterator[str]:
    """Yield the names, with one line for those that differ only in the HTTP status."""
    statuses: dict[str, list[int]] = {}
    for name in names:
        match = _STATUS.fullmatch(name)
        if match:
            statuses.setdefault(match.group(2), []).append(int(match.group(1)))
        else:
            yield name
    for rest, numbers in statuses.items():
        first, last = min(numbers), max(numbers)
        yield (str(first) if len(numbers) == 1 else f"{len(numbers)} statuses from {first} to {last}") + rest


def _escape(name: str) -> str:
    # An unescaped colon would turn an invalid URL into a link.
    return re.sub(r"([\\*`|_<@]|:(?=\S))", r"\\\1", name)


def main(arguments: list[str]) -> None:
    """Write the page, or update the guide."""
    if arguments:
        Path(arguments[0]).write_text(build_page(), "utf-8")
    else:
        GUIDE.write_text(update(GUIDE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
