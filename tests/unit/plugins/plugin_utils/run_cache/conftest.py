# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run of its own for each test."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible import constants


@pytest.fixture(autouse=True)
def run_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the temporary directory of a run of its own."""
    path = tmp_path / "of the run"
    path.mkdir(mode=0o700)
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(path))
    return path


@pytest.fixture
def folder(run_directory: Path) -> Path:
    """Give the place of the store."""
    return run_directory / "talkover-voice"
