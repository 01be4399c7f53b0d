# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The transport: the hooks of urllib3, the TLS context, and the sockets that the adapter uses."""

from __future__ import annotations

import os
import ssl
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import trustme
from urllib3 import connection, connectionpool

from ansible_collections.talkover.voice.plugins.module_utils import _transport
from ansible_collections.talkover.voice.plugins.module_utils._errors import AttemptFailed, TalkoverError
from ansible_collections.talkover.voice.plugins.module_utils._options import CA_VARIABLES, ConnectionOptions
from ansible_collections.talkover.voice.plugins.module_utils._sockets import (
    BoundedSocket,
    BoundedTLSSocket,
    Deadline,
    deadline,
)
from ansible_collections.talkover.voice.tests.defaults import defaults
from ansible_collections.talkover.voice.tests.faults.fault import Peer, http
from ansible_collections.talkover.voice.tests.faults.server import Server


def options(api_url: str = "https://api.example.com", **given: Any) -> ConnectionOptions:
    return ConnectionOptions.from_options({**defaults(), "api_token": "talq_x", "api_url": api_url, **given})


def test_the_installed_libraries_have_all_hooks() -> None:
    assert _transport.IMPORT_ERROR is None
    _transport.check_hooks()
    assert version("urllib3") in _transport.libraries()


@pytest.mark.parametrize("hook", ["_new_conn", "_put_conn", "_validate_conn"])
def test_a_missing_hook_is_a_configuration_error(hook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for owner in (
        connection.HTTPConnection,
        connection.HTTPSConnection,
        connectionpool.HTTPConnectionPool,
        connectionpool.HTTPSConnectionPool,
    ):
        if hook in vars(owner):
            monkeypatch.delattr(owner, hook)
    with pytest.raises(AttemptFailed, match=hook) as caught:
        _transport.check_hooks()
    assert caught.value.kind == "config"


@pytest.mark.parametrize(
    ("last", "tls", "supported"),
    [
        (BoundedTLSSocket, True, True),
        (BoundedSocket, False, True),
        (BoundedSocket, True, False),
        (None, False, False),
    ],
)
def test_a_response_must_come_through_a_bounded_socket(last: Any, tls: bool, supported: bool) -> None:
    current = Deadline(1, 1)
    # An unconnected socket: only its class counts.
    current.last_socket = last.__new__(last) if last else None
    if supported:
        _transport.check_received(current, tls=tls)
    else:
        with pytest.raises(AttemptFailed):
            _transport.check_received(current, tls=tls)


def test_the_tls_context_verifies_by_default() -> None:
    context = _transport.tls_context(options())
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.get_ca_certs()


def test_the_tls_context_trusts_only_ca_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    assert len(_transport.tls_context(options(ca_path=str(tmp_path / "ca.pem"))).get_ca_certs()) == 1


def test_the_tls_context_without_validation() -> None:
    context = _transport.tls_context(options(validate_certs=False))
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)


@pytest.mark.parametrize("option", ["ca_path", "client_cert"])
def test_an_unreadable_file_is_a_configuration_error(option: str, tmp_path: Path) -> None:
    path = tmp_path / "damaged.pem"
    path.write_text("no PEM", encoding="utf-8")
    for given in (path, tmp_path / "missing.pem"):
        with pytest.raises(TalkoverError, match=option) as caught:
            _transport.tls_context(options(**{option: str(given)}))
        assert caught.value.kind == "config"


@pytest.mark.parametrize("name", ["ca_path", "client_cert", "client_key", *CA_VARIABLES])
def test_a_fifo_is_a_configuration_error(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Opening it would wait for ever.
    path = str(tmp_path / "fifo")
    os.mkfifo(path)
    given = {}
    if name in CA_VARIABLES:
        monkeypatch.setenv(name, path)
    else:
        trustme.CA().cert_pem.write_to_path(str(tmp_path / "client.pem"))
        given = {"client_cert": str(tmp_path / "client.pem")} if name == "client_key" else {}
        given[name] = path
    with pytest.raises(TalkoverError, match=f"{name} .*neither a file nor a directory") as caught:
        _transport.tls_context(options(**given))
    assert caught.value.kind == "config"


def test_the_client_certificate_is_not_for_a_proxy(tmp_path: Path) -> None:
    given = options(client_cert=str(tmp_path / "missing.pem"))
    with pytest.raises(TalkoverError):
        _transport.tls_context(given)
    _transport.tls_context(given, "https://proxy.example.com")


def send(adapter: Any, url: str) -> int:
    import requests

    with deadline(5, 10_000) as current:
        response = adapter.send(requests.Request("GET", url).prepare(), stream=True, timeout=5, proxies={})
        response.raw.read()
        _transport.check_received(current, tls=False)
        response.close()
    return int(response.status_code)


def test_the_adapter_drops_a_connection_with_unread_data() -> None:
    def play(peer: Peer) -> None:
        peer.request()
        peer.send(http(200, b"{}") + http(200, b"{}"))
        peer.silence()

    with Server(play) as server:
        url = f"http://127.0.0.1:{server.port}/"
        adapter = _transport.BoundedAdapter(options(url), None)
        assert [send(adapter, url) for _number in range(2)] == [200, 200]
        adapter.close()
    assert server.accepted == 2


def test_the_adapter_keeps_a_connection_that_is_read_to_its_end() -> None:
    def play(peer: Peer) -> None:
        for _number in range(2):
            peer.request()
            peer.send(http(200, b"{}"))

    with Server(play) as server:
        url = f"http://127.0.0.1:{server.port}/"
        adapter = _transport.BoundedAdapter(options(url), None)
        assert [send(adapter, url) for _number in range(2)] == [200, 200]
        adapter.close()
    assert server.accepted == 1
