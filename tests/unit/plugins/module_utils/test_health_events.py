# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test which events follow from the results of polls, against an independent definition over the whole history."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.talkover.voice.plugins.module_utils._health_events import (
    INITIAL,
    MAX_PROBLEMS,
    Counts,
    EventSettings,
    HealthEvent,
    HealthMonitor,
    Outbox,
    Verdict,
)

# A history has one letter per poll: the trunk was healthy, sick, or the poll failed.
H, S, F = "HSF"
START = 1_800_000_000.0
PERIOD = 60.0
LEADS_TO = {"recovered": "healthy", "snapshot": "healthy", "sick": "sick", "unknown": "unknown"}


class Edge(NamedTuple):
    """What the tests compare: the number of the poll, the event, and the state before."""

    poll: int
    event: str
    was: str


def expected_edges(history: str, settings: EventSettings) -> list[Edge]:
    """Return the edges of a history, from what a state means. Nothing is counted from poll to poll."""
    # Failures between sick results do not matter, unless there are enough of them for "unknown".
    gap = f"{F}{{0,{settings.unknown_after - 1}}}"
    meanings = {
        "healthy": f"{H}{{{settings.recovered_after}}}$",
        "sick": f"{S}(?:{gap}{S}){{{settings.sick_after - 1}}}$",
        "unknown": f"{F}{{{settings.unknown_after}}}$",
    }
    edges, state = [], ""
    for poll in range(len(history)):
        until = history[: poll + 1]
        reached = [name for name, meaning in meanings.items() if re.search(meaning, until)]
        if not state and until[-1] == H:
            reached = ["healthy"]
        assert len(reached) < 2
        if reached and reached[0] != state:
            is_silent = not state and (
                (reached[0] == "healthy" and settings.initial != "all")
                or (reached[0] == "sick" and settings.initial == "none")
            )
            if not is_silent:
                names = {"healthy": "recovered" if state else "snapshot"}
                edges.append(Edge(poll, names.get(reached[0], reached[0]), state))
            state = reached[0]
    return edges


def play(history: Mapping[str, str], settings: EventSettings) -> dict[str, list[Edge]]:
    """Return the edges of each trunk. In each poll, all trunks fail or none does."""
    monitor = HealthMonitor(settings, history)
    edges: dict[str, list[Edge]] = {trunk_id: [] for trunk_id in history}
    for poll, letters in enumerate(zip(*history.values())):
        for event in step(monitor, dict(zip(history, letters)), START + poll * PERIOD):
            edges[event.trunk_id].append(Edge(poll, event.event, event.was))
            assert event.time == START + poll * PERIOD
    return edges


def step(monitor: HealthMonitor, letters: Mapping[str, str], now: float) -> list[HealthEvent]:
    if F in letters.values():
        return monitor.add_failure("timeout", "Timed out.", now)
    return monitor.add_verdicts(
        {trunk_id: Verdict(trunk_id, () if letter == H else ("It is sick.",)) for trunk_id, letter in letters.items()},
        now,
    )


def events_of(history: str, **settings: Any) -> list[str]:
    return [edge.event for edge in play({"t": history}, EventSettings(**settings))["t"]]


def histories(*letters: str) -> st.SearchStrategy[str]:
    # Runs of equal letters, because single ones rarely reach a count.
    runs = st.tuples(st.sampled_from(letters or (H, S, F)), st.integers(1, 5)).map(lambda run: run[0] * run[1])
    return st.lists(runs, max_size=30).map("".join)


any_settings = st.builds(
    EventSettings,
    sick_after=st.integers(1, 4),
    recovered_after=st.integers(1, 4),
    unknown_after=st.integers(1, 4),
    initial=st.sampled_from(INITIAL),
    heartbeat=st.just(0.0),
)


@given(histories(), any_settings)
def test_events_are_those_of_the_history(history: str, settings: EventSettings) -> None:
    assert play({"t": history}, settings)["t"] == expected_edges(history, settings)


@given(histories(), any_settings)
def test_no_recovery_without_enough_healthy_results(history: str, settings: EventSettings) -> None:
    for edge in play({"t": history}, settings)["t"]:
        if edge.event == "recovered":
            assert edge.was in ("sick", "unknown")
            assert history[: edge.poll + 1].endswith(H * settings.recovered_after)
        if edge.event == "snapshot":
            assert history[edge.poll] == H


