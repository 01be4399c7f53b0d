# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that clear text is sent to loopback addresses only, regardless of the name. Real sockets, fake resolver."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.talkover.voice.tests.faults import runner
from ansible_collections.talkover.voice.tests.faults.fault import RECORD, encoded, responds
from ansible_collections.talkover.voice.tests.faults.server import Server

# It leads to this machine, and is no loopback address.
ELSEWHERE = "0.0.0.0"

_resolve = socket.getaddrinfo


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(responds(encoded(RECORD))) as running:
        yield running


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def resolve(host: str, port: int, **kwargs: Any) -> list[Any]:
        return [found for address in addresses for found in _resolve(address, port, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def test_the_address_elsewhere_would_reach_the_server(server: Server) -> None:
    socket.create_connection((ELSEWHERE, server.port), 5).close()


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "127.0.0.1"])
def test_http_connects_to_no_other_address(name: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, ELSEWHERE)
    outcome = runner.fetch_outcome(runner.options(f"http://{name}:{server.port}/api/v1"))
    assert (outcome.kind, outcome.attempts, server.accepted) == ("config", 1, 0)
    assert f"resolves to {ELSEWHERE}, which is not a loopback address" in outcome.text


def test_neither_does_it_through_a_proxy(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, ELSEWHERE)
    with runner.environment({"HTTP_PROXY": f"http://localhost:{server.port}"}):
        outcome = runner.fetch_outcome(runner.options("http://127.0.0.1:1/api/v1"))
    assert (outcome.kind, server.accepted) == ("config", 0)


def test_of_several_addresses_http_uses_the_loopback(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, ELSEWHERE, "127.0.0.1", ELSEWHERE)
    outcome = runner.fetch_outcome(runner.options(f"http://localhost:{server.port}/api/v1"))
    assert (outcome.kind, server.accepted) == ("healthy", 1)
