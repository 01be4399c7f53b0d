# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the event source on a real asyncio queue, against the emulator.

The tests say when the next poll begins, so nothing depends on how long something takes.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.module_utils._errors import TalkoverError
from ansible_collections.talkover.voice.plugins.module_utils._rate_limit import RateLimiter
from ansible_collections.talkover.voice.plugins.plugin_utils import _event_polling
from ansible_collections.talkover.voice.plugins.plugin_utils._event_options import read_options
from ansible_collections.talkover.voice.plugins.plugin_utils._event_polling import NO_HOST, HealthSource, run
from ansible_collections.talkover.voice.tests.emulator import Emulator

GUARD = 60.0
"""The seconds after which a test fails instead of waiting forever."""
LIST = "/sip-trunks"


class Watched:
    """Run a source, poll by poll."""

    def __init__(self, queue: asyncio.Queue[dict[str, Any]], args: dict[str, Any]) -> None:
        self.queue = queue
        self.source = HealthSource(queue, read_options(args), sleep=self._sleep)
        self.pauses: list[float] = []
        self._ended = asyncio.Semaphore(0)
        self._next = asyncio.Semaphore(0)
        self.task = asyncio.ensure_future(self.source.run())
        self._is_first = True

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self._ended.release()
        await self._next.acquire()

    async def poll(self, times: int = 1) -> None:
        """Return when this many polls have ended, and the queue has what it can take."""
        for _time in range(times):
            if not self._is_first:
                self._next.release()
            self._is_first = False
            ended = asyncio.ensure_future(self._ended.acquire())
            await asyncio.wait({ended, self.task}, timeout=GUARD, return_when=asyncio.FIRST_COMPLETED)
            if self.task.done():
                self.task.result()
            assert ended.done()
        # The delivery runs in the same loop: let it go on until it waits.
        for _step in range(20):
            await asyncio.sleep(0)

    def take(self) -> list[dict[str, Any]]:
        """Return the events in the queue."""
        events = []
        while not self.queue.empty():
            events.append(self.queue.get_nowait())
        return events

    def edges(self) -> list[tuple[str, str, str]]:
        """Return the events in the queue: event, trunk ID, state before."""
        events = [event["talkover"] for event in self.take()]
        return [(event["event"], event["trunk_id"], event["was"]) for event in events]


@contextlib.asynccontextmanager
async def watching(service: Emulator, size: int = 0, **args: Any) -> AsyncIterator[Watched]:
    given = {"api_token": service.token, "api_url": service.url, "retries": 0, **args}
    if "all_trunks" not in args:
        given.setdefault("trunk_ids", ["trunk-healthy"])
    watched = Watched(asyncio.Queue(size), given)
    try:
        yield watched
    finally:
        watched.task.cancel()
        await asyncio.wait({watched.task}, timeout=GUARD)


def play(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, GUARD))


def set_health(service: Emulator, status: str, trunk_id: str = "trunk-healthy") -> None:
    service.trunks[trunk_id]["health_status"] = status


def test_a_trunk_turns_sick_and_recovers(emulator: Emulator) -> None:
    async def story() -> None:
        async with watching(emulator) as watched:
            await watched.poll(2)
            assert watched.edges() == []
            set_health(emulator, "unhealthy")
            await watched.poll()
            assert watched.edges() == []
            await watched.poll()
            (message,) = watched.take()
            set_health(emulator, "healthy")
            await watched.poll(2)
            assert watched.edges() == [("recovered", "trunk-healthy", "sick")]
        event = message["talkover"]
        assert message.keys() == {"talkover"}
        assert (event["event"], event["trunk_id"], event["name"]) == ("sick", "trunk-healthy", "Primary Carrier — US")
        assert event["problems"] == ["health_status is ”unhealthy”, but must be ”healthy”."]
        assert (event["healthy"], event["was"], event["trunks_sick"], event["error_kind"]) == (False, "healthy", 1, "")

    play(story())
    assert {request.path for request in emulator.requests} == {"/api/v1/sip-trunks"}
    assert len(emulator.requests) == 6


