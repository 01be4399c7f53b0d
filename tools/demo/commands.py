# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run Ansible's commands, with the collection installed from its artifact."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

CLONE = Path(__file__).resolve().parents[2]
EXAMPLES = Path("docs", "examples")
INVENTORY = EXAMPLES / "fleet"


class Played(NamedTuple):
    """Hold the result of a command."""

    exit_code: int
    last_task: str
    output: str
    """The output without colors, with each run of white space as one space."""


class Ansible:
    """Run ansible-core with the built collection, isolated from the configuration of this machine.

    Args:
        folder: The directory for all files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        config = folder / "ansible.cfg"
        config.touch()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "TALKOVER_"))}
        if kept.get("LC_ALL") in {"C", "POSIX"}:
            # Ansible requires UTF-8, which Python enables only when this is not set.
            del kept["LC_ALL"]
        self.environment = {
            **kept,
            "ANSIBLE_CONFIG": str(config),
            "ANSIBLE_HOME": str(folder / "home"),
            "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
            "ANSIBLE_REMOTE_TEMP": str(folder / "tmp"),
            "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
            "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
            "ANSIBLE_INVENTORY": os.devnull,
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
            "ANSIBLE_NOCOWS": "true",
        }
        if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
            self.environment["ANSIBLE_FORCE_COLOR"] = "true"

    def install(self) -> None:
        """Build the collection of this clone, and install the artifact.

        Raises:
            subprocess.CalledProcessError: One of the two failed; C(output) has the reason.
        """
        self._galaxy("build", str(CLONE), "--output-path", str(self.folder))
        (artifact,) = self.folder.glob("talkover-voice-*.tar.gz")
        self._galaxy("install", str(artifact), "--offline", "--collections-path", str(self.folder / "collections"))

    def play(self, playbook: str, variables: Mapping[str, Any], connection: Mapping[str, str]) -> Played:
        """Run one of the examples, or the playbook of the collection, and print its output immediately.

        Args:
            playbook: Its file name, or the name of a playbook of the collection.
            variables: Its extra variables.
            connection: Additional environment variables, with the service and the token.
        """
        shown = " ".join("-e " + shlex.quote(f"{name}={value}") for name, value in variables.items())
        is_file = playbook.endswith(".yml")
        say(f"$ ansible-playbook {EXAMPLES / playbook if is_file else playbook} {shown}")
        command = [
            "playbook",
            str(CLONE / EXAMPLES / playbook) if is_file else playbook,
            "--extra-vars",
            json.dumps(dict(variables)),
        ]
        return self._show(command, {**self.environment, **connection}, self.folder)

    def use(self, command: str, connection: Mapping[str, str]) -> Played:
        """Run a command in the directory of the inventory, and print its output immediately.

        Args:
            command: The command and its arguments.
            connection: As above.
        """
        say(f"$ {command}")
        program, *arguments = command.removeprefix("ansible-").split()
        # The configuration there says which inventory is meant.
        environment = {**self.environment, **connection, "ANSIBLE_CONFIG": str(CLONE / INVENTORY / "ansible.cfg")}
        del environment["ANSIBLE_INVENTORY"]
        return self._show([program, *arguments], environment, CLONE / INVENTORY)

    def _show(self, command: list[str], environment: Mapping[str, str], folder: Path) -> Played:
        lines = []
        with self._running(command, environment, folder) as process:
            assert process.stdout
            for line in process.stdout:
                print(line, end="", flush=True)
                lines.append(re.sub(r"\x1b\[[0-9;]*m", "", line))
        tasks = [match[1] for match in (re.match(r"TASK \[(.*)\] \**$", line) for line in lines) if match]
        return Played(process.returncode, tasks[-1] if tasks else "", " ".join("".join(lines).split()))

    def _galaxy(self, *arguments: str) -> None:
        command = ["galaxy", "collection", *arguments]
        with self._running(command, self.environment, self.folder) as process:
            output, _nothing = process.communicate()
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, f"ansible-galaxy collection {arguments[0]}", output)

    @contextlib.contextmanager
    def _running(
        self, arguments: list[str], environment: Mapping[str, str], folder: Path
    ) -> Iterator[subprocess.Popen[str]]:
        # By way of the module, as the first line of an installed script cannot hold any path. In a session of its own,
        # so that Ctrl-C comes here alone, and here is where it is decided that nothing is left running.
        process = subprocess.Popen(
            [sys.executable, "-m", "ansible", *arguments],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        with process:
            try:
                yield process
                process.wait()
            except BaseException:
                end(process)
                raise


def end(process: subprocess.Popen[str]) -> None:
    """Interrupt Ansible so that it cleans up as after Ctrl-C, and kill it after a timeout."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        os.killpg(process.pid, signal.SIGKILL)


def say(text: str) -> None:
    """Print a line and flush it, so that it precedes the output of later processes."""
    print(text, flush=True)