@given(histories(), any_settings)
def test_no_two_equal_edges_in_a_row(history: str, settings: EventSettings) -> None:
    states = [LEADS_TO[edge.event] for edge in play({"t": history}, settings)["t"]]
    assert all(before != after for before, after in zip(states, states[1:]))


@given(histories(), any_settings)
def test_no_edge_before_its_count(history: str, settings: EventSettings) -> None:
    for edge in play({"t": history}, settings)["t"]:
        since_healthy = history[: edge.poll + 1].rpartition(H)[2]
        if edge.event == "sick":
            assert history[edge.poll] == S
            assert since_healthy.count(S) >= settings.sick_after
        if edge.event == "unknown":
            assert since_healthy.endswith(F * settings.unknown_after)


@given(histories(F), any_settings)
def test_failures_are_neither_sick_nor_recovered(history: str, settings: EventSettings) -> None:
    assert {edge.event for edge in play({"t": history}, settings)["t"]} <= {"unknown"}


@given(histories(S, F), any_settings)
def test_nothing_recovers_without_a_healthy_result(history: str, settings: EventSettings) -> None:
    assert {edge.event for edge in play({"t": history}, settings)["t"]} <= {"sick", "unknown"}


@pytest.mark.parametrize(
    ("history", "events"),
    [
        ("HHHH", []),
        ("HSHSHS", []),
        ("HSS", ["sick"]),
        ("SS", ["sick"]),
        ("HSSHSS", ["sick"]),
        ("HSSHH", ["sick", "recovered"]),
        ("HSSHFH", ["sick"]),
        ("HSFS", ["sick"]),
        ("HFFHFF", []),
        ("HFFF", ["unknown"]),
        ("FFFF", ["unknown"]),
        ("HFFFH", ["unknown"]),
        ("HFFFHH", ["unknown", "recovered"]),
        ("HSSFFFSS", ["sick", "unknown", "sick"]),
        ("HSFFFS", ["unknown"]),
        ("FFFHH", ["unknown", "recovered"]),
    ],
)
def test_the_usual_histories(history: str, events: list[str]) -> None:
    assert events_of(history) == events


@pytest.mark.parametrize(
    ("initial", "healthy", "sick"), [("sick", [], ["sick"]), ("all", ["snapshot"], ["sick"]), ("none", [], [])]
)
def test_initial_selects_the_first_events(initial: str, healthy: list[str], sick: list[str]) -> None:
    assert events_of("HH", initial=initial) == healthy
    assert events_of("SS", initial=initial) == sick
    assert events_of("HSS", initial=initial)[-1:] == ["sick"]
    assert events_of("SSHH", initial=initial)[-1:] == ["recovered"]


def verdicts(**problems: Sequence[str]) -> dict[str, Verdict]:
    return {trunk_id: Verdict(f"Carrier {trunk_id}", found) for trunk_id, found in problems.items()}


def test_an_outage_before_the_first_list_is_one_event_for_all_trunks() -> None:
    monitor = HealthMonitor(EventSettings(unknown_after=1, recovered_after=1, sick_after=1))
    (outage,) = monitor.add_failure("network", "Connection refused.", 1)
    assert (outage.event, outage.trunk_id, outage.error_kind) == ("unknown", "", "network")
    assert monitor.add_failure("network", "Connection refused.", 2) == []
    ends = monitor.add_verdicts(verdicts(a=(), b=("It is sick.",)), 3)
    assert [(event.event, event.trunk_id, event.was) for event in ends] == [
        ("recovered", "a", "unknown"),
        ("sick", "b", "unknown"),
    ]


def test_an_outage_after_an_empty_list_is_reported_again() -> None:
    monitor = HealthMonitor(EventSettings(unknown_after=1))
    assert len(monitor.add_failure("network", "Connection refused.", 1)) == 1
    assert monitor.add_verdicts({}, 2) == []
    (again,) = monitor.add_failure("network", "Connection refused.", 3)
    assert (again.event, again.trunk_id, again.since) == ("unknown", "", 3)


def test_an_event_names_a_trunk_without_a_record() -> None:
    monitor = HealthMonitor(EventSettings(sick_after=1, unknown_after=1), "ab")
    assert [event.name for event in monitor.add_failure("network", "Connection refused.", 1)] == ["a", "b"]
    monitor.add_verdicts(verdicts(a=(), b=()), 2)
    monitor.add_verdicts(verdicts(a=(), b=()), 3)
    (gone,) = monitor.add_verdicts({"a": Verdict("", ("This trunk does not exist.",)), "b": Verdict("b", ())}, 4)
    assert gone.name == "Carrier a"


