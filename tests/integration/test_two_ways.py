# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin and the module give the same results: over the table of faults, and for all examples.

With E(TALKOVER_TEST_FAULTS=all), which make thorough sets, the whole table and the examples of the documentation run
both ways, otherwise some rows of the table.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.faults import table
from ansible_collections.talkover.voice.tests.faults.fault import TOKEN as FAULT_TOKEN
from ansible_collections.talkover.voice.tests.faults.table import FAULTS
from ansible_collections.talkover.voice.tests.integration import commands, pages
from ansible_collections.talkover.voice.tests.integration.commands import TOKEN, Runner
from ansible_collections.talkover.voice.tests.integration.reader import Reader
from ansible_collections.talkover.voice.tests.integration.test_faults import ECHOES, PLUGINS, playing

RECORDER = """
import json, os
from ansible.plugins.callback import CallbackBase

class CallbackModule(CallbackBase):
    CALLBACK_VERSION, CALLBACK_NAME, CALLBACK_NEEDS_ENABLED = 2.0, "recorder", True

    def _record(self, result, **_others):
        task = result._task if hasattr(result, "_task") else result.task
        found = result._result if hasattr(result, "_result") else result.result
        if task.action.endswith("sip_trunk_info") and "results" not in found:
            with open(os.environ["RECORDED"], "a", encoding="utf-8") as file:
                shown = {name: value for name, value in found.items() if not name.startswith(("_ansible", "ansible"))}
                file.write(json.dumps(shown, default=str) + "\\n")

    v2_runner_on_ok = v2_runner_on_failed = v2_runner_item_on_ok = v2_runner_item_on_failed = v2_runner_retry = _record
"""
WHICH = {"all_trunks", "trunk_ids"}
# What differs between any two runs: addresses, times, and the random part of a wait.
_PORT = re.compile(r"(?i)(?<=127\.0\.0\.1:)\d+|(?<=\[::1\]:)\d+|(?<=localhost:)\d+")
_TIME = re.compile(r"(?<!\\u)\d{4}-\d\d-\d\dT[\d:.]+Z|(?<=\"response_time_ms\": )\d+|\d{8,10}(?= s\b)")


@pytest.fixture
def other_python(tmp_path: Path) -> str:
    """Give another path of this Python, with which each task runs the module."""
    path = tmp_path / "other" / "python"
    path.parent.mkdir()
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def recorded(run: Runner, name: str) -> Path:
    """Let the next runs record the results of the tasks, and give the file."""
    # Beside the playbook, because Ansible reads the path for other folders when it is imported.
    (run.home / "callback_plugins").mkdir(exist_ok=True)
    (run.home / "callback_plugins/recorder.py").write_text(RECORDER, encoding="utf-8")
    file = run.home / f"{name}.jsonl"
    run.env |= {
        "ANSIBLE_CALLBACKS_ENABLED": "recorder",
        "ANSIBLE_INJECT_INVOCATION": "true",
        # A module starts faster this way, and there are many.
        "ANSIBLE_PIPELINING": "true",
        "RECORDED": str(file),
    }
    return file


def comparable(file: Path) -> list[dict[str, Any]]:
    text = _TIME.sub("TIME", _PORT.sub("PORT", file.read_text(encoding="utf-8")))
    return [json.loads(line.replace(": TIME,", ": 0,")) for line in text.splitlines()]


def ask(run: Runner, asked: Mapping[str, Mapping[str, Any]], *arguments: str) -> str:
    tasks = [
        {
            "name": name,
            "talkover.voice.sip_trunk_info": given if WHICH & given.keys() else {"trunk_id": "trunk-1", **given},
            "ignore_errors": True,
            "diff": True,
        }
        for name, given in asked.items()
    ]
    code, output = run.play(tasks, *arguments)
    assert code == 0, output
    return output


# What a module's output could change.
TEXT = (
    *(
        f"JSON: {name}"
        for name in ("minus zero, in a field", "1e308, in a field", "a template, in a field", "63 levels")
    ),
    "JSON: an integer of 4,300 digits, in a field",
    "JSON: control characters as escapes, in a field",
    "JSON: a pair of surrogates as escapes, in a field",
    "JSON: names with a meaning in Ansible, in a field",
    "JSON: a lone high surrogate, in a field",
    *ECHOES,
)

# The system reports one of two errors, depending on which side is faster.
RACES = {"Proxies: reset after the tunnel"}


def whole_table() -> Iterator[tuple[str, ...]]:
    """Yield the names of all rows that a playbook can have, those without an environment in batches."""
    # YAML has no lone surrogates, a module cannot log a NUL, and 2.21 shows the token of a play near an error.
    foreign = ("\\udc", "\\x00", FAULT_TOKEN)
    known = {name: fault for name, fault in FAULTS.items() if not any(text in repr(fault.options) for text in foreign)}
    plain = [name for name, fault in known.items() if not fault.environ]
    for start in range(0, len(plain), 25):
        yield tuple(plain[start : start + 25])
    yield from ((name,) for name, fault in known.items() if fault.environ)


ALL = os.environ.get("TALKOVER_TEST_FAULTS") == "all"
BATCHES = list(whole_table()) if ALL else [PLUGINS[::3], TEXT[::2]]


