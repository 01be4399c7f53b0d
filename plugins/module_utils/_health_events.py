# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Decide which events follow from the results of polls.

This module does not poll, wait or read a clock: the results and their times go in, and events come out.

A trunk is healthy, sick or unknown. Its state changes when there are enough results of one kind in a row. A failed poll
ends a row of healthy results. It ends a row of sick ones only when the trunk is then unknown.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, NamedTuple

from ._text import neutralize, neutralize_id
from ._trunks import MISSING

HEALTHY, SICK, UNKNOWN = "healthy", "sick", "unknown"
INITIAL = ("sick", "all", "none")
"""The values of C(initial): which trunks of the first result to report."""

MAX_PROBLEMS = 20
"""The maximum number of problems in an event."""

_STATES = {"sick": SICK, "unknown": UNKNOWN, "recovered": HEALTHY, "snapshot": HEALTHY}
_EDGES = {SICK: "sick", UNKNOWN: "unknown", HEALTHY: "recovered"}
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "sip_trunk_health.talkover.voice")


class EventSettings(NamedTuple):
    """Hold the options that decide when to report a change.

    :param sick_after: the sick results in a row after which a trunk is sick; likewise for the next two.
    :param initial: one of ``INITIAL``.
    :param heartbeat: the seconds between heartbeats; 0 for none.
    """

    sick_after: int = 2
    recovered_after: int = 2
    unknown_after: int = 3
    initial: str = "sick"
    heartbeat: float = 0.0


class Verdict(NamedTuple):
    """Hold the result of one trunk in a poll. No problems means healthy."""

    name: str
    problems: Sequence[str]
    error_kind: str = ""


class Counts(NamedTuple):
    """Count the trunks in each state. A trunk without a state yet is in none of them."""

    healthy: int
    sick: int
    unknown: int


class HealthEvent(NamedTuple):
    """Hold one event.

    :param event: C(sick), C(recovered), C(unknown), C(snapshot) or C(heartbeat).
    :param trunk_id: the ID of the trunk; empty for a heartbeat, and for C(unknown) before any trunk is known.
    :param was: the state before, empty when there was none.
    :param since: the Unix time of the first result of the row that led to the event.
    :param time: the Unix time of the last one.
    :param merged: the number of earlier events that this one replaces, because they could not be delivered in time.
    """

    event: str
    trunk_id: str
    name: str
    healthy: bool
    was: str
    problems: Sequence[str]
    since: float
    error_kind: str
    time: float
    counts: Counts
    merged: int = 0

    @property
    def state(self) -> str:
        """Return the state of the trunk after the event; empty for a heartbeat."""
        return _STATES.get(self.event, "")

    def as_dict(self, now: float) -> dict[str, Any]:
        """Return the fields of the event, without characters that Ansible could evaluate.

        :param now: the Unix time of the delivery.
        """
        trunk_id = neutralize_id(self.trunk_id)
        return {
            "event": self.event,
            "id": str(uuid.uuid5(_NAMESPACE, f"{trunk_id}/{self.event}/{self.since}/{self.time}")),
            "trunk_id": trunk_id,
            "name": neutralize(self.name),
            "healthy": self.healthy,
            "was": self.was,
            "problems": [neutralize(problem) for problem in self.problems[:MAX_PROBLEMS]],
            "since": _format_time(self.since),
            "error_kind": self.error_kind,
            "time": _format_time(self.time),
            "late": max(0, round(now - self.time)),
            "merged": self.merged,
            "trunks_healthy": self.counts.healthy,
            "trunks_sick": self.counts.sick,
            "trunks_unknown": self.counts.unknown,
        }


@dataclass
class _Row:
    """Count results of one kind in a row."""

    count: int = 0
    since: float = 0.0

    def add(self, now: float) -> None:
        if not self.count:
            self.since = now
        self.count += 1


@dataclass
class _Trunk:
    state: str = ""
    is_initial: bool = True
    """Whether the option C(initial) applies to the first state."""
    name: str = ""
    rows: dict[str, _Row] = field(default_factory=dict)
    """The current rows, by the state that they lead to."""

    def is_healthy_now(self) -> bool:
        """Return whether the trunk is in the state healthy, and its last result was healthy as well."""
        return self.state == HEALTHY and HEALTHY in self.rows

    def add(self, state: str, now: float) -> int:
        """Count a result that leads to a state, and return how many are in its row."""
        # A failed poll says nothing about the trunk: it ends a row of healthy results, because that errs on the safe
        # side, and no row of sick ones.
        kept = (SICK, UNKNOWN) if state == UNKNOWN else (state,)
        self.rows = {name: self.rows.get(name) or _Row() for name in kept}
        self.rows[state].add(now)
        return self.rows[state].count


