# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start the module as ansible-core does: as a separate process that gets its arguments before its code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# One run for each line of stdin. The named Python modules cannot be imported.
RUN = """
import contextlib, runpy, sys, tracemalloc
from ansible.module_utils import basic
sys.modules.update({name: None for name in sys.argv[2:]})
if sys.argv[1] == "traced":
    tracemalloc.start()
for line in sys.stdin.buffer:
    # ansible-core 2.19 and newer have the wrapper of a module say how its result is to be written.
    basic._ANSIBLE_ARGS, basic._ANSIBLE_PROFILE = line, "legacy"
    with contextlib.suppress(SystemExit):
        runpy.run_module("ansible_collections.talkover.voice.plugins.modules.sip_trunk_info", run_name="__main__")
if sys.argv[1] == "traced":
    print(tracemalloc.get_traced_memory()[1], file=sys.stderr)
"""


def start(
    tree: Path, *options: dict[str, Any], missing: Sequence[str] = (), traced: bool = False
) -> subprocess.Popen[bytes]:
    """Start the module, once for each of the options. It prints one line for each.

    :param tree: the directory that contains the collection.
    :param missing: Python modules whose import must fail.
    :param traced: whether to report the peak memory of Python on stderr, in bytes.
    """
    with tempfile.TemporaryFile() as stream:
        stream.writelines(json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode() + b"\n" for given in options)
        stream.seek(0)
        return subprocess.Popen(
            [sys.executable, "-c", RUN, "traced" if traced else "", *missing],
            stdin=stream,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(tree)},
        )


def results(process: subprocess.Popen[bytes]) -> tuple[list[dict[str, Any]], str]:
    """Wait for a module, and return its results and its stderr."""
    output, errors = process.communicate(timeout=300)
    return [json.loads(line) for line in output.splitlines() if line], errors.decode()
