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
    from ansible_collections.talkover.voice.plugins.module_utils._options import ConnectionOptions, TrunkQuery
    from ansible_collections.talkover.voice.plugins.module_utils._trunks import fetch

    reach = ConnectionOptions.from_options(
        {
            "api_token": token,
            "api_url": url,
            "validate_certs": True,
            "ca_path": ca,
            "client_cert": None,
            "client_key": None,
            "timeout": 10.0,
            "retries": 3,
            "max_connections": 10,
        }
    )
    ids = tuple(f"trunk-{number:04}" for number in range(1, int(count) + 1))
    asked = {"trunk_ids": ids, "all_trunks": False, "details": True, "include": None, "missing_ok": False}
    answer = fetch(reach, TrunkQuery.from_options({**asked, "max_health_age": None}))
    healthy = answer.healthy
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "trunks": len(answer.trunks), "healthy": healthy}))


if __name__ == "__main__":
    main(*sys.argv[1:])
