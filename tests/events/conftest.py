# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ansible-rulebook with its rule engine, against the emulator."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration.commands import COLLECTIONS, TOKEN, Runner
from ansible_collections.talkover.voice.tools.java import has_java

GUARD = 120.0
"""The seconds after which a test fails instead of waiting forever."""


def missing() -> str:
    """Return why ansible-rulebook cannot run here; empty if it can."""
    if not importlib.util.find_spec("ansible_rulebook"):
        return "ansible-rulebook is not installed"
    return "" if has_java() else "there is no Java 17 on this machine"


class Rulebook:
    """Run ansible-rulebook, and look for the token in all that it prints.

    :param run: how to run Ansible's commands.
    """

    def __init__(self, run: Runner, url: str) -> None:
        self._run = run
        self.home = run.home
        self.output: list[str] = []
        # For ansible-galaxy and ansible-playbook, which ansible-rulebook starts.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        self.env = {**run.env, "PATH": path, "TALKOVER_API_URL": url, "TALKOVER_TOKEN": TOKEN}

    def write(self, name: str, content: Any) -> str:
        """Write a YAML file, and return its name."""
        (self.home / name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return name

    @contextlib.contextmanager
    def running(self, *arguments: str) -> Iterator[Callable[[str], None]]:
        """Run until the end of the block, and yield how to wait for a text in the output."""
        command = [sys.executable, "-m", "ansible_rulebook", "-vv", *arguments]
        process = subprocess.Popen(
            command,
            cwd=self.home,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        watchdog = threading.Timer(GUARD, end, [process])
        watchdog.start()
        assert process.stdout
        lines = iter(process.stdout)

        def wait_for(text: str) -> None:
            for line in lines:
                self.output.append(line)
                if text in line:
                    return
            pytest.fail(f"ansible-rulebook did not print {text!r}:\n{self.printed}")

        try:
            yield wait_for
        finally:
            end(process)
            self.output += lines
            process.stdout.close()
            process.wait()
            watchdog.cancel()
            assert not self._run.leaking(self.printed)
            assert self._run.with_token() == []

    def finish(self, *arguments: str) -> str:
        """Run until it ends by itself, and return its output. Its exit code is 0 even when a source failed."""
        outcome = self._run.run(sys.executable, "-m", "ansible_rulebook", "-vv", *arguments, **self.env)
        assert not self._run.leaking(outcome.output)
        return outcome.output

    @property
    def printed(self) -> str:
        """Return the output until now."""
        return "".join(self.output)


def end(process: subprocess.Popen[str]) -> None:
    """End ansible-rulebook with all that it started. There may be a playbook under way."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Return a service that takes the token of the tests."""
    with Emulator(token=TOKEN, limit=1000) as service:
        yield service


@pytest.fixture
def rulebook(tmp_path: Path, tree: Path, emulator: Emulator) -> Rulebook:
    """Return a way to run ansible-rulebook, or skip the test."""
    reason = missing()
    if reason:
        pytest.skip(f"ansible-rulebook was not run: {reason}")
    return Rulebook(Runner(tmp_path, COLLECTIONS or str(tree)), emulator.url)
