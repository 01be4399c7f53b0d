# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that the event source can be loaded as ansible-rulebook does it, and that its documentation is complete."""

from __future__ import annotations

import inspect
import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.talkover.voice.plugins.plugin_utils._event_options import source_spec
from ansible_collections.talkover.voice.tests.emulator import Emulator

COLLECTION = Path(__file__).resolve().parents[6]
SOURCE = COLLECTION / "extensions" / "eda" / "plugins" / "event_source" / "sip_trunk_health.py"

# What ansible-rulebook does, in a Python that cannot import ansible_collections.
START = """
import asyncio, json, runpy, sys
main = runpy.run_path(sys.argv[1])["main"]
async def first(args):
    queue = asyncio.Queue(1)
    task = asyncio.ensure_future(main(queue, args))
    event = asyncio.ensure_future(queue.get())
    await asyncio.wait({task, event}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()
    print(json.dumps(event.result()))
    task.cancel()
assert "ansible_collections" not in sys.modules
asyncio.run(first(json.loads(sys.argv[2])))
"""


def start(args: dict[str, Any], *, source: Path = SOURCE, code: str = START) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, str(source), json.dumps(args)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


def test_it_is_loaded_by_its_path(emulator: Emulator) -> None:
    args = {"api_token": emulator.token, "api_url": emulator.url, "trunk_ids": ["trunk-sick"], "sick_after": 1}
    process = start(args)
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout)["talkover"]["event"] == "sick"


def test_two_copies_do_not_mix(emulator: Emulator, tmp_path: Path) -> None:
    args = {"api_token": emulator.token, "api_url": emulator.url, "trunk_ids": ["trunk-sick"], "sick_after": 1}
    copy = tmp_path / "extensions" / "eda" / "plugins" / "event_source" / SOURCE.name
    copy.parent.mkdir(parents=True)
    copy.write_bytes(SOURCE.read_bytes())
    (tmp_path / "plugins").symlink_to(COLLECTION / "plugins")
    again = f"import runpy; runpy.run_path({str(copy)!r})['load']('plugin_utils._event_polling')"
    process = start(args, code=f"{again}\n{START}")
    assert process.returncode == 0, process.stderr


def test_a_missing_library_is_named() -> None:
    hidden = "import sys; sys.modules['ansible'] = None\n"
    process = start({}, code=hidden + START)
    assert process.returncode != 0
    assert "The Python of ansible-rulebook has no ansible" in process.stderr
    assert f"{sys.executable} -m pip install ansible-core requests" in process.stderr
    process = start(
        {"all_trunks": True, "api_token": "talq_x"}, code="import sys; sys.modules['requests'] = None" + START
    )
    assert "requests" in process.stderr.splitlines()[-1]


def test_main_is_a_coroutine_function() -> None:
    assert inspect.iscoroutinefunction(runpy.run_path(str(SOURCE))["main"])


def documentation() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(runpy.run_path(str(SOURCE))["DOCUMENTATION"])
    return content


def test_each_option_is_documented() -> None:
    spec, options = source_spec(), documentation()["options"]
    assert options.keys() == spec.keys()
    for name, given in spec.items():
        for key in ("type", "default", "elements", "choices"):
            assert options[name].get(key) == given.get(key), name


def test_the_example_is_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    (ruleset,) = yaml.safe_load(runpy.run_path(str(SOURCE))["EXAMPLES"])
    (source,) = ruleset["sources"]
    read_options = runpy.run_path(str(SOURCE))["load"]("plugin_utils._event_options").read_options
    options = read_options({"api_token": "talq_x", **source["talkover.voice.sip_trunk_health"]})
    assert set(options.hosts) == set(options.query.trunk_ids)


def test_the_extension_is_declared() -> None:
    meta = yaml.safe_load((COLLECTION / "meta" / "extensions.yml").read_text("utf-8"))
    assert meta == {"extensions": [{"args": {"ext_dir": "eda/plugins/event_source"}}]}
