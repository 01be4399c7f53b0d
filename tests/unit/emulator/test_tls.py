# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator over TLS."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.unit.emulator.client import ask


class Files:
    """A certificate authority, and a certificate of it, for both ends."""

    def __init__(self, folder: Path) -> None:
        self.ca = trustme.CA()
        self.ca_file = folder / "ca.pem"
        self.ca.cert_pem.write_to_path(str(self.ca_file))
        certificate = self.ca.issue_cert("127.0.0.1", "client@talkover.example")
        self.cert_file = folder / "cert.pem"
        self.key_file = folder / "key.pem"
        certificate.private_key_pem.write_to_path(str(self.key_file))
        for blob in certificate.cert_chain_pems:
            blob.write_to_path(str(self.cert_file), append=True)

    def context(self) -> ssl.SSLContext:
        """Trust the authority."""
        return ssl.create_default_context(cafile=str(self.ca_file))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("tls"))


def test_tls(files: Files) -> None:
    with Emulator(certfile=str(files.cert_file), keyfile=str(files.key_file)) as service:
        assert ask(service, "/sip-trunks", context=files.context()).status == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(service, "/sip-trunks", context=ssl.create_default_context())
        assert ask(service, "/sip-trunks", context=files.context()).status == 200


def test_client_certificate(files: Files) -> None:
    with Emulator(certfile=str(files.cert_file), keyfile=str(files.key_file), client_ca=str(files.ca_file)) as service:
        context = files.context()
        with pytest.raises(OSError, match=r"(?i)certificate required|handshake failure"):
            ask(service, "/sip-trunks", context=context)
        context.load_cert_chain(str(files.cert_file), str(files.key_file))
        assert ask(service, "/sip-trunks", context=context).status == 200
        assert len(service.requests) == 1


def test_a_stalled_handshake_holds_up_nobody(files: Files) -> None:
    with Emulator(certfile=str(files.cert_file), keyfile=str(files.key_file)) as service:
        parts = urlsplit(service.url)
        with socket.create_connection((str(parts.hostname), parts.port or 0), timeout=10):
            assert ask(service, "/sip-trunks", context=files.context()).status == 200
            service.close()


def test_a_stalled_handshake_times_out(files: Files) -> None:
    with Emulator(certfile=str(files.cert_file), keyfile=str(files.key_file), timeout=0.2) as service:
        parts = urlsplit(service.url)
        with socket.create_connection((str(parts.hostname), parts.port or 0), timeout=10) as client:
            client.sendall(b"\x16")
            assert client.recv(1) == b""


def test_an_unusable_certificate_is_named(files: Files) -> None:
    with pytest.raises(OSError, match=r"no-such\.pem"):
        Emulator(certfile="no-such.pem")
