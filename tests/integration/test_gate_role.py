# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role and the playbook C(gate): exit codes, requests, and what they print.

The ways to pass them are rows of the table of careless use. The examples of the README of the role run with the pages.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.talkover.voice.tests.careless.warm import Launcher, WarmRunner
from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration import pages
from ansible_collections.talkover.voice.tests.integration.commands import COLLECTIONS

PLAYBOOK = "talkover.voice.gate"
EXAMPLES = pages.ROOT / "docs" / "examples"
SICK, HEALTHY = "trunk-sick", "trunk-healthy"
PROBLEM = "Backup Carrier — São Paulo (trunk-sick): is_verified is false, but must be true."


@pytest.fixture
def warm(tmp_path: Path, tree: Path, launcher: Launcher, emulator: Emulator) -> WarmRunner:
    """Return a way to run commands against the emulator."""
    home = tmp_path / "home"
    home.mkdir()
    run = WarmRunner(home, COLLECTIONS or str(tree), launcher)
    run.env |= {"HOME": str(home), "TALKOVER_API_URL": emulator.url}
    return run


def play(run: WarmRunner, hosts: dict[str, Any], *arguments: str, **keywords: Any) -> tuple[int, str]:
    """Run the role in a play for hosts with these variables."""
    known = {name: {"ansible_connection": "local", **variables} for name, variables in hosts.items()}
    (run.home / "hosts.json").write_text(json.dumps({"all": {"hosts": known}}), encoding="utf-8")
    page = [{"hosts": "all", "gather_facts": False, "roles": [PLAYBOOK], **keywords}]
    (run.home / "play.json").write_text(json.dumps(page), encoding="utf-8")
    return run("playbook", "-i", "hosts.json", "play.json", *arguments)


def test_the_exit_code_of_the_playbook_is_0_only_for_healthy_trunks(warm: WarmRunner, emulator: Emulator) -> None:
    (warm.home / "hosts").write_text("h1\nh2\n", encoding="utf-8")
    expected = {
        ("-e", f"trunk_ids={HEALTHY}"): 0,
        ("-e", f"trunk_ids={HEALTHY},{HEALTHY}", "--check", "--tags", "deploy"): 0,
        ("-e", json.dumps({"trunk_ids": [HEALTHY]}), "-i", "hosts", "--limit", "h2"): 0,
        ("-e", f"trunk_ids={HEALTHY},{SICK}"): 2,
        ("-e", f"trunk_ids={HEALTHY},no-trunk"): 2,
        ("-e", f"trunk_ids={HEALTHY},"): 2,
        ("-e", "trunk_ids="): 2,
        ("-e", f"trunk_ids={HEALTHY} {SICK}"): 2,
        ("-e", f"trunk_ids={HEALTHY}, {SICK}"): 2,
        ("-e", f"trunk_id={HEALTHY}"): 2,
        ("-e", f"trunk_ids={HEALTHY}", "-e", "all_trunks=true"): 2,
        ("-e", "all_trunks=true"): 2,
        ("-e", "all_trunks=false"): 2,
        ("-e", "all_trunks=flase"): 2,
        (): 2,
        # No host is left, so no task would run.
        ("-e", f"trunk_ids={HEALTHY}", "--limit", "h3"): 4,
    }
    found = {arguments: warm("playbook", PLAYBOOK, *arguments).code for arguments in expected}
    assert found == expected
    for trunk_id in (SICK, "trunk-recovering"):
        del emulator.trunks[trunk_id]
    assert warm("playbook", PLAYBOOK, "-e", "all_trunks=true").code == 0
    assert warm("playbook", PLAYBOOK, "-e", f"trunk_ids={HEALTHY}", TALKOVER_TOKEN="wrong").code == 2


# Each batch needs a new check, also when the play allows a cache.
_CACHED = {"module_defaults": {"group/talkover.voice.talkover": {"cache_ttl": 3600}}}


@pytest.mark.parametrize("keywords", [{}, {"serial": 2, **_CACHED}])
def test_the_trunks_of_all_hosts_are_requested_once_for_a_batch(
    warm: WarmRunner, emulator: Emulator, keywords: dict[str, Any]
) -> None:
    emulator.trunks["second"] = {**emulator.trunks[HEALTHY], "id": "second"}
    hosts = {f"h{number}": {"talkover_trunk_id": [HEALTHY, "second"][: 1 + number % 2]} for number in range(4)}
    code, output = play(warm, hosts, **keywords)
    assert code == 0, output
    batches = 4 // keywords.get("serial", 4)
    assert set(Counter(request.path for request in emulator.requests).values()) == {batches}
    assert len(emulator.requests) == 4 * batches


def test_each_problem_is_a_line_and_the_token_is_in_none(warm: WarmRunner) -> None:
    # The runner looks for the token in all that is printed.
    code, output = play(warm, {"h1": {"talkover_trunk_id": [HEALTHY, SICK, "no-trunk"]}}, "-vvvv")
    assert code == 2
    text = output.replace('\\"', '"').replace("\\n", "\n")
    lines = [line.rpartition('"msg": "')[2] for line in text.splitlines()]
    assert PROBLEM in lines
    assert any(line.startswith("no-trunk: This trunk does not exist.") for line in lines)
    assert "sip_trunk_info.py to" not in output


def test_the_healthy_trunks_are_printed(warm: WarmRunner) -> None:
    code, output = play(warm, {"h1": {"talkover_trunk_id": HEALTHY}})
    assert code == 0, output
    assert "The trunk is healthy." in output
    assert "Primary Carrier — US (trunk-healthy)" in output


def test_a_wait_ends_when_the_trunk_has_recovered_and_does_not_begin_for_a_wrong_token(
    warm: WarmRunner, emulator: Emulator
) -> None:
    waiting = {"gate_wait": 2, "gate_delay": 1}
    code, output = play(warm, {"h1": {"talkover_trunk_id": "trunk-recovering", **waiting}})
    assert (code, sum(request.path.endswith("/health") for request in emulator.requests)) == (0, 3), output
    emulator.requests.clear()
    warm.env["TALKOVER_TOKEN"] = "talq_wrong"
    code, output = play(warm, {"h1": {"talkover_trunk_id": HEALTHY, "gate_wait": 1}})
    assert (code, "RETRYING" in output) == (2, False), output
    assert {request.status for request in emulator.requests} == {401}


def test_no_delay_is_longer_than_the_wait(warm: WarmRunner) -> None:
    began = time.monotonic()
    code, output = play(warm, {"h1": {"talkover_trunk_id": SICK, "gate_wait": 1, "gate_delay": 60}})
    assert (code, "RETRYING" in output) == (2, True), output
    assert time.monotonic() - began < 30


def test_the_examples_deploy_behind_healthy_trunks_only(warm: WarmRunner) -> None:
    for name, variable in (("role.yml", "talkover_trunk_id"), ("site.yml", "trunk_ids")):
        for trunk_id, expected in ((HEALTHY, 0), (SICK, 2), ("no-trunk", 2)):
            code, output = warm("playbook", str(EXAMPLES / name), "-e", f"{variable}={trunk_id}")
            assert (code, "Deploying the voice application" in output) == (expected, not expected), output
