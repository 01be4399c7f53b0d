# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the collection importable under its name, whatever the name of the clone, and define shared fixtures."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CLONE = Path(__file__).resolve().parent.parent

# Where the artifact is installed, whose plugins are then the ones that are tested; without it, the clone's are.
INSTALLED = os.environ.get("TALKOVER_TEST_COLLECTIONS")
TESTED = Path(INSTALLED, "ansible_collections", "talkover", "voice") if INSTALLED else CLONE

# The tests must be importable while pytest collects them, which is before any fixture.
_TREE = Path(tempfile.mkdtemp(prefix="talkover-tree-"))
atexit.register(shutil.rmtree, _TREE)
_COLLECTION = _TREE / "ansible_collections" / "talkover" / "voice"
_COLLECTION.mkdir(parents=True)
for _part in ("tests", "tools"):
    (_COLLECTION / _part).symlink_to(CLONE / _part)
for _part in ("plugins", "extensions", "roles", "playbooks", "meta", "docs", "galaxy.yml", "MANIFEST.json"):
    if (TESTED / _part).exists():
        (_COLLECTION / _part).symlink_to(TESTED / _part)
sys.path.insert(0, str(_TREE))


def pytest_configure() -> None:
    """Let what the tests start hear Ctrl-C, which a script's background jobs ignore and teach their children to."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report how many rows of each table were played. Here, because pytest-xdist's first process collects no tests."""
    for test, table in (("test_fault", "faults"), ("test_careless_use", "careless use")):
        ends = [
            report.passed
            for reports in terminalreporter.stats.values()
            for report in reports
            if isinstance(report, pytest.TestReport) and report.when == "call" and f"::{test}[" in report.nodeid
        ]
        if ends:
            terminalreporter.write_line(f"The table of {table}: {len(ends)} rows played, {sum(ends)} of them passed.")


@pytest.fixture(scope="session")
def tree() -> Path:
    """Return the folder to put on PYTHONPATH so that a process finds the collection."""
    return _TREE


@pytest.fixture(autouse=True, scope="session")
def bare_environment() -> Iterator[None]:
    """Remove the HTTP settings of the machine from the environment of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.lower().endswith("_proxy") or name.startswith(("TALKOVER_", "ANSIBLE_")):
                patch.delenv(name)
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Give each test an empty home directory."""
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def emulator() -> Iterator[Any]:
    """Return a service on the loopback, with its built-in trunks."""
    from ansible_collections.talkover.voice.tests.emulator import Emulator

    with Emulator() as service:
        yield service
