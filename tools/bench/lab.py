# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start the emulator as a separate process, and time commands."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

EMULATOR = Path(__file__).resolve().parents[2] / "tests" / "emulator"
SCRIPTS = Path(__file__).resolve().parent / "scripts"
T = TypeVar("T")

LATENCY = 0.02
NO_LIMIT = 10_000_000

# Settings of the machine in these would affect only one side.
_FOREIGN = ("ANSIBLE_", "TALKOVER_", "PYTHON")
_ALSO_FOREIGN = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC")


class Service(NamedTuple):
    """Hold a running emulator."""

    url: str
    token: str
    log: Path

    def statuses(self) -> list[int]:
        """Return the status of each answer so far."""
        return [json.loads(line)["status"] for line in self.log.read_text("utf-8").splitlines()]


class Lab:
    """Provide a working directory with certificates, and the same environment for all commands.

    Args:
        folder: The working directory. It must exist.
        collections: The directory where ansible-core and Python find the collection.
    """

    def __init__(self, folder: Path, collections: str) -> None:
        self.folder = folder
        subprocess.run([sys.executable, "-m", "trustme", "--quiet", "--dir", str(folder)], check=True)
        self.ca = folder / "client.pem"
        self.managed = folder / "managed-python"
        # Ansible takes another path for the Python of another host.
        self.managed.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', "utf-8")
        self.managed.chmod(0o755)
        config = folder / "ansible.cfg"
        config.touch()
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(_FOREIGN) and not name.lower().endswith("_proxy") and name not in _ALSO_FOREIGN
        }
        self.environment = {
            **kept,
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": collections,
            "ANSIBLE_COLLECTIONS_PATH": collections,
            "ANSIBLE_CONFIG": str(config),
            "ANSIBLE_HOME": str(folder / "ansible"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        }

    @contextlib.contextmanager
    def service(
        self,
        count: int = 100,
        latency: float = LATENCY,
        limit: int = NO_LIMIT,
        window: float = 60.0,
        logged: bool = False,
    ) -> Iterator[Service]:
        """Run an emulator with TLS, this number of trunks and, by default, a rate limit that is never reached."""
        log = self.folder / "requests.log"
        log.write_text("", "utf-8")
        numbers = {"--count": count, "--latency": latency, "--limit": limit, "--window": window}
        files = {"--cert": self.folder / "server.pem", "--key": self.folder / "server.key"}
        files |= {"--log": log} if logged else {}
        options = [str(word) for option in (numbers | files).items() for word in option]
        command = [sys.executable, str(EMULATOR), *options, "--port", "0", "--quiet", "--exit-with-stdin"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout
                process.stdout.readline()
                url, token = (process.stdout.readline().strip().partition("=")[2] for _line in range(2))
                yield Service(url, token, log)
            finally:
                process.terminate()

    def seconds(self, command: str, *arguments: str | Path) -> float:
        """Run one of Ansible's commands, such as C(playbook), and return its duration in seconds."""
        start = time.perf_counter()
        self._output("-m", f"ansible.cli.{command}", *arguments)
        return time.perf_counter() - start

    def said(self, script: str, *arguments: Any) -> dict[str, Any]:
        """Run one of the scripts, and return its measurement."""
        answer: dict[str, Any] = json.loads(self._output(SCRIPTS / script, *arguments))
        return answer

    def variables(self, command: str, *arguments: str | Path) -> dict[str, dict[str, Any]]:
        """Return the variables of all hosts of an inventory."""
        listed = json.loads(self._output("-m", f"ansible.cli.{command}", *arguments, "--list"))
        variables: dict[str, dict[str, Any]] = listed["_meta"]["hostvars"]
        return variables

    def _output(self, *arguments: Any) -> str:
        command = [sys.executable, *map(str, arguments)]
        process = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if process.returncode:
            raise RuntimeError(f"{command} ended with {process.returncode}:\n{process.stdout}{process.stderr}")
        return process.stdout


def in_turns(number: int, *sides: Callable[[], T]) -> list[T]:
    """Run both sides once, in reverse order in odd rounds, and return the measurements."""
    order = range(len(sides)) if number % 2 == 0 else reversed(range(len(sides)))
    measured = {side: sides[side]() for side in order}
    return [measured[side] for side in range(len(sides))]