@pytest.mark.parametrize("initial", INITIAL)
def test_a_trunk_that_is_created_later_is_reported_when_it_is_sick(initial: str) -> None:
    monitor = HealthMonitor(EventSettings(sick_after=1, initial=initial))
    monitor.add_verdicts(verdicts(a=()), 1)
    (event,) = monitor.add_verdicts(verdicts(a=(), b=("It is sick.",)), 2)
    assert (event.event, event.trunk_id) == ("sick", "b")


def test_a_trunk_that_is_deleted_is_sick() -> None:
    monitor = HealthMonitor(EventSettings())
    monitor.add_verdicts(verdicts(a=(), b=()), 1)
    assert monitor.add_verdicts(verdicts(a=()), 2) == []
    (event,) = monitor.add_verdicts(verdicts(a=()), 3)
    assert (event.event, event.trunk_id, event.name, event.error_kind) == ("sick", "b", "Carrier b", "not_found")
    assert event.problems == ("This trunk does not exist.",)
    assert event.since == 2


def test_a_heartbeat_says_whether_all_trunks_are_healthy_now() -> None:
    monitor = HealthMonitor(EventSettings(heartbeat=100, sick_after=1, unknown_after=9))
    assert [event.event for event in monitor.add_verdicts(verdicts(a=()), 0)] == ["heartbeat"]
    assert monitor.add_verdicts(verdicts(a=()), 60) == []
    (first,) = monitor.add_verdicts(verdicts(a=()), 120)
    (failed,) = monitor.add_failure("timeout", "Timed out.", 240)
    sick, second = monitor.add_verdicts(verdicts(a=("It is sick.",)), 360)
    assert [event.healthy for event in (first, failed, second)] == [True, False, False]
    assert sick.counts == second.counts == Counts(0, 1, 0)
    # The clock was set back.
    (third,) = monitor.add_verdicts(verdicts(a=("It is sick.",)), 0)
    assert third.event == "heartbeat"


def test_a_heartbeat_is_not_healthy_while_sick_results_are_counted() -> None:
    monitor = HealthMonitor(EventSettings(heartbeat=1, sick_after=3))
    beats = [monitor.add_verdicts(verdicts(a=found), now)[-1] for now, found in enumerate([(), ("It is sick.",), ()])]
    assert [(event.event, event.healthy) for event in beats] == [
        ("heartbeat", True),
        ("heartbeat", False),
        ("heartbeat", True),
    ]


def test_a_heartbeat_without_trunks_is_not_healthy() -> None:
    (event,) = HealthMonitor(EventSettings(heartbeat=1)).add_verdicts({}, 0)
    assert not event.healthy


EVENT = HealthEvent(
    "sick", "trunk-1", "Carrier", False, "", ("It is sick.",), START, "", START + PERIOD, Counts(1, 2, 3)
)


def test_an_event_has_fixed_keys_and_plain_values() -> None:
    assert EVENT.as_dict(START + PERIOD + 7.2) == {
        "event": "sick",
        "id": EVENT.as_dict(0)["id"],
        "trunk_id": "trunk-1",
        "name": "Carrier",
        "healthy": False,
        "was": "",
        "problems": ["It is sick."],
        "since": "2027-01-15T08:00:00Z",
        "error_kind": "",
        "time": "2027-01-15T08:01:00Z",
        "late": 7,
        "merged": 0,
        "trunks_healthy": 1,
        "trunks_sick": 2,
        "trunks_unknown": 3,
    }
    others = [EVENT._replace(event="recovered"), EVENT._replace(trunk_id="trunk-2"), EVENT._replace(time=START)]
    assert len({event.as_dict(0)["id"] for event in (EVENT, *others)}) == 4
    assert len(EVENT._replace(problems=["It is sick."] * 99).as_dict(0)["problems"]) == MAX_PROBLEMS


@given(st.text(), st.text(), st.lists(st.text(), max_size=3))
def test_no_text_of_an_event_can_open_a_template(trunk_id: str, name: str, problems: list[str]) -> None:
    fields = EVENT._replace(trunk_id=trunk_id, name=name, problems=problems).as_dict(0)
    for text in (fields["trunk_id"], fields["name"], *fields["problems"]):
        assert not set(text) & set("{}()[]'\"`|*#$\n\r\x1b\u202e")


