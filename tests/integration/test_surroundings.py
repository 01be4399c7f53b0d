# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that these tests use the plugins of the installed artifact, and the selected Python."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest

from ansible_collections.talkover.voice.plugins.module_utils import _client
from ansible_collections.talkover.voice.tests.integration.commands import COLLECTIONS, MODULE_PYTHON, Runner

CLONE = Path(__file__).resolve().parent.parent.parent


def under_test() -> Path:
    return Path(COLLECTIONS, "ansible_collections", "talkover", "voice").resolve() if COLLECTIONS else CLONE


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("module", "sip_trunk_info"),
        ("lookup", "sip_trunk"),
        ("inventory", "sip_trunks"),
        ("test", "healthy"),
        ("filter", "health_problems"),
    ],
)
def test_ansible_loads_the_plugins_that_are_tested(run: Runner, kind: str, name: str) -> None:
    code, output = run("doc", "--json", "-t", kind, f"talkover.voice.{name}")
    assert code == 0, output
    filename = Path(json.loads(output)[f"talkover.voice.{name}"]["doc"]["filename"]).resolve()
    assert filename.is_relative_to(under_test() / "plugins")


def test_so_do_the_tests_themselves() -> None:
    assert Path(inspect.getfile(_client)).resolve().is_relative_to(under_test() / "plugins")


def test_where_the_artifact_is_tested_there_are_no_plugins_of_the_clone() -> None:
    assert (under_test() == CLONE) == (CLONE / "plugins").exists()


def test_the_module_runs_on_the_python_that_was_named(run: Runner) -> None:
    facts = {"ansible.builtin.setup": {"gather_subset": ["!all", "!min", "python"]}, "register": "facts"}
    words = {"ansible.builtin.debug": {"msg": "It was {{ facts.ansible_facts.ansible_python.executable }}."}}
    code, output = run.play([facts, words])
    assert code == 0, output
    assert f"It was {MODULE_PYTHON}." in output, output
