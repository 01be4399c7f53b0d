# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the module in this process, and report its duration without imports, and the peak memory of the process.

Imports take the same time for any number of trunks. With imports, many trunks would look better than few.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any


def main(url: str, token: str, ca: str, count: str) -> None:
    """Measure the module, and print the result as JSON."""
    ids = [f"trunk-{number:04}" for number in range(1, int(count) + 1)]
    options = {"api_url": url, "api_token": token, "ca_path": ca}
    run({**options, "trunk_ids": ids[:1]})  # The imports.
    start = time.perf_counter()
    written = run({**options, "trunk_ids": ids})
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "peak": peak(), "trunks": len(json.loads(written)["trunks"])}))


def run(options: dict[str, Any]) -> str:
    """Run the module, and return its output."""
    from ansible.module_utils import basic

    from ansible_collections.talkover.voice.plugins.modules import sip_trunk_info

    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode()
    basic._ANSIBLE_PROFILE = "legacy"
    with contextlib.redirect_stdout(io.StringIO()) as written, contextlib.suppress(SystemExit):
        sip_trunk_info.main()
    return written.getvalue()


def peak() -> float:
    """Return the most memory, in MiB, that this process has had."""
    # Linux counts the memory of who started a process into its ru_maxrss, but not into this.
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text("utf-8").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


if __name__ == "__main__":
    main(*sys.argv[1:])
