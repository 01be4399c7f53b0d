# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define all rows: what is compared, and how a round is measured."""

from __future__ import annotations

import functools
import math
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from . import plays
from .lab import Lab, Service, in_turns
from .pairs import Pair, Row
from .plays import Book, Variables

LIMIT, WINDOW, LIMITED = 100, 5, 250
WINDOWS = math.ceil(LIMITED / LIMIT)
FLEET_WINDOWS = 3


class Experiment(NamedTuple):
    """Hold rows that share the same runs of both sides."""

    measure: Callable[[Lab, int], Sequence[Pair]]
    """Runs both sides once, in an order that the number of the round decides, and gives a pair for each row."""
    rounds: int
    rows: tuple[Row, ...]


def one_trunk(lab: Lab, number: int) -> list[Pair]:
    """Fetch one trunk in a play."""
    ours, theirs = _played(lab, number, 1, plays.module(trunk_id="{{ ids[0] }}"), plays.uri("{{ ids[0] }}"))
    return [Pair(ours, theirs)]


def one_trunk_elsewhere(lab: Lab, number: int) -> list[Pair]:
    """Fetch one trunk in a play, with the Python of another host."""
    tasks = (plays.module(trunk_id="{{ ids[0] }}"), plays.uri("{{ ids[0] }}"))
    ours, theirs = _played(lab, number, 1, *({**task, "vars": _elsewhere(lab)} for task in tasks))
    return [Pair(ours, theirs)]


def many_trunks(lab: Lab, number: int) -> list[Pair]:
    """Fetch 100 trunks in a play."""
    loop = {**plays.uri("{{ item }}"), "loop": "{{ ids }}"}
    # Short runs are repeated three times, because the difference of two short times is mostly noise.
    theirs, *short = _played(lab, number, 100, loop, *[plays.module(trunk_ids="{{ ids }}"), plays.PING] * 3)
    ours, empty = statistics.median(short[::2]), statistics.median(short[1::2])
    return [Pair(ours, theirs), Pair(ours - empty, theirs - empty)]


def one_process(lab: Lab, number: int) -> list[Pair]:
    """Fetch 100 trunks without Ansible."""
    with lab.service() as service:
        ours, theirs = in_turns(
            number, *(functools.partial(_fetched, lab, service, script, 100) for script in ("ours.py", "theirs.py"))
        )
    return [Pair(ours, theirs)]


def one_lookup(lab: Lab, number: int) -> list[Pair]:
    """Fetch 100 trunks in one expression."""
    ours, theirs, empty = _played(lab, number, 100, plays.OUR_TERMS, plays.THEIR_TERMS, plays.UNASKED)
    return [Pair(ours - empty, theirs - empty)]


def group_vars(lab: Lab, number: int) -> list[Pair]:
    """Refer to a trunk from 50 hosts, in 5 tasks, 4 times in each."""
    with lab.service(logged=True) as service:
        book = Book(lab, service)
        task = plays.debug([f"{{{{ trunk.{field} }}}}" for field in ("name", "domain", "port", "transport")])
        play, given = book.play("references", *[task] * 5, hosts="all"), book.given(3)

        def run(side: str, trunk: str) -> tuple[float, int]:
            hosts, before = book.fleet(side, trunk, hosts=50, trunks=3), len(service.statuses())
            seconds = lab.seconds("playbook", "-i", hosts, play, given)
            return seconds, len(service.statuses()) - before

        sides = {"ours": plays.OUR_TRUNK, "theirs": plays.THEIR_TRUNK, "neither": plays.NO_TRUNK}
        ours, theirs, neither = in_turns(number, *(functools.partial(run, *side) for side in sides.items()))
    return [Pair(ours[1], theirs[1]), Pair(ours[0], neither[0])]


def fleet(lab: Lab, number: int) -> list[Pair]:
    """Gate 100 hosts, each on its own of 10 trunks."""
    with lab.service(logged=True) as service:
        book = Book(lab, service)
        hosts, given = book.fleet("fleet", hosts=100, trunks=10), book.given(10)

        def run(name: str, *tasks: Variables, sources: tuple[Path, ...] = (hosts,)) -> tuple[float, int]:
            play = book.play(name, *tasks, hosts="all")
            before = len(service.statuses())
            seconds = lab.seconds("playbook", *_sources(*sources), "-f", "10", play, given)
            return seconds, len(service.statuses()) - before

        asked = plays.delegated(plays.module(trunk_id="{{ talkover_trunk_id }}", cache_ttl=10))
        other = plays.delegated(plays.uri("{{ talkover_trunk_id }}"))
        module, uri, lookup, inventory, floor = in_turns(
            number,
            functools.partial(run, "module", asked, plays.OUR_GATE),
            functools.partial(run, "uri", other, plays.THEIR_GATE),
            functools.partial(run, "lookup", plays.LOOKUP_GATE),
            functools.partial(run, "inventory", plays.INVENTORY_GATE, sources=(hosts, book.source())),
            functools.partial(run, "neither", *plays.NO_GATE),
        )
    return [
        Pair(module[0], uri[0]),
        Pair(module[0], floor[0]),
        Pair(module[1], 10),
        Pair(lookup[0], uri[0]),
        Pair(inventory[0], uri[0]),
    ]


