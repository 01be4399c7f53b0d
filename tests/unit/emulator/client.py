# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Send requests to the emulator without code of the collection."""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.emulator.emulator import TOKEN


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def data(self) -> Any:
        assert self.status == 200, self.raw
        assert self.json["success"] is True
        return self.json["data"]


@contextlib.contextmanager
def connect(service: Emulator, context: ssl.SSLContext | None = None) -> Iterator[http.client.HTTPConnection]:
    parts = urlsplit(service.url)
    assert parts.hostname
    assert parts.scheme == ("https" if context else "http")
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    if context:
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=10, context=context)
    with contextlib.closing(connection):
        yield connection


def ask(
    service: Emulator,
    path: str,
    *,
    method: str = "GET",
    token: str | None = TOKEN,
    connection: http.client.HTTPConnection | None = None,
    context: ssl.SSLContext | None = None,
) -> Answer:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    with contextlib.ExitStack() as stack:
        used = connection or stack.enter_context(connect(service, context))
        used.request(method, f"/api/v1{path}", headers=headers)
        response = used.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
