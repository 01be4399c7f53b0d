# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Play a row: write its files, start its services, run its commands, and look for what must not have happened."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.talkover.voice.tests.careless.row import ABSENT, CANARY, HEALTHY, OLD, SICK, Row
from ansible_collections.talkover.voice.tests.careless.warm import WarmRunner
from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.faults import tls
from ansible_collections.talkover.voice.tests.integration.commands import TOKEN

_LONG_AGO = "2020-01-01T00:00:00Z"
_TRUNKS: tuple[dict[str, Any], ...] = (
    {"id": HEALTHY},
    {"id": SICK, "health_status": "unhealthy"},
    {"id": OLD, "last_health_check_at": _LONG_AGO, "live": {"is_healthy": True, "checked_at": _LONG_AGO}},
)
_DEPLOYED = re.compile(r"DEPLOYED ([\w.-]+)")


@dataclass
class Played:
    """What came of a row.

    :param output: all that its commands printed, white space as one blank.
    :param deployed: the hosts whose deploy ran.
    :param evaluated: files that only an evaluated text creates.
    :param strayed: requests that reached the other server.
    """

    output: str = ""
    deployed: list[str] = field(default_factory=list)
    evaluated: list[str] = field(default_factory=list)
    strayed: list[str] = field(default_factory=list)
    listed: list[Any] = field(default_factory=list)


class RowRunner(WarmRunner):
    """A runner that does not look for the token in the files that a row holds it in itself."""

    own: frozenset[Path] = frozenset()

    def with_token(self) -> list[Path]:
        return [path for path in super().with_token() if path not in self.own]


@contextlib.contextmanager
def services(row: Row, folder: Path, *, healed: bool) -> Iterator[tuple[Emulator, Emulator]]:
    """Start the service, and another server that reports every trunk as healthy."""
    trunks = [{**trunk, "health_status": "healthy"} if healed else trunk for trunk in _TRUNKS] + list(row.trunks)
    secured: dict[str, Any] = {}
    if row.tls:
        folder.mkdir()
        tls.write(folder)
        secured = {"certfile": str(folder / "good.pem")}
    forged = [{"id": trunk_id} for trunk_id in (HEALTHY, SICK, OLD, ABSENT)]
    with (
        Emulator(token=TOKEN, trunks=trunks, limit=10**6, **secured) as service,
        Emulator(token=TOKEN, trunks=forged, limit=10**6) as thief,
    ):
        yield service, thief


def write(row: Row, run: RowRunner, words: Mapping[str, str]) -> None:
    """Write the files of a row."""
    own = []
    for name, content in row.files.items():
        path = run.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            filled(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False), words), "utf-8"
        )
        own.append(path)
    run.own = frozenset(own)


def filled(text: str, words: Mapping[str, str]) -> str:
    """Put the words of this run into a text."""
    for word, meaning in words.items():
        text = text.replace(word, meaning)
    return text


def played(row: Row, run: RowRunner, *, healed: bool = False) -> Played:
    """Play a row.

    :raises AssertionError: the token is in the output or in a file.
    """
    with services(row, run.home.with_name(run.home.name + "-tls"), healed=healed) as (service, thief):
        words = {"@URL@": service.url, "@THIEF@": thief.url, "@HOME@": str(run.home), "@TOKEN@": TOKEN}
        service.trunks.update(
            (filled(key, words), json.loads(filled(json.dumps(trunk), words)))
            for key, trunk in list(service.trunks.items())
        )
        for key in [key for key in service.trunks if "@HOME@" in key]:
            del service.trunks[key]
        write(row, run, words)
        run.env |= {"TALKOVER_API_URL": service.url, **{name: filled(text, words) for name, text in row.env.items()}}
        end = Played()
        for command in row.commands:
            arguments = shlex.split(filled(command, words))
            outcome = run(*arguments)
            end.output += outcome.output
            if arguments[0] == "inventory" and "--list" in arguments:
                # What comes before it are warnings.
                end.listed.append(json.loads(outcome.output[outcome.output.index('{\n    "_meta"') :]))
            for trunk_id, changes in row.changes.items():
                service.trunks[trunk_id].update(changes)
        end.output = " ".join(end.output.split())
        end.deployed = _DEPLOYED.findall(end.output)
        end.evaluated = [path.name for path in run.home.rglob("evaluated*")]
        end.strayed = [request.path for request in thief.requests]
    return end


def check(row: Row, end: Played) -> None:
    """Check that nothing happened which must not.

    :raises AssertionError: it did.
    """
    assert not end.evaluated, f"text of the API was executed: {end.evaluated}: {end.output}"
    assert not end.strayed, f"another server was asked: {end.strayed}: {end.output}"
    assert CANARY not in end.output, f"text of the API was taken for a variable: {end.output}"
    assert "RAN " not in end.output, f"text of the API was taken for an expression: {end.output}"
    assert set(end.deployed) <= set(row.deploys), f"deployed {end.deployed}: {end.output}"
    assert "Traceback" not in end.output, end.output
    # Ansible wraps lines anywhere, even within words.
    assert re.search(row.message.replace(" ", ""), end.output.replace(" ", "")), (
        f"does not say {row.message!r}: {end.output}"
    )
    if row.unchanged:
        assert end.listed[0] == end.listed[1]
