# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start Ansible's commands from a process that has imported it already."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from ansible_collections.talkover.voice.tests.careless.launcher import COMMANDS
from ansible_collections.talkover.voice.tests.integration.commands import Outcome, Runner

LAUNCHER = Path(__file__).with_name("launcher.py")


class Launcher:
    """Starts commands in forks of one process.

    :param environment: the environment of the process. Commands may change only variables that are not settings.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(LAUNCHER)],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def start(self, arguments: list[str], directory: Path, environment: Mapping[str, str], output: Path) -> Outcome:
        """Run a command such as C(["playbook", "deploy.yml"])."""
        assert self._process.stdin
        assert self._process.stdout
        request = {
            "arguments": arguments,
            "directory": str(directory),
            "environment": dict(environment),
            "output": str(output),
        }
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the launcher ended"
        return Outcome(int(answer), output.read_text("utf-8", "replace"))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(30)


class Launchers:
    """Launchers for commands with different settings of Ansible, each started with its first command.

    :param home: the directory of the launchers themselves.
    :param shared: the settings, beyond those of every runner, that are worth a launcher.
    """

    def __init__(self, home: Path, collections: str, shared: Iterable[Mapping[str, str]] = ()) -> None:
        home.mkdir(exist_ok=True)
        given = Runner(home, collections).env
        # The tests have none of the settings of this machine.
        foreign = {name for name, value in settings_of(os.environ).items() if given[name] == value}
        self._environment = {name: value for name, value in given.items() if name not in foreign}
        self._environment["HOME"] = str(home)
        base = settings_of(self._environment)
        self._shared = [base, *({**base, **settings} for settings in shared)]
        self._launchers: dict[int, Launcher] = {}

    def find(self, environment: Mapping[str, str]) -> Launcher | None:
        """Return the launcher for a command with this environment, or C(None) when there is none."""
        settings = settings_of(environment)
        if settings not in self._shared:
            return None
        number = self._shared.index(settings)
        if number not in self._launchers:
            self._launchers[number] = Launcher({**self._environment, **settings})
        return self._launchers[number]

    def close(self) -> None:
        """Stop all launchers."""
        for launcher in self._launchers.values():
            launcher.close()


def settings_of(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that Ansible reads at import, without those that name a directory of one run."""
    folders = ("ANSIBLE_HOME", "ANSIBLE_LOCAL_TEMP", "ANSIBLE_REMOTE_TEMP")
    return {name: value for name, value in environment.items() if name.startswith("ANSIBLE_") and name not in folders}


class WarmRunner(Runner):
    """A runner that starts its commands through a launcher when one has the same settings."""

    def __init__(self, home: Path, collections: str, launchers: Launchers) -> None:
        super().__init__(home, collections)
        self.launchers = launchers
        self.output = home.with_name(home.name + ".out")

    def start(self, *arguments: str, **env: str) -> Outcome:
        environment = {**self.env, **env}
        package, _, command = "".join(arguments[1:2]).rpartition(".")
        warm = package == "ansible.cli" and command in COMMANDS and not (self.home / "ansible.cfg").exists()
        launcher = self.launchers.find(environment) if warm else None
        if launcher is None:
            return super().start(*arguments, **env)
        return launcher.start([command, *arguments[2:]], self.home, environment, self.output)
