# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real runs of Ansible's commands, each in a home of its own, against the emulator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ansible_collections.talkover.voice.tests.faults import runner

# Where the artifact is installed; without it, the clone itself is tested. Read before a test's environment is bare.
COLLECTIONS = os.environ.get("TALKOVER_TEST_COLLECTIONS")
# What runs the module in plays: the controller's Python, or that of a managed host.
MODULE_PYTHON = os.environ.get("TALKOVER_TEST_PYTHON", sys.executable)
TOKEN = "talq_do_not_print_me_7f3a"


def read_file(path: Path) -> str:
    """Return the text of a file, or nothing for what is no file, or was removed by a running command."""
    try:
        return path.read_text("utf-8", "replace") if path.is_file() else ""
    except FileNotFoundError:
        return ""


class Outcome(NamedTuple):
    """How a command ended, and all that it printed."""

    code: int
    output: str


class Runner:
    """Runs Ansible's commands, and looks for the token in all that they print and leave behind."""

    def __init__(self, home: Path, collections: str) -> None:
        self.home = home
        self.token = TOKEN
        self.env = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": collections,
            "ANSIBLE_HOME": str(home / "ansible"),
            "ANSIBLE_LOCAL_TEMP": str(home / "local temp"),
            "ANSIBLE_REMOTE_TEMP": str(home / "remote"),
            "ANSIBLE_FORCE_COLOR": "0",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "TALKOVER_TOKEN": TOKEN,
        }

    def __call__(self, command: str, *arguments: str, **env: str) -> Outcome:
        """Run a command such as C(playbook) or C(doc), with variables of the environment by keyword."""
        # No setting reaches the localhost that is in no inventory: it has the controller's Python as a variable.
        python = ["--extra-vars", json.dumps({"ansible_python_interpreter": MODULE_PYTHON})]
        more = python if command == "playbook" and sys.executable != MODULE_PYTHON else []
        outcome = self.start("-m", f"ansible.cli.{command}", *arguments, *more, **env)
        assert not self.leaking(outcome.output)
        assert self.with_token() == []
        return outcome

    def start(self, *arguments: str, **env: str) -> Outcome:
        """Run Python, and look for nothing."""
        return self.run(sys.executable, *arguments, **env)

    def run(self, *command: str, **env: str) -> Outcome:
        """Run anything, and look for nothing."""
        process = subprocess.run(
            command,
            cwd=self.home,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        return Outcome(process.returncode, process.stdout)

    def with_token(self) -> list[Path]:
        """Return the files of the home that hold the token."""
        return [path for path in self.home.rglob("*") if self.leaking(read_file(path))]

    def leaking(self, text: str) -> list[str]:
        """Return the lines of a text that hold the token, in whatever form."""
        if not runner.leaks(text, self.token):
            return []
        return [line[:400] for line in text.splitlines() if runner.leaks(line, self.token)] or ["over several lines"]

    def play(self, tasks: list[dict[str, Any]], *arguments: str, **env: str) -> Outcome:
        """Run tasks on the controller."""
        path = self.home / "play.yml"
        path.write_text(
            yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8"
        )
        return self("playbook", str(path), *arguments, **env)

    def result(self, options: dict[str, Any], *arguments: str, **env: str) -> tuple[dict[str, Any], str]:
        """Return the result of the module with some options, and what was printed; a failure is a result as well."""
        path = self.home / "result.json"
        task = {"talkover.voice.sip_trunk_info": options, "register": "result", "ignore_errors": True}
        keep = {"ansible.builtin.copy": {"content": "{{ result | to_json }}", "dest": str(path)}, "check_mode": False}
        code, output = self.play([task, keep], *arguments, **env)
        assert code == 0, output
        result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return result, output
