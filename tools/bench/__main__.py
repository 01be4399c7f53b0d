# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the benchmark, print the table, and update the guide."""

from __future__ import annotations

import argparse
import compileall
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import guide, table
from .lab import Lab
from .pairs import Result
from .rows import EXPERIMENTS, Experiment


def main() -> None:
    """Measure the selected rows. Only a run of all rows is stored."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the collection against what it replaces.")
    parser.add_argument("--rows", default="", metavar="1,4", help="these rows alone; the guide stays as it is")
    parser.add_argument("--rounds", type=int, default=0, metavar="N", help="as many rounds of each row")
    options = parser.parse_args()
    wanted = {name.strip() for name in options.rows.split(",") if name.strip()}
    chosen = [it for it in EXPERIMENTS if not wanted or wanted & {row.name for row in it.rows}]
    around = guide.surroundings()
    print("\n".join(f"{name}: {text}" for name, text in around.items()), flush=True)
    collections = os.environ["ANSIBLE_COLLECTIONS_PATH"]
    # As pip does with requests; ansible-core itself compiles collections anew in each process.
    compileall.compile_dir(Path(collections, "ansible_collections", "talkover", "voice", "plugins"), quiet=1)
    with tempfile.TemporaryDirectory(prefix="talkover-bench-") as folder:
        lab = Lab(Path(folder), collections)
        results = [result for it in chosen for result in measured(lab, it, options.rounds or it.rounds)]
    print(table.of_terminal(results))
    if not wanted:
        guide.keep(around, results)
        print(f"Kept in {guide.DATA.relative_to(guide.CLONE)}, {guide.PICTURE.name} and the guides.")


def measured(lab: Lab, experiment: Experiment, rounds: int) -> Iterator[Result]:
    """Run an experiment, round by round."""
    names = ", ".join(row.name for row in experiment.rows)
    pairs = []
    for number in range(rounds):
        print(f"Row {names}: round {number + 1} of {rounds} ...", file=sys.stderr, flush=True)
        pairs.append(experiment.measure(lab, number))
    for row, of_row in zip(experiment.rows, zip(*pairs)):
        yield Result(row, of_row)


if __name__ == "__main__":
    main()
