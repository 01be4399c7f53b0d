# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Invalid option values, and unusual but valid ones."""

from __future__ import annotations

import math
from typing import Any

from .fault import RECORD, TOKEN, Fault, Peer, encoded, http

_IDS = [f"trunk-{number}" for number in range(10_000)]


def _echo(peer: Peer) -> None:
    """Respond with the requested trunk, or with a list of 10,000 trunks."""
    while True:
        last = peer.request().split()[1].rsplit("/", 1)[1]
        listed = [{**RECORD, "id": trunk_id} for trunk_id in _IDS]
        peer.send(http(200, encoded(listed if last == "sip-trunks" else {**RECORD, "id": _plain(last)})))


def _plain(segment: str) -> str:
    octets = segment.encode("ascii")
    parts = octets.split(b"%")
    return b"".join([parts[0], *(bytes((int(part[:2], 16),)) + part[2:] for part in parts[1:])]).decode()


def _wrong(name: str, **options: Any) -> Fault:
    return Fault(name, _echo, "config", options=options)


def _url(url: str) -> Fault:
    return _wrong(f"api_url {url!r}", api_url=url)


def _id(name: str, trunk_id: str) -> Fault:
    return Fault(f"an ID {name}", _echo, "healthy", options={"trunk_ids": [trunk_id]})


ROWS = (
    *(_wrong(f"timeout: {value}", timeout=value) for value in (0.0, -1.0, math.nan, math.inf, -math.inf, 1e308, 1e-9)),
    *(_wrong(f"retries: {value}", retries=value) for value in (-1, 10**9, 10**400)),
    *(_wrong(f"max_connections: {value}", max_connections=value) for value in (0, -1, 10**6)),
    *(_wrong(f"max_health_age: {value}", max_health_age=value) for value in (-1, -(10**400))),
    Fault("max_health_age of 400 digits", _echo, "healthy", options={"max_health_age": 10**400}),
    *(
        _url(url)
        for url in (
            "",
            "/",
            "app.talkover.ai/api/v1",
            "//app.talkover.ai/api/v1",
            "https:/app.talkover.ai",
            "https://",
            "https:///api/v1",
            "https://:443/api/v1",
            "ftp://app.talkover.ai/api/v1",
            "file:///etc/passwd",
            "unix:///run/a.sock",
            "javascript:alert(1)",
            "https://user:hunter2@127.0.0.1/api/v1",
            f"https://{TOKEN}@127.0.0.1/api/v1",
            "https://hunter2@/",
            "https://127.0.0.1/api/v1?key=hunter2",
            "https://127.0.0.1/api/v1?",
            "https://127.0.0.1/api/v1#hunter2",
            "https://127.0.0.1/api/v1#",
            "https://127.0.0.1/a b",
            "https://127.0.0.1/a\nb",
            "https://127.0.0.1/\x00",
            "https://127.0.0.1\\@localhost/",
            "https://127.0.0.1:0/api/v1",
            "https://127.0.0.1:65536/api/v1",
            "https://127.0.0.1:-1/api/v1",
            "https://127.0.0.1:port/api/v1",
            "https://127.0.0.1:/api/v1",
            "https://[::1/api/v1",
            "https://[::g]/api/v1",
            "https://::1/api/v1",
            "http://example.com/api/v1",
            "http://127.0.0.1.example.com/api/v1",
            "http://localhost.example.com/api/v1",
            "http://10.0.0.1/api/v1",
            "http://[::2]/api/v1",
            "http://2130706433/api/v1",
            "http://0x7f.1/api/v1",
            "https://*.talkover.ai/api/v1",
        )
    ),
    *(
        Fault(f"api_url {url!r}", _echo, "healthy", options={"api_url": url})
        for url in ("http://127.0.0.1:{port}", "http://127.0.0.1:{port}/a/b/", "HTTP://127.0.0.1:{port}/a%20b//")
    ),
    Fault(
        "an internationalised name",
        _echo,
        "network",
        retried=True,
        options={"api_url": "https://münchen.invalid/api/v1"},
    ),
    *(
        _wrong(f"a token {name}", api_token=token)
        for name, token in {
            "of nothing": "",
            "of white space": " \t\n",
            "with a space inside": "hunter2 hunter2",
            "with a line break inside": "hunter2\r\nX-Evil: 1",
            "with a NUL": "hunter2\x00",
            "that is not ASCII": "hunter2é",
            "with a lone surrogate": "hunter2\udcff",
        }.items()
    ),
    *(
        _wrong(f"trunk_ids {ids!r}", trunk_ids=ids)
        for ids in ([], [""], [" "], ["."], [".."], ["a\nb"], ["a\x00"], ["\udcff"], ["trunk-1", ""], ["\u00a0"])
    ),
    _wrong("trunk_ids and all_trunks", trunk_ids=["a"], all_trunks=True),
    _wrong("neither trunk_ids nor all_trunks", trunk_ids=None),
    _id("of 10,000 characters", "a" * 10_000),
    _id("with a slash", "a/../b"),
    _id("with a question mark", "a?b=c&d"),
    _id("with a number sign", "a#b"),
    _id("with a percent sign", "a%2Fb%"),
    _id("that looks encoded", "%2e%2e"),
    _id("with spaces around", " a b "),
    _id("in Unicode", "trunk-é-\U0001f600"),
    _id("of three dots", "..."),
    _id("that is a template", "{{ a }}"),
    _id("with a backslash", "..\\a"),
    _id("with a semicolon and a colon", "http://a;b:c@d"),
    Fault("10,000 IDs, from the list", _echo, "healthy", options={"trunk_ids": _IDS, "details": False}),
    Fault("an ID named twice", _echo, "healthy", options={"trunk_ids": ["a", "a"]}),
)
