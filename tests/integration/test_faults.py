# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults through ansible-playbook: each result reaches the play, and the token reaches nothing."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.talkover.voice.tests.faults import runner
from ansible_collections.talkover.voice.tests.faults.fault import TOKEN
from ansible_collections.talkover.voice.tests.faults.server import Server
from ansible_collections.talkover.voice.tests.faults.table import FAULTS, SECTIONS

# The table runs on Python 3.9 as well, where modules do and ansible-core does not.
pytest.importorskip("ansible", reason="ansible-core is not installed")

ODD = (
    *(f"JSON: {fault.name}" for fault in SECTIONS["JSON"] if fault.kinds == "healthy"),
    "JSON: a body with 65 levels",
    "JSON: a body with 500 levels",
    "JSON: an integer of 4,301 digits, in a field",
    "JSON: half a surrogate pair, high, in a field",
    "Verdict: a record with is_active false",
)

ECHOES = (
    "Wire: a header without a colon",
    "Wire: a banner that echoes the token",
    "Redirects: a Location that echoes the token",
    "Words: 401, echoing the token",
    "Words: 401, echoing the token in plain text",
    "Words: 500, echoing the token in headers",
    "Words: 200 with the token in the record",
    "Words: 200 with passwords in the record",
)

PLAY = """
- hosts: localhost
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
    faults: "{{ lookup('file', 'faults.json') | from_json }}"
  tasks:
    - talkover.voice.sip_trunk_info:
        trunk_id: trunk-1
        api_token: "{{ lookup('env', 'SECRET') or omit }}"
        api_url: "{{ item.url }}"
        retries: 0
      loop: "{{ faults }}"
      ignore_errors: true
      register: played

    - ansible.builtin.assert:
        that: came in item.item.kinds
        fail_msg: "{{ item.item.name }}: {{ came }}"
        quiet: true
      vars:
        came: "{{ item.error.kind if item is failed else ('healthy' if item.healthy else 'unhealthy') }}"
      loop: "{{ played.results }}"
      loop_control:
        label: "{{ item.item.name }}"
"""


@pytest.mark.parametrize(
    ("names", "environ"),
    [
        # With ANSIBLE_DEBUG, ansible-core before 2.19 prints the arguments of a task itself.
        pytest.param(ODD + ECHOES, {"TALKOVER_TOKEN": TOKEN, "ANSIBLE_DEBUG": "1"}, id="token in the environment"),
        pytest.param(ECHOES, {"SECRET": TOKEN}, id="token as an argument"),
    ],
)
def test_results_reach_the_play_and_the_token_nothing(
    names: tuple[str, ...], environ: dict[str, str], tree: Path, tmp_path: Path
) -> None:
    with contextlib.ExitStack() as stack:
        faults = []
        for name in names:
            server = stack.enter_context(Server(FAULTS[name].play))
            url = f"http://127.0.0.1:{server.port}/api/v1"
            faults.append({"name": name, "url": url, "kinds": FAULTS[name].kinds.split()})
        (tmp_path / "faults.json").write_text(json.dumps(faults))
        (tmp_path / "play.yml").write_text(PLAY)
        surroundings = {
            **os.environ,
            **environ,
            "ANSIBLE_COLLECTIONS_PATH": str(tree),
            "ANSIBLE_HOME": str(tmp_path / "ansible"),
            "ANSIBLE_KEEP_REMOTE_FILES": "0",
            "ANSIBLE_LOG_PATH": str(tmp_path / "log"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
        }
        command = [sys.executable, "-m", "ansible", "playbook", "-vvvv", "play.yml"]
        process = subprocess.run(command, cwd=tmp_path, env=surroundings, capture_output=True, timeout=300, check=False)
    output = (process.stdout + process.stderr).decode(errors="replace")
    assert process.returncode == 0, [line[:300] for line in output.splitlines() if line.startswith("failed:")]
    assert "ok=2 " in output
    # The text that a result holds is quoted here and there, so it is looked for in what was written, too.
    written = [path.read_text("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file()]
    for text in (output, *written):
        assert not [line[:400] for line in text.splitlines() if runner.leaks(line)]
        assert "hunter2" not in text