class HealthMonitor:
    """Turn the results of polls into events.

    :param trunk_ids: the trunks that are known before the first result.
    """

    def __init__(self, settings: EventSettings, trunk_ids: Iterable[str] = ()) -> None:
        self._settings = settings
        self._trunks = {trunk_id: _Trunk() for trunk_id in trunk_ids}
        # Stands for the trunks of an environment until their IDs are known.
        self._unlisted = _Trunk()
        self._answered = False
        self._is_current = False
        self._heartbeat: float | None = None

    def add_verdicts(self, verdicts: Mapping[str, Verdict], now: float) -> list[HealthEvent]:
        """Return the events that follow from a poll that succeeded.

        :param verdicts: the results by trunk ID. A known trunk that is not among them is sick.
        :param now: the Unix time of the poll.
        """
        gone = self._trunks.keys() - verdicts.keys()
        changes = []
        for trunk_id, verdict in verdicts.items():
            trunk = self._trunks.get(trunk_id)
            if trunk is None:
                # The first trunks of a list continue the state that was reported for all of them.
                trunk = _Trunk(is_initial=False) if self._answered else _Trunk(self._unlisted.state)
                self._trunks[trunk_id] = trunk
            trunk.name = verdict.name or trunk.name
            changes += self._judge(trunk_id, trunk, verdict, now)
        for trunk_id in sorted(gone):
            trunk = self._trunks[trunk_id]
            changes += self._judge(trunk_id, trunk, Verdict(trunk.name, (MISSING,), "not_found"), now)
        # The next outage without any trunk is a new one.
        self._unlisted = _Trunk()
        self._answered = self._is_current = True
        return self._complete(changes, now)

    def add_failure(self, kind: str, message: str, now: float) -> list[HealthEvent]:
        """Return the events that follow from a poll that failed.

        :param kind: the kind of the error.
        """
        self._is_current = False
        changes = []
        for trunk_id, trunk in (self._trunks or {"": self._unlisted}).items():
            if trunk.add(UNKNOWN, now) >= self._settings.unknown_after:
                trunk.rows.pop(SICK, None)
                changes += self._change(trunk_id, trunk, UNKNOWN, Verdict(trunk.name, (message,), kind), now)
        return self._complete(changes, now)

    def _judge(self, trunk_id: str, trunk: _Trunk, verdict: Verdict, now: float) -> list[HealthEvent]:
        if verdict.problems:
            state, enough = SICK, self._settings.sick_after
        else:
            # One healthy result is enough for the first state, because it is not a recovery.
            state, enough = HEALTHY, self._settings.recovered_after if trunk.state else 1
        return self._change(trunk_id, trunk, state, verdict, now) if trunk.add(state, now) >= enough else []

    def _change(self, trunk_id: str, trunk: _Trunk, state: str, verdict: Verdict, now: float) -> list[HealthEvent]:
        was, trunk.state = trunk.state, state
        if was == state:
            return []
        event, initial = _EDGES[state], self._settings.initial
        if not was and state == HEALTHY:
            if initial != "all":
                return []
            event = "snapshot"
        if not was and state == SICK and initial == "none" and trunk.is_initial:
            return []
        return [
            HealthEvent(
                event=event,
                trunk_id=trunk_id,
                name=trunk.name or trunk_id,
                healthy=state == HEALTHY,
                was=was,
                problems=verdict.problems,
                since=trunk.rows[state].since,
                error_kind=verdict.error_kind,
                time=now,
                counts=Counts(0, 0, 0),
            )
        ]

    def _complete(self, changes: list[HealthEvent], now: float) -> list[HealthEvent]:
        """Return the events with the counts, and with a heartbeat if it is due."""
        if changes or self._settings.heartbeat:
            states = [trunk.state for trunk in self._trunks.values()]
            counts = Counts(states.count(HEALTHY), states.count(SICK), states.count(UNKNOWN))
            changes = [change._replace(counts=counts) for change in changes]
            if self._is_heartbeat_due(now):
                self._heartbeat = now
                # A trunk is in the state healthy until there are enough sick results, but it is not healthy now.
                healthy = self._is_current and bool(states) and all(map(_Trunk.is_healthy_now, self._trunks.values()))
                changes.append(HealthEvent("heartbeat", "", "", healthy, "", (), now, "", now, counts))
        return changes

    def _is_heartbeat_due(self, now: float) -> bool:
        # The clock of the machine may be set back.
        period = self._settings.heartbeat
        return bool(period) and (self._heartbeat is None or abs(now - self._heartbeat) >= period)


class Outbox:
    """Hold the events that are not delivered yet: at most one per trunk, and one heartbeat.

    A newer event of a trunk replaces the one that waits. When the trunk is then in the state that was delivered last,
    there is nothing to deliver.
    """

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], HealthEvent] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, event: HealthEvent) -> bool:
        """Add an event, and return whether it was merged with one that waits."""
        key = ("" if event.state else event.event, event.trunk_id)
        earlier = self._waiting.pop(key, None)
        if earlier is not None:
            event = event._replace(was=earlier.was, merged=earlier.merged + 1)
        if not event.state or event.state != event.was:
            self._waiting[key] = event
        return earlier is not None

    def pop(self) -> HealthEvent:
        """Remove and return the oldest event."""
        return self._waiting.pop(next(iter(self._waiting)))


def _format_time(moment: float) -> str:
    text = datetime.fromtimestamp(moment, timezone.utc).isoformat(timespec="seconds")
    return text.replace("+00:00", "Z")
