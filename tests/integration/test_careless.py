# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of careless use, through C(ansible-playbook) and C(ansible-inventory)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.talkover.voice.tests.careless import runner
from ansible_collections.talkover.voice.tests.careless.runner import RowRunner
from ansible_collections.talkover.voice.tests.careless.table import ROWS
from ansible_collections.talkover.voice.tests.careless.warm import Launchers, settings_of
from ansible_collections.talkover.voice.tests.integration.commands import COLLECTIONS


def shared_settings() -> list[dict[str, str]]:
    """Return the settings of Ansible that several commands of the table have in common."""
    commands: Counter[frozenset[tuple[str, str]]] = Counter()
    for row in ROWS.values():
        settings = settings_of(row.env)
        if settings and "ansible.cfg" not in row.files and "@" not in str(settings):
            commands[frozenset(settings.items())] += len(row.commands) * (1 + row.has_control)
    # Starting a launcher takes as long as two commands.
    return [dict(settings) for settings, count in commands.items() if count > 2]


@pytest.fixture(scope="module")
def launchers(tmp_path_factory: pytest.TempPathFactory, tree: Path) -> Iterator[Launchers]:
    """Return processes that have imported Ansible."""
    found = Launchers(tmp_path_factory.mktemp("launcher"), COLLECTIONS or str(tree), shared_settings())
    yield found
    found.close()


def ready(home: Path, tree: Path, launchers: Launchers) -> RowRunner:
    """Return a runner with a home of its own."""
    home.mkdir()
    run = RowRunner(home, COLLECTIONS or str(tree), launchers)
    run.env |= {"HOME": str(home)}
    return run


@pytest.mark.parametrize("name", ROWS)
def test_careless_use(name: str, tmp_path: Path, tree: Path, launchers: Launchers) -> None:
    row = ROWS[name]
    runner.check(row, runner.played(row, ready(tmp_path / "home", tree, launchers)))


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.has_control])
def test_the_same_deploys_behind_a_healthy_trunk(name: str, tmp_path: Path, tree: Path, launchers: Launchers) -> None:
    row = ROWS[name]
    end = runner.played(row, ready(tmp_path / "home", tree, launchers), healed=True)
    assert end.deployed, end.output
