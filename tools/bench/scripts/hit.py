# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look up a cached record in a forked worker, and report the median duration.

The record is fetched in another worker, so this one has not imported what a request needs.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from typing import Any

ROUNDS = 50


def main(url: str, token: str, ca: str, count: str) -> None:
    """Measure a lookup, and print the result as JSON."""
    from ansible.plugins.loader import init_plugin_loader, lookup_loader
    from ansible.template import Templar

    init_plugin_loader()
    options = {"api_url": url, "api_token": token, "ca_path": ca, "cache_ttl": 300.0}
    ids = [f"trunk-{number:04}" for number in range(1, int(count) + 1)]

    def look_up() -> list[Any]:
        plugin = lookup_loader.get("talkover.voice.sip_trunk", templar=Templar(loader=None))
        found: list[Any] = plugin.run(ids, {"ansible_facts": {}}, **options)
        return found

    child = os.fork()
    if not child:
        os._exit(0 if look_up() else 1)
    if os.waitpid(child, 0)[1]:
        raise RuntimeError("The first worker found no record.")
    took, found = [], look_up()
    for _round in range(ROUNDS):
        start = time.perf_counter()
        found = look_up()
        took.append(time.perf_counter() - start)
    if "requests" in sys.modules:
        raise RuntimeError("A lookup of a cached record imported requests.")
    print(json.dumps({"milliseconds": statistics.median(took) * 1000, "trunks": len(found)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