@pytest.mark.parametrize("names", BATCHES, ids=lambda names: names[0])
def test_a_fault_has_the_same_result(
    run: Runner, tmp_path_factory: pytest.TempPathFactory, other_python: str, names: tuple[str, ...]
) -> None:
    folder = tmp_path_factory.mktemp("certificates")
    table.write(folder)
    run.token = FAULT_TOKEN
    run.env |= {"TALKOVER_TOKEN": FAULT_TOKEN, "NO_PROXY": "127.0.0.1"}
    files, outputs = [], []
    for way, arguments in (
        ("here", ()),
        ("module", ("--extra-vars", json.dumps({"ansible_python_interpreter": other_python}))),
    ):
        files.append(recorded(run, way))
        with playing(run, names, folder) as asked:
            outputs.append(ask(run, asked, "-vvv", *arguments))
    here, module = (comparable(file) for file in files)
    assert len(here) == len(module) == len(names)
    for name, mine, other in zip(names, here, module):
        ignored = {"msg": ""} if name in RACES else {}
        assert {**mine, **ignored} == {**other, **ignored}, name
    assert [output.count("Using module file") for output in outputs] == [0, len(names) - count_refused(here)]


def count_refused(results: list[dict[str, Any]]) -> int:
    """Return the number of tasks whose options the action plugin refused."""
    return sum("invocation" not in result for result in results)


# As a template, because ansible-core 2.21 shows the lines of a play near an error.
SECRET = "{{ lookup('env', 'SECRET') }}"
OPTIONS: tuple[dict[str, Any], ...] = (
    {"trunk_id": "trunk-healthy"},
    {"trunk_id": "trunk-9", "missing_ok": True},
    {"trunk_ids": ["trunk-healthy", "trunk-sick"], "include": ["live_health", "dids"]},
    {"trunk_ids": "trunk-healthy,trunk-sick", "details": "no", "max_health_age": "600", "include": "live_health"},
    {"all_trunks": True, "api_token": SECRET},
    {"trunk_id": "trunk-sick", "api_token": f" {SECRET} "},
    {"trunk_id": SECRET, "api_token": SECRET},
    {"trunk_id": 12, "api_token": "talq_another_that_is_wrong"},
    {"trunk_id": "trunk-healthy", "api_token": ["talq_secret"]},
    {"trunk_id": "trunk-healthy", "api_token": {"value": "talq_secret"}},
    {"trunk_id": "trunk-healthy", "api_token": ""},
    {"trunk_id": ["trunk-healthy"]},
    {"trunk_id": None},
    {"trunk_id": " "},
    {"trunk_id": "trunk-healthy", "trunk_ids": ["trunk-sick"]},
    {"trunk_ids": []},
    {},
    {"trunk_id": "trunk-healthy", "timeout": "soon", "api_token": SECRET},
    {"trunk_id": "trunk-healthy", "timeout": float("nan")},
    {"trunk_id": "trunk-healthy", "timeout": 10**400},
    {"trunk_id": "trunk-healthy", "retries": 2.0},
    {"trunk_id": "trunk-healthy", "validate_certs": "perhaps"},
    {"trunk_id": "trunk-healthy", "include": "everything"},
    {"trunk_id": "trunk-healthy", "no_such_option": 1, "api_token": SECRET},
    {"trunk_id": "trunk-healthy", "ca_path": "no such file.pem", "api_url": "https://127.0.0.1:1/api/v1"},
    {"trunk_id": "trunk-healthy", "ca_path": "~/$NAME/ca.pem", "api_url": "https://127.0.0.1:1/api/v1"},
)


def test_the_same_options_have_the_same_result(run: Runner, emulator: Emulator, other_python: str) -> None:
    # What fails is named in an order that depends on the hashes of text.
    run.env |= {"TALKOVER_API_URL": emulator.url, "NAME": "folder", "SECRET": TOKEN, "PYTHONHASHSEED": "0"}
    tasks = [
        {
            "talkover.voice.sip_trunk_info": options if "timeout" in options else {"retries": 0, **options},
            "ignore_errors": True,
            "check_mode": number % 2 == 0,
        }
        for number, options in enumerate(OPTIONS)
    ]
    files, outputs = [], []
    for way, variables in (("here", {}), ("module", {"ansible_python_interpreter": other_python})):
        files.append(recorded(run, way))
        play = [{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}]
        path = run.home / "play.yml"
        path.write_text(yaml.safe_dump(play), encoding="utf-8")
        outcome = run("playbook", str(path), "-vvv")
        assert outcome.code == 0, outcome.output
        assert "talq_secret" not in outcome.output
        outputs.append(outcome.output)
    here, module = (comparable(file) for file in files)
    assert len(here) == len(module) == len(OPTIONS)
    for options, mine, other in zip(OPTIONS, here, module):
        assert mine == other, options
    assert [output.count("Using module file") for output in outputs] == [0, len(OPTIONS) - count_refused(here)]


@pytest.mark.skipif(not ALL, reason="make thorough runs it")
def test_the_examples_have_the_same_results(run: Runner, other_python: str) -> None:
    results = []
    for way, python in (("here", sys.executable), ("module", other_python)):
        file = recorded(run, way)
        with Emulator(token=TOKEN) as emulator, pytest.MonkeyPatch.context() as patch:
            patch.setattr(commands, "MODULE_PYTHON", python)
            Reader(run, emulator.url, {}).follow(pages.blocks(pages.PLUGINS))
        results.append(comparable(file))
    assert results[0] == results[1]
    assert len(results[0]) > 5