def same_trunk(lab: Lab, _number: int) -> list[Pair]:
    """Gate 100 hosts on one trunk, without records of earlier tasks."""
    with lab.service(logged=True) as service:
        book = Book(lab, service)
        asked = plays.delegated(plays.module(trunk_id="{{ talkover_trunk_id }}"))
        play = book.play("same", asked, plays.OUR_GATE, hosts="all")
        hosts = book.fleet("fleet", hosts=100, trunks=1)
        lab.seconds("playbook", "-i", hosts, "-f", "10", play, book.given(1))
        return [Pair(len(service.statuses()), 100)]


def limited_fleet(lab: Lab, _number: int) -> list[Pair]:
    """Gate 300 hosts, each on its own trunk, where a window has room for 100."""
    count = FLEET_WINDOWS * LIMIT
    with lab.service(count=count, limit=LIMIT, window=WINDOW, logged=True) as service:
        book = Book(lab, service)
        asked = plays.delegated(plays.module(trunk_id="{{ talkover_trunk_id }}"))
        play = book.play("limited", asked, plays.OUR_GATE, hosts="all")
        hosts = book.fleet("fleet", hosts=count, trunks=count)
        seconds = lab.seconds("playbook", "-i", hosts, "-f", "20", play, book.given(count))
        refused = service.statuses().count(429)
    return [Pair(seconds, (FLEET_WINDOWS - 1) * WINDOW), Pair(refused, FLEET_WINDOWS)]


def repeated(lab: Lab, number: int) -> list[Pair]:
    """Ask five times for one trunk, with C(until)."""
    tasks = (plays.module(trunk_id="{{ ids[0] }}"), plays.uri("{{ ids[0] }}"))
    ours, theirs = _played(lab, number, 1, *(plays.tried(task, 5) for task in tasks))
    return [Pair(ours, theirs)]


def cache_hit(lab: Lab, _number: int) -> list[Pair]:
    """Look up a cached record in a worker process."""
    with lab.service() as service:
        return [Pair(_said(lab, service, "hit.py", 1)["milliseconds"], 1)]


def inventory(form: str, lab: Lab, number: int) -> list[Pair]:
    """Read 1,000 hosts, and group them by the trunks that they use."""
    with lab.service() as service:
        book = Book(lab, service)
        play = book.play("deploy", plays.PING, hosts="deployable")
        ours = _sources(*book.enriched(form))
        theirs = _sources(*book.constructed(form, lab.variables("inventory", *ours)))
        command = functools.partial(lab.seconds, "playbook", play, "--list-hosts")
        return [Pair(*in_turns(number, *(functools.partial(command, *side) for side in (ours, theirs))))]


def rate_limit(lab: Lab, _number: int) -> list[Pair]:
    """Fetch 250 trunks where a window has room for 100."""
    with lab.service(count=LIMITED, limit=LIMIT, window=WINDOW, logged=True) as service:
        seconds = _fetched(lab, service, "ours.py", LIMITED)
        refused = service.statuses().count(429)
    return [Pair(seconds, (WINDOWS - 1) * WINDOW), Pair(refused, WINDOWS)]


def thousand(lab: Lab, number: int) -> list[Pair]:
    """Run the module for 1,000 trunks and for 100."""
    with lab.service(count=1000) as service:
        runs = (functools.partial(_said, lab, service, "module.py", count) for count in (1000, 100))
        many, few = in_turns(number, *runs)
    a_trunk = Pair(many["seconds"], few["seconds"] * 10)
    return [Pair(*a_trunk), Pair(many["peak"], few["peak"])]


def summaries(lab: Lab, number: int) -> list[Pair]:
    """Fetch the summaries of 100 trunks, and one trunk, in a play."""
    many, single = plays.module(trunk_ids="{{ ids }}", details=False), plays.module(trunk_id="{{ ids[0] }}")
    ours, theirs = _played(lab, number, 100, many, single)
    return [Pair(ours, theirs)]


def _played(lab: Lab, number: int, count: int, *tasks: Variables) -> list[float]:
    """Run a playbook for each task, and return the duration of each in seconds."""
    with lab.service() as service:
        book = Book(lab, service)
        given = book.given(count)
        playbooks = [book.play(f"side-{side}", task) for side, task in enumerate(tasks)]
        return in_turns(number, *(functools.partial(lab.seconds, "playbook", it, given) for it in playbooks))


def _elsewhere(lab: Lab) -> Variables:
    return {"ansible_python_interpreter": str(lab.managed)}


