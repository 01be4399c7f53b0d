# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands of Ansible from a process that has imported it already."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.talkover.voice.tests.integration.commands import Outcome, Runner

LAUNCHER = Path(__file__).with_name("launcher.py")


class Launcher:
    """Starts commands in forks of one process. One environment of Ansible's settings each.

    :param environment: what the process is started with. Only variables that are no settings may differ later.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.settings = settings_of(environment)
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


def settings_of(environment: Mapping[str, str]) -> dict[str, str]:
    """Give the variables that Ansible reads when it is imported, without those that name a folder of one run."""
    folders = ("ANSIBLE_HOME", "ANSIBLE_LOCAL_TEMP", "ANSIBLE_REMOTE_TEMP")
    return {name: value for name, value in environment.items() if name.startswith("ANSIBLE_") and name not in folders}


class WarmRunner(Runner):
    """A runner whose commands come from a launcher where the settings are the launcher's."""

    def __init__(self, home: Path, collections: str, launcher: Launcher) -> None:
        super().__init__(home, collections)
        self.launcher = launcher
        self.output = home.with_name(home.name + ".out")

    def start(self, *arguments: str, **env: str) -> Outcome:
        environment = {**self.env, **env}
        module = arguments[1].rpartition(".")[2]
        if settings_of(environment) != self.launcher.settings or (self.home / "ansible.cfg").exists():
            return super().start(*arguments, **env)
        return self.launcher.start([module, *arguments[2:]], self.home, environment, self.output)


def launcher_environment(home: Path, collections: str) -> dict[str, str]:
    """Give the environment of a runner, for the process that its commands come from."""
    os.makedirs(home, exist_ok=True)  # noqa: PTH103
    return dict(Runner(home, collections).env)