def test_a_trunk_that_does_not_exist_is_sick(emulator: Emulator) -> None:
    async def story() -> None:
        async with watching(emulator, trunk_ids=["trunk-healthy", "no-such-trunk"], sick_after=1) as watched:
            await watched.poll()
            (message,) = watched.take()
            event = message["talkover"]
            assert (event["trunk_id"], event["event"], event["error_kind"]) == ("no-such-trunk", "sick", "not_found")
            assert (event["name"], event["problems"]) == ("no-such-trunk", ["This trunk does not exist."])

    play(story())


def test_all_trunks_are_one_request(emulator: Emulator) -> None:
    async def story() -> None:
        async with watching(emulator, all_trunks=True, initial="all", sick_after=1) as watched:
            await watched.poll()
            assert watched.edges() == [
                ("snapshot", "trunk-healthy", ""),
                ("sick", "trunk-sick", ""),
                ("sick", "trunk-recovering", ""),
            ]

    play(story())
    assert len(emulator.requests) == 1


def test_an_outage_at_the_start_does_not_end_the_source(emulator: Emulator) -> None:
    async def story() -> None:
        emulator.fail_next(LIST, status=503, times=4)
        async with watching(emulator) as watched:
            await watched.poll(2)
            assert watched.edges() == []
            await watched.poll(2)
            (message,) = watched.take()
            event = message["talkover"]
            assert (event["event"], event["error_kind"], event["healthy"]) == ("unknown", "server", False)
            assert "503" in event["problems"][0]
            await watched.poll()
            assert watched.edges() == []
            await watched.poll()
            assert watched.edges() == [("recovered", "trunk-healthy", "unknown")]

    play(story())


def test_an_outage_in_the_middle_is_unknown_and_not_recovered(emulator: Emulator) -> None:
    async def story() -> None:
        async with watching(emulator, trunk_ids=["trunk-healthy", "trunk-sick"]) as watched:
            await watched.poll(2)
            assert watched.edges() == [("sick", "trunk-sick", "")]
            emulator.close()
            await watched.poll(3)
            assert watched.edges() == [("unknown", "trunk-healthy", "healthy"), ("unknown", "trunk-sick", "sick")]
            await watched.poll(3)
            assert watched.edges() == []

    play(story())


@pytest.mark.parametrize(("status", "kind"), [(401, "auth"), (403, "forbidden")])
def test_a_refused_token_at_the_first_poll_ends_the_source(emulator: Emulator, status: int, kind: str) -> None:
    async def story() -> None:
        emulator.fail_next(LIST, status=status)
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        args = {"api_token": emulator.token, "api_url": emulator.url, "all_trunks": True}
        with pytest.raises(TalkoverError, match=f"The API returned {status}") as raised:
            await run(queue, args)
        assert raised.value.kind == kind
        assert emulator.token not in str(raised.value)
        assert queue.empty()

    play(story())


def test_a_configuration_error_at_the_first_poll_ends_the_source(emulator: Emulator) -> None:
    async def story() -> None:
        args = {"api_token": "talq_x", "api_url": "https://127.0.0.1:1/api/v1", "ca_path": "/no/such/file"}
        with pytest.raises(TalkoverError, match=r"ca_path \(/no/such/file\) cannot be loaded"):
            await run(asyncio.Queue(), {**args, "all_trunks": True})

    play(story())


@pytest.mark.parametrize(("status", "kind"), [(401, "auth"), (403, "forbidden"), (404, "not_found")])
def test_a_refused_token_later_is_unknown(emulator: Emulator, status: int, kind: str) -> None:
    async def story() -> None:
        async with watching(emulator) as watched:
            await watched.poll()
            emulator.fail_next(LIST, status=status, times=3)
            await watched.poll(3)
            (message,) = watched.take()
            assert (message["talkover"]["event"], message["talkover"]["error_kind"]) == ("unknown", kind)
            await watched.poll(2)
            assert watched.edges() == [("recovered", "trunk-healthy", "unknown")]

    play(story())