def test_an_ordinary_id_is_not_changed() -> None:
    for trunk_id in ("3f2b7c1a-9d54-4e0b-8a6f-52c1d7e90b34", "são paulo/1.2:3,4~5"):
        assert EVENT._replace(trunk_id=trunk_id).as_dict(0)["trunk_id"] == trunk_id
    assert EVENT._replace(trunk_id="{{ x }}%").as_dict(0)["trunk_id"] == "%7B%7B x %7D%7D%25"


def deliver(events: Iterable[HealthEvent], choices: Iterable[bool]) -> list[HealthEvent]:
    """Deliver events whenever a choice says that the rulebook takes one, and the rest at the end."""
    outbox, delivered, waiting = Outbox(), [], iter(events)
    for takes in choices:
        event = None if takes else next(waiting, None)
        if event is not None:
            outbox.add(event)
        elif outbox:
            delivered.append(outbox.pop())
    for event in waiting:
        outbox.add(event)
    while outbox:
        delivered.append(outbox.pop())
    return delivered


@given(histories(), histories(), st.lists(st.booleans(), min_size=30))
def test_merged_events_tell_the_newest_state(one: str, other: str, choices: list[bool]) -> None:
    # Each result is enough for an event.
    settings = EventSettings(1, 1, 1, initial="all")
    length = min(len(one), len(other))
    polls = [(F, F) if F in pair else pair for pair in zip(one[:length], other)]
    monitor = HealthMonitor(settings, "ab")
    events = [event for poll, pair in enumerate(polls) for event in step(monitor, dict(zip("ab", pair)), START + poll)]
    delivered = deliver(events, choices)
    for trunk_id in "ab":
        known = ""
        for event in (event for event in delivered if event.trunk_id == trunk_id):
            # No two equal states in a row, and no gap that the rulebook cannot see.
            assert event.state != event.was
            assert event.was == known or not known
            known = event.state
        states = [event for event in events if event.trunk_id == trunk_id]
        if states:
            assert (known or states[0].was) == states[-1].state


def test_events_that_cancel_out_are_not_delivered() -> None:
    outbox = Outbox()
    recovered = EVENT._replace(event="recovered", was="sick", healthy=True)
    assert not outbox.add(EVENT._replace(was="healthy"))
    assert outbox.add(recovered)
    assert len(outbox) == 0
    outbox.add(recovered)
    outbox.add(EVENT._replace(trunk_id="trunk-2"))
    outbox.add(EVENT._replace(event="unknown", was="healthy"))
    assert [(event.trunk_id, event.event, event.was, event.merged) for event in (outbox.pop(), outbox.pop())] == [
        ("trunk-2", "sick", "", 0),
        ("trunk-1", "unknown", "sick", 1),
    ]


def test_only_the_newest_heartbeat_waits() -> None:
    outbox = Outbox()
    for moment in range(3):
        outbox.add(HealthEvent("heartbeat", "", "", True, "", (), moment, "", moment, Counts(1, 0, 0)))
    assert (len(outbox), outbox.pop().time) == (1, 2)


def simulated(seed: int, polls: int, trunks: int) -> dict[str, str]:
    """Return random histories with outages of the service, sick trunks, and single wrong results."""
    chance = random.Random(seed)
    letters: dict[str, list[str]] = {f"trunk-{number}": [] for number in range(trunks)}
    sick_until = dict.fromkeys(letters, 0)
    outage_until = 0
    for poll in range(polls):
        if chance.random() < 0.01:
            outage_until = poll + chance.randint(1, 30)
        fails = poll < outage_until or chance.random() < 0.03
        for trunk_id, history in letters.items():
            if chance.random() < 0.01:
                sick_until[trunk_id] = poll + chance.randint(1, 60)
            is_sick = poll < sick_until[trunk_id] or chance.random() < 0.02
            history.append(F if fails else S if is_sick else H)
    return {trunk_id: "".join(history) for trunk_id, history in letters.items()}


@pytest.mark.parametrize("seed", range(3))
def test_twelve_hours_of_polls_with_random_faults(seed: int) -> None:
    # A poll each minute, and one run with a poll each ten seconds.
    history = simulated(seed, polls=720 if seed else 4320, trunks=10 if seed else 3)
    settings = EventSettings(initial=INITIAL[seed])
    edges = play(history, settings)
    assert {trunk_id: expected_edges(letters, settings) for trunk_id, letters in history.items()} == edges
    assert {edge.event for each in edges.values() for edge in each} >= {"sick", "unknown", "recovered"}
