# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test what is read from the store of the run, and what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible import constants

from ansible_collections.talkover.voice.plugins.module_utils._errors import TalkoverError
from ansible_collections.talkover.voice.plugins.plugin_utils._run_cache import fetch_cached
from ansible_collections.talkover.voice.plugins.plugin_utils._run_store import read_cached
from ansible_collections.talkover.voice.tests.unit.plugins.plugin_utils.run_cache.service import (
    Service,
    connection,
    question,
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory of the store, in a temporary directory of a run."""
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    return tmp_path / "talkover-voice"


def test_records_are_in_the_order_of_the_question() -> None:
    fetch_cached(connection(), question("a", "b"), 60, Service())
    assert list(read_cached(connection(), question("b", "a"), 60) or ()) == ["b", "a"]


def test_all_trunks_are_read_together() -> None:
    fetch_cached(connection(), question(), 60, Service("a", "b"))
    assert list(read_cached(connection(), question(), 60) or ()) == ["a", "b"]


@pytest.mark.parametrize(
    ("ids", "ttl", "options"),
    [
        (["b"], 60, {}),
        (["a", "b"], 60, {}),
        ([], 60, {}),
        (["a"], 0, {}),
        (["a"], 1e-9, {}),
        (["a"], 60, {"api_token": "talq_b"}),
        (["a"], 60, {"api_url": "https://example.com/api/v1"}),
        (["a"], 60, {"validate_certs": False}),
    ],
)
def test_anything_else_is_not_in_the_store(ids: list[str], ttl: float, options: dict[str, Any]) -> None:
    fetch_cached(connection(), question("a"), 60, Service())
    assert read_cached(connection(), question("a"), 60) is not None
    assert read_cached(connection(**options), question(*ids), ttl) is None


def test_a_directory_that_others_can_enter_is_not_read(folder: Path) -> None:
    fetch_cached(connection(), question("a"), 60, Service())
    folder.chmod(0o711)
    assert read_cached(connection(), question("a"), 60) is None


@pytest.mark.parametrize("ttl", [-1.0, float("nan"), float("inf")])
def test_an_invalid_ttl_is_an_error(ttl: float) -> None:
    with pytest.raises(TalkoverError, match="cache_ttl must be zero or more seconds"):
        read_cached(connection(), question("a"), ttl)
