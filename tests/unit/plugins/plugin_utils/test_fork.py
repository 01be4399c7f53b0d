# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the process that forks the workers holds, and what a worker pays for a cached record."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PARENT = """
import gc, json, os, socket, sys, threading
from ansible.plugins.loader import action_loader, init_plugin_loader
init_plugin_loader([sys.argv[1]])
plugin = action_loader.get("talkover.voice.sip_trunk_info", class_only=True)
paths = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
files = [os.readlink(path) for path in paths if os.path.lexists(path)]
alive = 0
for _number in range(1000):
    child = os.fork()
    if not child:
        lock = threading.Lock()
        os._exit(0 if lock.acquire(timeout=1) and "requests" in sys.modules else 1)
    alive += os.waitpid(child, 0)[1] == 0
print(json.dumps({
    "name": plugin.__name__,
    "threads": threading.active_count(),
    "sockets": [name for name in files if name.startswith("socket:")] + [
        repr(found) for found in gc.get_objects() if isinstance(found, socket.socket)
    ],
    "alive": alive,
}))
"""

STORE = """
import sys
from ansible import constants
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader([sys.argv[1]])
from ansible_collections.talkover.voice.plugins.module_utils import _clock
from ansible_collections.talkover.voice.plugins.module_utils._options import ConnectionOptions, TrunkQuery
from ansible_collections.talkover.voice.plugins.plugin_utils import _run_cache
from ansible_collections.talkover.voice.tests.defaults import defaults

class Report:
    records, arrived, listed = {"a": {"id": "a", "name": "A"}}, {"a": _clock.now()}, None
constants.DEFAULT_LOCAL_TMP = sys.argv[2]
options = {**defaults(), "api_token": "talq_secret", "api_url": "https://127.0.0.1:9/api/v1", "trunk_ids": ["a"]}
query = TrunkQuery.from_options(options)
_run_cache.fetch_cached(ConnectionOptions.from_options(options), query, 600, lambda _query: Report)
print("{}")
"""

LOOKUP = """
import json, sys
from ansible import constants
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader, lookup_loader
from ansible.template import Templar
init_plugin_loader([sys.argv[1]])
constants.DEFAULT_LOCAL_TMP = sys.argv[2]
before = set(sys.modules)
variables = {
    "talkover_api_url": "https://127.0.0.1:9/api/v1", "talkover_api_token": "talq_secret", "ansible_facts": {}
}
loader = DataLoader()
lookup = lookup_loader.get("talkover.voice.sip_trunk", loader=loader, templar=Templar(loader, variables=variables))
found = lookup.run(["a"], variables=variables, cache_ttl=600)
print(json.dumps({"found": found, "imported": sorted(set(sys.modules) - before)}))
"""

OF_A_HIT = {"_clock", "_errors", "_facts", "_options", "_plugin_options", "_run_store", "_token"}
"""The shared modules that a cached record needs. Ansible compiles each of them again in each worker process."""


def run(script: str, tree: Path, home: Path) -> dict[str, Any]:
    pytest.importorskip("ansible", reason="ansible-core is not installed")
    process = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(tree), str(home)],
        env={**os.environ, "PYTHONPATH": str(tree), "ANSIBLE_HOME": str(home), "ANSIBLE_DEPRECATION_WARNINGS": "false"},
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    result: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return result


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system does not list open files")
def test_the_process_that_forks_has_no_thread_and_no_socket(tree: Path, tmp_path: Path) -> None:
    parent = run(PARENT, tree, tmp_path)
    assert parent == {"name": "ActionModule", "threads": 1, "sockets": [], "alive": 1000}


def test_a_cached_record_imports_what_it_needs_only(tree: Path, tmp_path: Path) -> None:
    run(STORE, tree, tmp_path)
    lookup = run(LOOKUP, tree, tmp_path)
    assert lookup["found"] == [{"id": "a", "name": "A"}]
    imported = {name.rpartition(".")[2] for name in lookup["imported"] if "_utils._" in name}
    assert imported == OF_A_HIT
    slow = {"requests", "urllib3", "dataclasses", "difflib", "ipaddress", "tempfile", "unicodedata"}
    assert slow & set(lookup["imported"]) == set()
