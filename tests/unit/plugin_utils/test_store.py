# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The run-wide store: real files, real locks, real processes."""

from __future__ import annotations

import errno
import fcntl
import multiprocessing
import os
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible import constants

from ansible_collections.talkover.voice.plugins.module_utils.errors import TalkoverError
from ansible_collections.talkover.voice.plugins.module_utils.options import (
    CONNECTION_SPEC,
    QUESTION_SPEC,
    Connection,
    Question,
)
from ansible_collections.talkover.voice.plugins.module_utils.trunks import Answer
from ansible_collections.talkover.voice.plugins.plugin_utils import store

FORK = multiprocessing.get_context("fork")


def connection(**options: Any) -> Connection:
    defaults = {name: spec.get("default") for name, spec in CONNECTION_SPEC.items()}
    return Connection.from_options({**defaults, "api_token": "talq_a", **options})


def question(*ids: str, **options: Any) -> Question:
    defaults = {name: spec.get("default") for name, spec in QUESTION_SPEC.items()}
    return Question.from_options({**defaults, "trunk_ids": list(ids) or None, "all_trunks": not ids, **options})


class Service:
    """Answers with a record a trunk, and counts how often each was asked for."""

    def __init__(self, *every: str) -> None:
        self.every = every
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, asked: Question) -> Answer:
        self.asked.append(asked.trunk_ids)
        ids = asked.trunk_ids or self.every
        return Answer({i: {"id": i, "n": len(self.asked)} for i in ids}, None, dict.fromkeys(ids, time.monotonic()))


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


def test_a_young_record_is_not_asked_for_again() -> None:
    service = Service()
    first = store.recall(connection(), question("a", "b"), 60, service)
    assert store.recall(connection(), question("b", "a"), 60, service) == {"b": first["b"], "a": first["a"]}
    assert list(store.recall(connection(), question("c", "a"), 60, service)) == ["c", "a"]
    assert service.asked == [("a", "b"), ("c",)]


def test_an_old_record_is_asked_for_again() -> None:
    service = Service()
    store.recall(connection(), question("a"), 60, service)
    store.recall(connection(), question("a"), 0.000001, service)
    assert len(service.asked) == 2


def test_an_entry_from_the_future_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service()
    now = store._now()
    with monkeypatch.context() as patch:
        patch.setattr(store, "_now", lambda: now + 10**6)
        store.recall(connection(), question("a"), 60, service)
    monkeypatch.setattr(store, "_now", lambda: now + 2 * 10**6)
    store.recall(connection(), question("a"), 60, service)
    assert len(service.asked) == 2


def test_a_ttl_of_zero_leaves_the_store_alone(folder: Path) -> None:
    service = Service()
    store.recall(connection(), question("a"), 0, service)
    assert not folder.exists()
    store.recall(connection(), question("a"), 60, service)
    before = sorted(path.read_bytes() for path in folder.iterdir())
    store.recall(connection(), question("a"), 0, service)
    assert sorted(path.read_bytes() for path in folder.iterdir()) == before
    assert len(service.asked) == 3


@pytest.mark.parametrize("ttl", [-1, float("nan"), float("inf")])
def test_a_ttl_that_is_no_time_is_an_error(ttl: float) -> None:
    with pytest.raises(TalkoverError, match="cache_ttl must be"):
        store.recall(connection(), question("a"), ttl, Service())


def test_all_trunks_fill_the_entries_of_the_single_ones() -> None:
    service = Service("a", "b")
    assert list(store.recall(connection(), question(), 60, service)) == ["a", "b"]
    assert list(store.recall(connection(), question(), 60, service)) == ["a", "b"]
    assert list(store.recall(connection(), question("b"), 60, service)) == ["b"]
    assert service.asked == [()]