def test_a_rate_limit_bounds_a_poll_and_ends_no_source() -> None:
    async def story() -> None:
        with Emulator(limit=1) as service:
            async with watching(service, max_wait=0, unknown_after=1) as watched:
                await watched.poll(3)
                (message,) = watched.take()
                event = message["talkover"]
                assert (event["event"], event["error_kind"]) == ("unknown", "rate_limited")
                assert "too many requests" in event["problems"][0].lower()
            assert len(service.requests) == 1

    play(story())


def test_a_429_is_waited_for(emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        emulator.fail_next(LIST, status=429, headers={"Retry-After": "1"})
        async with watching(emulator) as watched:
            await watched.poll()
            assert len(emulator.requests) == 2

    play(story())
    assert "A poll failed" not in caplog.text


def test_a_slow_rulebook_delays_no_poll_and_gets_the_newest_state(caplog: pytest.LogCaptureFixture) -> None:
    async def story(service: Emulator) -> None:
        counts = {"sick_after": 1, "recovered_after": 1, "unknown_after": 1}
        async with watching(service, size=1, trunk_ids=["a", "b"], **counts) as watched:
            await watched.poll()
            for trunk_id in "ab":
                set_health(service, "unhealthy", trunk_id)
            # One event fills the queue, and one waits for room in it.
            await watched.poll()
            for status in ("healthy", "unhealthy", "healthy"):
                set_health(service, status, "a")
                await watched.poll()
            polls = len(service.requests)
            service.close()
            await watched.poll()
            messages = [await watched.queue.get() for _event in range(4)]
            events = [message["talkover"] for message in messages]
            assert [(event["event"], event["trunk_id"], event["was"], event["merged"]) for event in events] == [
                ("sick", "a", "healthy", 0),
                ("sick", "b", "healthy", 0),
                ("unknown", "a", "sick", 1),
                ("unknown", "b", "sick", 0),
            ]
            await watched.poll()
            assert watched.edges() == []
            assert (polls, service.peak) == (5, 1)

    with Emulator(trunks=[{"id": "a"}, {"id": "b"}]) as service:
        play(story(service))
    assert "The rulebook is slow: events of trunk 'a' were merged." in caplog.text


def test_the_log_says_that_an_event_was_late(
    emulator: Emulator, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with watching(emulator, trunk_ids=["trunk-sick"], sick_after=1) as watched:
            await watched.poll()
            assert watched.edges() == [("sick", "trunk-sick", "")]

    play(story())
    assert "late" not in caplog.text
    monkeypatch.setattr(_event_polling, "LATE", -1)
    play(story())
    assert "The rulebook took the event 'sick' 0 s late." in caplog.text


@pytest.mark.parametrize("hosts", [["pbx-1", "pbx-2"], "pbx-1"])
def test_hosts_limit_the_actions(emulator: Emulator, hosts: Any) -> None:
    async def story() -> None:
        given = {"trunk-sick": hosts}
        async with watching(emulator, all_trunks=True, initial="all", sick_after=1, hosts=given) as watched:
            await watched.poll()
            limits = {message["talkover"]["trunk_id"]: message["meta"]["hosts"] for message in watched.take()}
            assert limits == {
                "trunk-healthy": [NO_HOST],
                "trunk-sick": [hosts] if isinstance(hosts, str) else hosts,
                "trunk-recovering": [NO_HOST],
            }

    play(story())


def test_a_heartbeat_has_no_hosts_either(emulator: Emulator) -> None:
    async def story() -> None:
        async with watching(emulator, heartbeat=3600, hosts={"trunk-healthy": "pbx-1"}) as watched:
            await watched.poll(2)
            (message,) = watched.take()
            assert message["meta"] == {"hosts": [NO_HOST]}
            assert (message["talkover"]["event"], message["talkover"]["healthy"]) == ("heartbeat", True)

    play(story())


def test_the_interval_varies(emulator: Emulator) -> None:
    async def story() -> None:
        async with watching(emulator, interval=1000) as watched:
            await watched.poll(8)
            assert all(800 < pause <= 1100 for pause in watched.pauses)
            assert len(set(watched.pauses)) > 1

    play(story())


async def request_under_way(service: Emulator) -> None:
    while service.peak == 0:
        await asyncio.sleep(0.01)


def test_a_cancelled_source_does_not_wait_for_a_request() -> None:
    async def story(service: Emulator) -> None:
        args = {"api_token": service.token, "api_url": service.url, "all_trunks": True, "timeout": 3 * GUARD}
        task = asyncio.ensure_future(run(asyncio.Queue(), args))
        await request_under_way(service)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with Emulator(latency=GUARD / 2) as service:
        # The end of the event loop must not wait for the request either, which would be answered then.
        play(story(service))
        assert service.requests == []
    wait_for_polls_to_end()


def test_a_cancelled_source_sends_no_further_request(emulator: Emulator) -> None:
    async def story() -> None:
        emulator.fail_next(LIST, status=503, times=1000)
        args = {"api_token": emulator.token, "api_url": emulator.url, "all_trunks": True, "retries": 100}
        task = asyncio.ensure_future(run(asyncio.Queue(), args))
        await request_under_way(emulator)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    play(story())
    wait_for_polls_to_end()
    # One was under way, and the next may have begun just before the cancellation.
    assert len(emulator.requests) <= 2


def wait_for_polls_to_end() -> None:
    for thread in threading.enumerate():
        if thread.name == "talkover-poll":
            thread.join(GUARD)
            assert not thread.is_alive()


def test_a_request_of_an_earlier_poll_does_not_block_the_next_one() -> None:
    window = _event_polling._PollWindow()
    earlier, later = RateLimiter(window=window), RateLimiter(window=window)
    # The first request of a window goes alone, and its poll fails while it is under way.
    number = earlier.acquire()
    earlier.stop()
    waiting = threading.Thread(target=later.acquire, daemon=True)
    waiting.start()
    waiting.join(0.1)
    assert waiting.is_alive()
    earlier.release(number, None)
    waiting.join(5)
    assert not waiting.is_alive()


def test_many_events_do_not_block_the_event_loop() -> None:
    trunks = [{"id": f"trunk-{number}"} for number in range(200)]

    async def story(service: Emulator) -> None:
        async with watching(service, all_trunks=True, initial="all", recovered_after=1) as watched:
            sizes = set()
            while watched.queue.qsize() < len(trunks):
                sizes.add(watched.queue.qsize())
                await asyncio.sleep(0)
            assert len(sizes) > 100

    with Emulator(trunks=trunks, limit=1000) as service:
        play(story(service))


def test_an_error_of_the_queue_ends_the_source(emulator: Emulator) -> None:
    class Broken(asyncio.Queue[dict[str, Any]]):
        async def put(self, item: dict[str, Any]) -> None:  # noqa: ARG002
            raise ValueError("An event filter failed.")

    async def story() -> None:
        args = {"api_token": emulator.token, "api_url": emulator.url, "all_trunks": True, "sick_after": 1}
        with pytest.raises(ValueError, match="An event filter failed"):
            await run(Broken(), args)

    play(story())


@pytest.mark.parametrize("kind", [KeyError, StopIteration, SystemExit, asyncio.CancelledError, MemoryError])
def test_an_unexpected_error_is_a_failed_poll(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
) -> None:
    def crash(_self: HealthSource) -> None:
        raise kind(emulator.token)

    async def story() -> None:
        monkeypatch.setattr(HealthSource, "_fetch", crash)
        async with watching(emulator) as watched:
            await watched.poll(3)
            (message,) = watched.take()
            assert message["talkover"]["error_kind"] == "bad_response"
            assert message["talkover"]["problems"][0].startswith("The poll failed with ")
            assert emulator.token not in str(message)

    play(story())
