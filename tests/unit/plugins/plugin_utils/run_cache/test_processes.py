# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The run-wide store between real processes, with real locks."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.module_utils import _clock
from ansible_collections.talkover.voice.plugins.module_utils._errors import TalkoverError
from ansible_collections.talkover.voice.plugins.module_utils._options import TrunkQuery
from ansible_collections.talkover.voice.plugins.module_utils._trunks import TrunkReport
from ansible_collections.talkover.voice.plugins.plugin_utils import _run_cache
from ansible_collections.talkover.voice.tests.unit.plugins.plugin_utils.run_cache.service import connection, question

FORK = multiprocessing.get_context("fork")


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

    def start(self, *ids: str, signal: str = "go", fails: bool = False, ttl: float = 60) -> int:
        """Do in a process of its own what a lookup in a worker does, and give its number."""

        def ask(wanted: TrunkQuery) -> TrunkReport:
            arrived = _clock.now()
            self.tell("asked")
            self.told(signal, 1)
            # With a ttl of zero, the response may serve those alone who began before it arrived.
            arrived = arrived if ttl else _clock.now()
            if fails:
                raise TalkoverError("network", "No.")
            return TrunkReport({i: {"id": i} for i in wanted.trunk_ids}, None, dict.fromkeys(ids, arrived))

        def look_up() -> None:
            self.tell("began")
            try:
                self.tell("answered", ",".join(_run_cache.fetch_cached(connection(), question(*ids), ttl, ask)))
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


@pytest.mark.parametrize("ttl", [60, 0])
@pytest.mark.parametrize("killed", [False, True])
def test_one_asks_and_the_others_wait_even_when_it_dies(scene: Scene, killed: bool, ttl: float) -> None:
    for _number in range(8):
        scene.start("a", ttl=ttl)
    scene.told("began", 8)
    (first,) = scene.told("asked", 1)
    if killed:
        os.kill(first, signal.SIGKILL)
        scene.told("asked", 2)
    # That the others have come to wait is told by nothing but time.
    time.sleep(0 if ttl else 0.5)
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


def test_waiting_for_a_slow_request_returns_no_old_record(scene: Scene) -> None:
    scene.start("a", signal="first", ttl=0.3)
    scene.told("asked", 1)
    others = [scene.start("a", signal="others", ttl=0.3) for _number in range(4)]
    scene.told("began", 5)
    time.sleep(0.5)
    assert len(scene.told("asked")) == 1
    scene.tell("first")
    # They request at the same time, and not one after the other.
    assert set(scene.told("asked", 5)) >= set(others)
    scene.tell("others")
    assert len(scene.told("answered", 5)) == 5


def test_a_response_serves_no_attempt_that_began_after_it(scene: Scene) -> None:
    scene.tell("go")
    for number in range(3):
        scene.start("a", ttl=0)
        scene.told("answered", number + 1)
    assert len(scene.told("asked")) == 3