@pytest.mark.parametrize(
    ("reach", "options"),
    [
        ({"api_token": "talq_b"}, {}),
        ({"api_url": "https://voice.acme.com/api/v1"}, {}),
        ({"validate_certs": False}, {}),
        ({"ca_path": "/ca.pem"}, {}),
        ({"client_cert": "/client.pem"}, {}),
        ({}, {"include": ["dids"]}),
        ({}, {"include": ["live_health"]}),
        ({}, {"details": False}),
    ],
)
def test_another_question_has_another_answer(reach: dict[str, Any], options: dict[str, Any]) -> None:
    service = Service()
    store.recall(connection(), question("a"), 60, service)
    store.recall(connection(**reach), question("a", **options), 60, service)
    assert len(service.asked) == 2


def test_neither_errors_nor_missing_trunks_are_kept() -> None:
    def fail(_question: Question) -> Answer:
        raise TalkoverError("server", "No.")

    asked = []

    def miss(question: Question) -> Answer:
        asked.append(question.trunk_ids)
        return Answer({"a": None})

    for _time in range(2):
        with pytest.raises(TalkoverError):
            store.recall(connection(), question("a"), 60, fail)
        assert store.recall(connection(), question("a", missing_ok=True), 60, miss) == {"a": None}
    assert len(asked) == 2


def test_it_is_for_its_owner_alone_and_holds_no_token(folder: Path) -> None:
    store.recall(connection(), question("a"), 60, Service())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = list(folder.iterdir())
    assert len(files) == 3
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert b"talq" not in path.read_bytes() + path.name.encode()


@pytest.mark.parametrize("garbage", [b"", b"x", b"\0" * 200, b"{" * 200, b'{"arrived": 1e12, "value": {}}'])
def test_a_damaged_entry_is_no_entry(folder: Path, garbage: bytes) -> None:
    service = Service()
    store.recall(connection(), question("a"), 60, service)
    for path in folder.iterdir():
        if path.name not in ("key", "lock"):
            path.write_bytes(garbage)
    store.recall(connection(), question("a"), 60, service)
    store.recall(connection(), question("a"), 60, service)
    assert len(service.asked) == 2


def test_one_changed_byte_of_a_verdict_is_noticed(folder: Path) -> None:
    service = Service()
    store.recall(connection(), question("a"), 60, service)
    (entry,) = (path for path in folder.iterdir() if path.name not in ("key", "lock"))
    content = entry.read_bytes()
    entry.write_bytes(content.replace(b'"n": 1', b'"n": 7'))
    assert entry.read_bytes() != content
    assert store.recall(connection(), question("a"), 60, service)["a"] == {"id": "a", "n": 2}


