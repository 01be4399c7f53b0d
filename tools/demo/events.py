# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Show the event source: with ansible-rulebook if it and Java are there, or else the event alone."""

from __future__ import annotations

import asyncio
import json
import runpy
import shutil
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from java import has_java

from .commands import CLONE, EXAMPLES, Ansible, end, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.talkover.voice.tests.emulator import Emulator

EVENTS = EXAMPLES / "events"
# Where the Makefile installs ansible-rulebook.
RULEBOOK_PYTHON = CLONE / ".venv" / "eda" / "bin" / "python"
TRUNK = "trunk-sick"
HEALTHY = {"is_verified": True, "health_status": "healthy"}
SICK = {"health_status": "unhealthy"}
LONGEST = 120
"""The seconds after which the story ends without its event."""


def tell_of_events(ansible: Ansible, service: Emulator, connection: Mapping[str, str]) -> list[str]:
    """Let a trunk turn sick, and return the differences from the expected result.

    Args:
        ansible: Where the collection is installed.
        service: The emulator.
        connection: Additional environment variables, with the service and the token.
    """
    service.trunks[TRUNK].update(HEALTHY)
    service.requests.clear()
    stopped = threading.Event()
    turn = threading.Thread(target=_turn_sick, args=(service, stopped))
    turn.start()
    try:
        if RULEBOOK_PYTHON.exists() and has_java():
            return _run_rulebook(ansible, connection)
        say("Without ansible-rulebook and Java 17, this shows the event, and no playbook runs. See: make java")
        return _show_event(ansible, service)
    finally:
        stopped.set()
        turn.join()


def _turn_sick(service: Emulator, stopped: threading.Event) -> None:
    """Wait until a poll has found the trunk healthy, and let it turn sick."""
    while not service.requests:
        if stopped.wait(0.1):
            return
    say(f"... {TRUNK} turns sick ...")
    service.trunks[TRUNK].update(SICK)


def _run_rulebook(ansible: Ansible, connection: Mapping[str, str]) -> list[str]:
    folder = ansible.folder / "events"
    shutil.copytree(CLONE / EVENTS, folder)
    with (folder / "vars.yml").open("a", encoding="utf-8") as file:
        file.write("talkover_interval: 1\n")
    command = ["--rulebook", "talkover.voice.incident", "--inventory", "hosts.yml", "--vars", "vars.yml"]
    say(f"$ cd {EVENTS}\n$ ansible-rulebook {' '.join(command)}")
    environment = {**ansible.environment, **connection}
    # For ansible-galaxy and ansible-playbook, which ansible-rulebook starts.
    environment["PATH"] = f"{RULEBOOK_PYTHON.parent}:{environment['PATH']}"
    # ansible-rulebook reads hosts from its own inventory.
    del environment["ANSIBLE_INVENTORY"]
    process = subprocess.Popen(
        [str(RULEBOOK_PYTHON), "-m", "ansible_rulebook", *command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    watchdog = threading.Timer(LONGEST, process.kill)
    watchdog.start()
    reached: list[str] = []
    with process:
        try:
            assert process.stdout
            for line in process.stdout:
                print(line, end="", flush=True)
                reached += [host for host in ("pbx-houston-2", "pbx-houston-3") if f"of {host}:" in line]
                if reached and "PLAY RECAP" in line:
                    break
        finally:
            watchdog.cancel()
            end(process)
    expected = ["pbx-houston-2", "pbx-houston-3"]
    return [] if sorted(reached) == expected else [f"the playbook reached {sorted(reached)} instead of {expected}"]


def _show_event(ansible: Ansible, service: Emulator) -> list[str]:
    collection = ansible.folder / "collections" / "ansible_collections" / "talkover" / "voice"
    source = Path(collection, "extensions", "eda", "plugins", "event_source", "sip_trunk_health.py")
    args = {"trunk_ids": [TRUNK], "interval": 1, "api_url": service.url, "api_token": service.token}
    event = asyncio.run(_first_event(runpy.run_path(str(source))["main"], args))
    say(json.dumps(event, indent=2, ensure_ascii=False))
    kind = event.get("talkover", {}).get("event")
    return [] if kind == "sick" else [f"the event was {kind} instead of sick"]


async def _first_event(main: Any, args: dict[str, Any]) -> dict[str, Any]:
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(1)
    source = asyncio.ensure_future(main(queue, args))
    event = asyncio.ensure_future(queue.get())
    await asyncio.wait({source, event}, timeout=LONGEST, return_when=asyncio.FIRST_COMPLETED)
    source.cancel()
    return event.result() if event.done() else {}