def _sources(*paths: object) -> list[str]:
    return [word for path in paths for word in ("-i", str(path))]


def _said(lab: Lab, service: Service, script: str, count: int) -> dict[str, float]:
    said = lab.said(script, service.url, service.token, lab.ca, count)
    if said["trunks"] != count:
        raise RuntimeError(f"{script} was asked for {count} trunks and gave {said['trunks']}.")
    return said


def _fetched(lab: Lab, service: Service, script: str, count: int) -> float:
    return _said(lab, service, script, count)["seconds"]


_THOUSAND_HOSTS = "Inventory of 1,000 hosts on 50 trunks, with two groups composed; hosts in {}"
_SAME_VARIABLES = "`ansible.builtin.constructed`, the same variables in a static file"

EXPERIMENTS = (
    Experiment(one_trunk, 10, (Row("1", "One trunk, whole play", "The same with `ansible.builtin.uri`", "0.70"),)),
    Experiment(
        one_trunk_elsewhere,
        10,
        (Row("1b", "The same on a managed host, as a module", "The same with `ansible.builtin.uri`", "1.00"),),
    ),
    Experiment(
        many_trunks,
        3,
        (
            Row("2", "100 trunks, whole play", "A loop of `ansible.builtin.uri`", "1/25"),
            Row("3", "The same, both less an empty play with one `ping`", "A loop of `ansible.builtin.uri`", "1/100"),
        ),
    ),
    Experiment(
        one_process,
        15,
        (
            Row(
                "4",
                "100 trunks inside one process, import and TLS included",
                "The shortest honest script with `requests`",
                "1.25",
            ),
        ),
    ),
    Experiment(
        one_lookup,
        5,
        (Row("5", "100 terms in one lookup, less an empty play", "The `ansible.builtin.url` lookup", "1/8"),),
    ),
    Experiment(
        group_vars,
        3,
        (
            Row(
                "6",
                "Lookup in `group_vars`, 50 hosts x 5 tasks x 4 references, 3 trunks: requests",
                "The `ansible.builtin.url` lookup",
                "1/200",
                "requests",
            ),
            Row("7", "The same: time", "The `ansible.builtin.env` lookup", "1.25"),
        ),
    ),
    Experiment(
        functools.partial(inventory, "json"), 5, (Row("8", _THOUSAND_HOSTS.format("JSON"), _SAME_VARIABLES, "1.3"),)
    ),
    Experiment(
        functools.partial(inventory, "yml"), 2, (Row("8b", _THOUSAND_HOSTS.format("YAML"), _SAME_VARIABLES, "1.3"),)
    ),
    Experiment(
        rate_limit,
        2,
        (
            Row("9", "250 trunks under a limit of 100 in 5 seconds", "The end of the windows before the last", "1.1"),
            Row("9b", "The same: answers with status 429", "The windows that it needs", "1", "answers"),
        ),
    ),
    Experiment(
        thousand,
        5,
        (
            Row("10", "1,000 trunks in the module's process, without imports", "Ten times the time of 100", "1.2"),
            Row("10b", "The same: peak memory of the process", "That of 100", "1.5", "MiB"),
        ),
    ),
    Experiment(
        summaries, 10, (Row("11", "100 trunks with `details: false`, whole play", "One trunk, whole play", "1.05"),)
    ),
    Experiment(
        fleet,
        2,
        (
            Row(
                "12",
                "100 hosts, each gates on its own of 10 trunks, `cache_ttl: 10`, 10 forks",
                "The same with `ansible.builtin.uri`",
                "1/6",
            ),
            Row("12b", "The same", "A play of `debug` and `assert`", "1.4"),
            Row("12c", "The same: requests", "Trunks", "1.5", "requests"),
            Row("12e", "The same gate as a lookup in `assert`", "The same with `ansible.builtin.uri`", "1/6"),
            Row("12f", "The same gate with the inventory plugin", "The same with `ansible.builtin.uri`", "1/6"),
        ),
    ),
    Experiment(
        same_trunk,
        3,
        (Row("12d", "100 hosts gate on one trunk without `cache_ttl`: requests", "Hosts", "1/3", "requests"),),
    ),
    Experiment(
        limited_fleet,
        2,
        (
            Row(
                "13",
                "300 hosts gate on 300 trunks, 20 forks, under a limit of 100 in 5 seconds",
                "The end of the windows before the last",
                "1.15",
            ),
            Row("13b", "The same: answers with status 429", "The windows that it needs", "1", "answers"),
        ),
    ),
    Experiment(
        repeated,
        5,
        (Row("14", "A task with `until`, 5 tries, no delay", "The same with `ansible.builtin.uri`", "1/3"),),
    ),
    Experiment(cache_hit, 3, (Row("15", "A lookup of a cached record in a worker", "One millisecond", "2", "ms"),)),
)
