# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the demo that the environment selects, and clean up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .commands import EXAMPLES, Ansible, say
from .stories import DEPLOY, GATE, TASK_FAILED, show_emulated

if TYPE_CHECKING:
    from types import FrameType


def show_real(ansible: Ansible, trunk_id: str, token: str) -> int:
    """Run the gate for a trunk of the real service. Nothing is deployed: the deploy task of the example only prints."""
    url = os.environ.get("TALKOVER_API_URL")
    connection = {"TALKOVER_TOKEN": token, **({"TALKOVER_API_URL": url} if url else {})}
    # Do not print the URL: it may contain a secret, which the module rejects.
    where = "the service at TALKOVER_API_URL" if url else "the real service"
    say(f"\nThis asks {where}, not the emulator, about {trunk_id}. The deploy task only prints.")
    played = ansible.play("gate.yml", {"trunk_id": trunk_id}, connection)
    say("")
    if (played.exit_code, played.last_task) == (0, DEPLOY):
        say(f"Shown: {trunk_id} can carry calls, and the gate opened. Next: copy {EXAMPLES / 'gate.yml'}.")
        return 0
    if (played.exit_code, played.last_task) == (TASK_FAILED, GATE):
        say(f"Shown: {trunk_id} has problems, and the gate stopped the play. Next: solve what is named above.")
        return 0
    say(f"There is no verdict on {trunk_id}. Next: do what the message above says.")
    return played.exit_code or 1


def show() -> int:
    """Set up a temporary directory, and run the demo that the environment selects."""
    token, trunk_id = (os.environ.get(name, "").strip() for name in ("TALKOVER_TOKEN", "TRUNK"))
    with tempfile.TemporaryDirectory(prefix="talkover-demo-") as folder:
        ansible = Ansible(Path(folder))
        say("Building the collection, and installing it from its artifact ...")
        try:
            ansible.install()
        except subprocess.CalledProcessError as error:
            say(f"{error.output}{error.cmd} failed, see above.")
            return 1
        if token and trunk_id:
            return show_real(ansible, trunk_id, token)
        if token or trunk_id:
            missing = "TRUNK" if token else "TALKOVER_TOKEN"
            say(f"This uses the emulator: to ask the real service, set {missing} as well.")
        return show_emulated(ansible)


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main() -> int:
    """Run the demo. In any case, stop all processes and remove all files at the end."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    try:
        return show()
    except KeyboardInterrupt:
        say("\nInterrupted. Nothing is left running.")
        return 128 + signal.SIGINT
