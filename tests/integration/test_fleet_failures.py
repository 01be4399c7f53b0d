# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A large fleet, and what may happen to one: Ctrl-C, killed workers, a full disk, several tokens.

Nothing may hang, no host may get the record of another token, and no process and no file may remain.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration.commands import TOKEN, Runner
from ansible_collections.talkover.voice.tests.integration.test_fleet import MODULE, fleet

SOON = 30
"""The seconds within which a run must end. Without the failure, it would take several minutes."""


HOSTS = 150
"""With 1,000 hosts, Ansible itself takes half a minute."""


def gate(url: str, **options: Any) -> dict[str, Any]:
    return {
        MODULE: {"trunk_id": "{{ tid }}", "api_url": url, "timeout": 300, **options},
        "delegate_to": "localhost",
        "register": "result",
        "failed_when": "not result.healthy or result.trunk.id != tid",
    }


def start(
    run: Runner, name: str, hosts: dict[str, Any], task: dict[str, Any], forks: int, **options: Any
) -> subprocess.Popen[str]:
    """Start a play in a process group of its own."""
    (run.home / f"{name}-hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
    page = [{"hosts": "all", "gather_facts": False, "tasks": [task]}]
    (run.home / f"{name}.json").write_text(json.dumps(page), encoding="utf-8")
    arguments = ["-i", f"{name}-hosts.json", f"{name}.json", "--forks", str(forks)]
    return subprocess.Popen(
        [sys.executable, "-m", "ansible.cli.playbook", *arguments],
        cwd=run.home,
        env=run.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        **options,
    )


def end(run: Runner, process: subprocess.Popen[str], within: float = SOON) -> str:
    """Wait for the end of a play, check that nothing of it is left, and return what it printed."""
    try:
        output = process.communicate(timeout=within)[0]
    finally:
        left = processes(run)
        for number in left:
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
    assert not run.leaking(output)
    assert not run.with_token()
    assert not left, output
    assert list((run.home / "local temp").iterdir()) == [], output
    return output


def processes(run: Runner) -> list[int]:
    """Return the processes of this runner's commands; workers of ansible-core 2.19 and newer leave the group."""
    mark = f"ANSIBLE_HOME={run.env['ANSIBLE_HOME']}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return found


def children(process: subprocess.Popen[str]) -> list[int]:
    return [int(number) for number in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def wait_for(condition: Callable[[], Any]) -> None:
    until = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="this system does not list its processes")


def test_many_hosts_with_many_forks(run: Runner, emulator: Emulator) -> None:
    process = start(run, "play", fleet(emulator, HOSTS, 20), gate(emulator.url, cache_ttl=300), 50)
    output = end(run, process, 300)
    assert output.count("failed=0") == HOSTS, output[-2000:]
    assert len(emulator.requests) == 20


@proc
@pytest.mark.parametrize("who", ["all processes", "the first process"])
def test_ctrl_c_ends_a_fleet_that_waits_for_answers(run: Runner, who: str) -> None:
    with Emulator(token=TOKEN, latency=200) as emulator:
        process = start(run, "play", fleet(emulator, 20, 5), gate(emulator.url), 10)
        wait_for(lambda: len(children(process)) >= 10)
        time.sleep(0.5)
        (os.killpg if who == "all processes" else os.kill)(process.pid, signal.SIGINT)
        output = end(run, process)
    assert "User interrupted execution" in output


@proc
def test_ctrl_c_ends_a_fleet_that_waits_for_the_rate_limit(run: Runner) -> None:
    with Emulator(token=TOKEN, limit=2, window=60) as emulator:
        process = start(run, "play", fleet(emulator, 10, 10), gate(emulator.url), 10)
        wait_for(lambda: len(emulator.requests) >= 2)
        time.sleep(0.5)
        os.killpg(process.pid, signal.SIGINT)
        output = end(run, process)
        assert len(emulator.requests) <= 3
    assert "User interrupted execution" in output


@proc
def test_killed_workers_end_a_fleet(run: Runner) -> None:
    with Emulator(token=TOKEN, latency=200) as emulator:
        # As many hosts as forks: Ansible does not notice the end of a worker whose place another one has taken.
        process = start(run, "play", fleet(emulator, 10, 2), gate(emulator.url), 10)
        wait_for(lambda: len(children(process)) >= 10)
        time.sleep(0.5)
        for number in children(process)[:4]:
            # Ansible may end the others when it notices the first one.
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        output = end(run, process)
    assert process.returncode != 0
    assert "ok: [" not in output


def test_a_full_disk_costs_requests_and_no_result(run: Runner, emulator: Emulator) -> None:
    def fill() -> None:
        # Enough for Ansible itself, and too little for a record or the state of a window.
        resource.setrlimit(resource.RLIMIT_FSIZE, (400, 400))

    run.env["PYTHONDONTWRITEBYTECODE"] = "1"
    process = start(run, "play", fleet(emulator, 8, 2), gate(emulator.url, cache_ttl=300), 4, preexec_fn=fill)
    output = end(run, process)
    assert output.count("failed=0") == 8, output
    assert len(emulator.requests) == 8


class _TwoEnvironments(http.server.BaseHTTPRequestHandler):
    """Serves the same trunk IDs to each token, with records that name its environment."""

    def do_GET(self) -> None:
        token = self.headers["Authorization"].partition(" ")[2]
        record = {"id": self.path.rpartition("/")[2], "name": environment(token), "health_status": "healthy"}
        data = {**record, "is_active": True, "is_verified": True}
        body = json.dumps({"success": True, "data": data}).encode()
        time.sleep(0.05)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: Any) -> None:
        """Print nothing."""


def environment(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@pytest.fixture
def two_environments() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _TwoEnvironments)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/api/v1"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("options", [{}, {"cache_ttl": 300}], ids=["at once", "cached"])
def test_two_runs_at_once_with_two_tokens_each(run: Runner, two_environments: str, options: dict[str, Any]) -> None:
    tokens = (TOKEN, f"{TOKEN}b")
    run.env |= {"FIRST": tokens[0], "SECOND": tokens[1]}
    hosts = {
        f"h{number}": {"tid": "t", "name": ("FIRST", "SECOND")[number % 2], "expected": environment(tokens[number % 2])}
        for number in range(12)
    }
    task = gate(two_environments, api_token="{{ lookup('ansible.builtin.env', name) }}", **options)
    task["failed_when"] = "not result.healthy or result.trunk.name != expected"
    runs = [start(run, name, hosts, task, 6) for name in ("first", "second")]
    outputs = [process.communicate(timeout=2 * SOON)[0] for process in runs]
    for process, output in zip(runs, outputs):
        assert process.returncode == 0, output
        assert output.count("failed=0") == 12, output
        assert not run.leaking(output)
    assert not run.with_token()
    assert list((run.home / "local temp").iterdir()) == []
