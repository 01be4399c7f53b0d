# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fetch trunks with plain requests, as fast as a short script can, without checking the responses."""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def main(url: str, token: str, ca: str, count: str) -> None:
    """Measure plain requests, and print the result as JSON."""
    start = time.perf_counter()
    import ssl
    from concurrent.futures import ThreadPoolExecutor

    import requests
    from requests.adapters import HTTPAdapter

    context = ssl.create_default_context(cafile=ca)

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, ssl_context=context, **kwargs)

        def cert_verify(self, *args: Any) -> None:
            """Keep requests from reading its own CA bundle into the context with each connection."""

    with requests.Session() as session, ThreadPoolExecutor(10) as pool:
        session.mount("https://", Adapter(pool_maxsize=10))
        session.headers["Authorization"] = f"Bearer {token}"
        urls = [f"{url}/sip-trunks/trunk-{number:04}" for number in range(1, int(count) + 1)]
        trunks = list(pool.map(lambda one: session.get(one, timeout=10).json()["data"], urls))
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "trunks": len(trunks)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
