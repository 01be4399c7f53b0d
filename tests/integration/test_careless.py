# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of careless use, through C(ansible-playbook) and C(ansible-inventory)."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.talkover.voice.tests.careless import runner
from ansible_collections.talkover.voice.tests.careless.runner import RowRunner
from ansible_collections.talkover.voice.tests.careless.table import ROWS
from ansible_collections.talkover.voice.tests.careless.warm import Launcher
from ansible_collections.talkover.voice.tests.integration.commands import COLLECTIONS


def ready(home: Path, tree: Path, launcher: Launcher) -> RowRunner:
    """Return a runner with a home of its own."""
    home.mkdir()
    run = RowRunner(home, COLLECTIONS or str(tree), launcher)
    run.env |= {"HOME": str(home)}
    return run


@pytest.mark.parametrize("name", ROWS)
def test_careless_use(name: str, tmp_path: Path, tree: Path, launcher: Launcher) -> None:
    row = ROWS[name]
    runner.check(row, runner.played(row, ready(tmp_path / "home", tree, launcher)))


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.has_control])
def test_the_same_deploys_behind_a_healthy_trunk(name: str, tmp_path: Path, tree: Path, launcher: Launcher) -> None:
    row = ROWS[name]
    end = runner.played(row, ready(tmp_path / "home", tree, launcher), healed=True)
    assert end.deployed, end.output
