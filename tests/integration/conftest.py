# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of Ansible's commands share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.talkover.voice.tests.careless.warm import Launcher, WarmRunner
from ansible_collections.talkover.voice.tests.integration.commands import COLLECTIONS, TOKEN, Runner


@pytest.fixture(scope="session")
def launcher(tmp_path_factory: pytest.TempPathFactory, tree: Path) -> Iterator[Launcher]:
    """Return a process that has imported Ansible."""
    found = Launcher(tmp_path_factory.mktemp("launcher"), COLLECTIONS or str(tree))
    yield found
    found.close()


@pytest.fixture
def run(tmp_path: Path, tree: Path, launcher: Launcher) -> Runner:
    """Return a way to run Ansible's commands."""
    return WarmRunner(tmp_path, COLLECTIONS or str(tree), launcher)


@pytest.fixture
def emulator() -> Any:
    """Return a service that takes the token of the tests."""
    from ansible_collections.talkover.voice.tests.emulator import Emulator

    with Emulator(token=TOKEN) as service:
        yield service
