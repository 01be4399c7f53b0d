# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start Ansible's commands from a process that has imported it already."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.talkover.voice.tests.careless.launcher import COMMANDS, SETTINGS
from ansible_collections.talkover.voice.tests.integration.commands import Outcome, Runner

LAUNCHER = Path(__file__).with_name("launcher.py")


class Launcher:
    """Starts commands in forks of one process.

    :param home: the directory of the process.
    :param collections: where Ansible finds collections.
    :param settings: environment variables that commands cannot change.
    """

    def __init__(self, home: Path, collections: str, settings: Mapping[str, str] | None = None) -> None:
        # Some of Ansible's messages list what is in a set.
        fixed = {"HOME": str(home), "PYTHONHASHSEED": "0", **(settings or {})}
        environment = {**Runner(home, collections).env, **fixed}
        self.settings = settings_of(environment)
        self._process = subprocess.Popen(
            [sys.executable, str(LAUNCHER)],
            env=environment,
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


def settings_of(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that Ansible reads at import."""
    return {name: value for name, value in environment.items() if name.startswith("ANSIBLE_") and name not in SETTINGS}


class WarmRunner(Runner):
    """A runner that starts its commands through a launcher with the same settings."""

    def __init__(self, home: Path, collections: str, launcher: Launcher) -> None:
        super().__init__(home, collections)
        self.launcher = launcher
        self.output = home.with_name(home.name + ".out")

    def start(self, *arguments: str, **env: str) -> Outcome:
        environment = {**self.env, **env}
        package, _, command = "".join(arguments[1:2]).rpartition(".")
        warm = package == "ansible.cli" and command in COMMANDS and not (self.home / "ansible.cfg").exists()
        if not warm or settings_of(environment) != self.launcher.settings:
            return super().start(*arguments, **env)
        return self.launcher.start([command, *arguments[2:]], self.home, environment, self.output)