def spoil_key(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    (folder / "key").write_bytes(b"short")


def open_to_all(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)


def link_elsewhere(folder: Path) -> None:
    elsewhere = folder.with_name("elsewhere")
    elsewhere.mkdir(mode=0o700)
    folder.symlink_to(elsewhere)


def remove_run_directory(folder: Path) -> None:
    folder.parent.rmdir()


def folders_in_the_place_of_files(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    (folder / "lock").mkdir()
    (folder / "key").mkdir()


@pytest.mark.parametrize(
    "spoil",
    [spoil_key, open_to_all, link_elsewhere, remove_run_directory, folders_in_the_place_of_files, Path.touch],
)
def test_a_store_that_cannot_be_used_costs_requests_alone(folder: Path, spoil: Callable[[Path], None]) -> None:
    spoil(folder)
    service = Service()
    for _time in range(2):
        assert store.recall(connection(), question("a"), 60, service)["a"] is not None
    assert len(service.asked) == 2


@pytest.fixture(params=["a small tmpfs", "an injected ENOSPC"])
def full_disk(request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give a store on a disk that is full, real where the machine allows it."""
    if request.param == "an injected ENOSPC":

        def full(*_arguments: Any, **_options: Any) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        store.recall(connection(), question("other"), 60, Service())
        monkeypatch.setattr(tempfile, "mkstemp", full)
        yield
        return
    folder.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k,mode=0700", "none", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine does not allow a tmpfs; the injected ENOSPC stands for it")
    try:
        store.recall(connection(), question("other"), 60, Service())
        (folder / "filler").write_bytes(b"x" * 8192)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_costs_requests_alone() -> None:
    service = Service()
    for _time in range(2):
        assert store.recall(connection(), question("a"), 60, service)["a"] is not None
    assert len(service.asked) == 2


def test_a_file_system_without_locks_costs_requests_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_arguments: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "lockf", no_locks)
    service = Service()
    for _time in range(2):
        assert store.recall(connection(), question("a"), 60, service)["a"] is not None
    assert len(service.asked) == 1


class Scene:
    """Where processes tell each other what they do: by files, since one that is killed holds no lock of a file."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.workers: list[Any] = []

    def tell(self, what: str, text: str = "") -> None:
        """Say something, on behalf of this process."""
        (self.place / f"{what}.{os.getpid()}.new").write_text(text)
        (self.place / f"{what}.{os.getpid()}.new").rename(self.place / f"{what}.{os.getpid()}")

    def told(self, what: str, least: int = 0) -> dict[int, str]:
        """Give what has been told, by process, as soon as at least so many have."""
        for _try in range(6000):
            found = [path for path in self.place.glob(f"{what}.*") if path.suffix != ".new"]
            if len(found) >= least:
                return {int(path.suffix[1:]): path.read_text() for path in found}
            time.sleep(0.01)
        raise AssertionError(f"{what} was told by {len(found)} processes and not by {least}")

    def start(self, *ids: str, signal: str = "go", fails: bool = False) -> int:
        """Do in a process of its own what a lookup in a worker does, and give its number."""

        def ask(wanted: Question) -> Answer:
            self.tell("asked")
            self.told(signal, 1)
            if fails:
                raise TalkoverError("network", "No.")
            return Answer({i: {"id": i} for i in wanted.trunk_ids}, None, dict.fromkeys(ids, time.monotonic()))

        def look_up() -> None:
            self.tell("began")
            try:
                self.tell("answered", ",".join(store.recall(connection(), question(*ids), 60, ask)))
            except TalkoverError as error:
                self.tell("failed", error.kind)

        worker = FORK.Process(target=look_up, daemon=True)
        worker.start()
        self.workers.append(worker)
        assert worker.pid
        return worker.pid


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Give a way to run several processes, none of which outlives the test."""
    place = tmp_path / "scene"
    place.mkdir()
    made = Scene(place)
    yield made
    for worker in made.workers:
        worker.kill()
        worker.join()


@pytest.mark.parametrize("killed", [False, True])
def test_one_asks_and_the_others_wait_even_when_it_dies(scene: Scene, killed: bool) -> None:
    for _number in range(8):
        scene.start("a")
    scene.told("began", 8)
    (first,) = scene.told("asked", 1)
    if killed:
        os.kill(first, signal.SIGKILL)
        scene.told("asked", 2)
    scene.tell("go")
    assert list(scene.told("answered", 8 - killed).values()) == ["a"] * (8 - killed)
    assert len(scene.told("asked")) == 1 + killed


def test_those_who_ask_for_the_same_in_another_order_do_not_block_each_other(scene: Scene) -> None:
    scene.tell("go")
    orders = ["a,b,c", "c,b,a", "b,a", "c,a"] * 3
    for order in orders:
        scene.start(*order.split(","))
    assert sorted(scene.told("answered", len(orders)).values()) == sorted(orders)


def test_one_who_cannot_be_answered_makes_no_queue_of_the_others(scene: Scene) -> None:
    scene.start("a", signal="first", fails=True)
    scene.told("asked", 1)
    others = [scene.start("a", signal="others", fails=True) for _number in range(4)]
    scene.told("began", 5)
    # That the others have come to wait is told by nothing but time; too little of it only makes the test easier.
    time.sleep(0.5)
    assert len(scene.told("asked")) == 1
    scene.tell("first")
    # All of them ask while none of them has been answered yet.
    assert len(scene.told("asked", 5)) == 1 + len(others)
    scene.tell("others")
    assert len(scene.told("failed", 5)) == 5
