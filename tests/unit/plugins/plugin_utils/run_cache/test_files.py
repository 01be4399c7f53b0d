# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of the run-wide store: whose they are, what they hold, and what may be wrong with them."""

from __future__ import annotations

import errno
import fcntl
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.plugin_utils import _run_cache
from ansible_collections.talkover.voice.tests.unit.plugins.plugin_utils.run_cache.service import (
    Service,
    connection,
    question,
)


def test_it_is_for_its_owner_alone_and_holds_no_token(folder: Path) -> None:
    _run_cache.fetch_cached(connection(), question("a"), 60, Service())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = list(folder.iterdir())
    assert len(files) == 2
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert b"talq" not in path.read_bytes() + path.name.encode()


@pytest.mark.parametrize(
    "garbage",
    [
        *(b"", b"x", b"\0" * 200, b"{" * 200, b'{"arrived": 1e12, "value": {}}', b"[]", b"7"),
        b'{"value": {"id": "a"}, "stored": 0, "arrived": 1' + 400 * b"0" + b"}",
        b'{"value": {"id": "a"}, "stored": NaN, "arrived": NaN}',
        b'{"value": {"id": "a"}, "stored": 0, "arrived": -Infinity}',
    ],
)
def test_a_damaged_entry_is_no_entry(folder: Path, garbage: bytes) -> None:
    service = Service()
    _run_cache.fetch_cached(connection(), question("a"), 60, service)
    for path in folder.iterdir():
        if path.name != "lock":
            path.write_bytes(garbage)
    _run_cache.fetch_cached(connection(), question("a"), 60, service)
    _run_cache.fetch_cached(connection(), question("a"), 60, service)
    assert len(service.asked) == 2


def test_an_entry_of_another_trunk_is_no_entry(folder: Path) -> None:
    service = Service()
    _run_cache.fetch_cached(connection(), question("a"), 60, service)
    (entry,) = (path for path in folder.iterdir() if path.name != "lock")
    entry.write_bytes(entry.read_bytes().replace(b'"id": "a"', b'"id": "b"'))
    assert _run_cache.fetch_cached(connection(), question("a"), 60, service)["a"] == {"id": "a", "n": 2}


def open_to_all(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)


def link_elsewhere(folder: Path) -> None:
    elsewhere = folder.with_name("elsewhere")
    elsewhere.mkdir(mode=0o700)
    folder.symlink_to(elsewhere)


def remove_run_directory(folder: Path) -> None:
    folder.parent.rmdir()


@pytest.mark.parametrize(
    "spoil",
    [open_to_all, link_elsewhere, remove_run_directory, Path.touch],
)
def test_a_store_that_cannot_be_used_costs_requests_alone(folder: Path, spoil: Callable[[Path], None]) -> None:
    spoil(folder)
    service = Service()
    for _time in range(2):
        assert _run_cache.fetch_cached(connection(), question("a"), 60, service)["a"] is not None
    assert len(service.asked) == 2


@pytest.fixture(params=["a small tmpfs", "an injected ENOSPC"])
def full_disk(request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give a store on a disk that is full, real where the machine allows it."""
    if request.param == "an injected ENOSPC":

        def full(*_arguments: Any, **_options: Any) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        _run_cache.fetch_cached(connection(), question("other"), 60, Service())
        monkeypatch.setattr(tempfile, "mkstemp", full)
        yield
        return
    folder.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k,mode=0700", "none", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine does not allow a tmpfs; the injected ENOSPC stands for it")
    try:
        _run_cache.fetch_cached(connection(), question("other"), 60, Service())
        (folder / "filler").write_bytes(b"x" * 12288)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_costs_requests_alone() -> None:
    service = Service()
    for _time in range(2):
        assert _run_cache.fetch_cached(connection(), question("a"), 60, service)["a"] is not None
    assert len(service.asked) == 2


def test_a_file_system_without_locks_costs_requests_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_arguments: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "lockf", no_locks)
    service = Service()
    for _time in range(2):
        assert _run_cache.fetch_cached(connection(), question("a"), 60, service)["a"] is not None
    assert len(service.asked) == 1
