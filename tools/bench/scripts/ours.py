# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fetch trunks in this process, check their health, and report the duration, including imports and TLS."""

from __future__ import annotations

import json
import sys
import time


def main(url: str, token: str, ca: str, count: str) -> None:
    """Measure a fetch, and print the result as JSON."""
    start = time.perf_counter()
    from ansible_collections.talkover.voice.plugins.module_utils import _options
    from ansible_collections.talkover.voice.plugins.module_utils._trunks import fetch

    specs = _options.CONNECTION_SPEC | _options.QUERY_SPEC
    options = {name: spec.get("default") for name, spec in specs.items()}
    ids = [f"trunk-{number:04}" for number in range(1, int(count) + 1)]
    options |= {"api_token": token, "api_url": url, "ca_path": ca, "trunk_ids": ids}
    connection = _options.ConnectionOptions.from_options(options)
    answer = fetch(connection, _options.TrunkQuery.from_options(options))
    healthy = answer.healthy
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "trunks": len(answer.trunks), "healthy": healthy}))


if __name__ == "__main__":
    main(*sys.argv[1:])
