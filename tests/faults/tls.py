# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS: certificates of server and client, handshakes, and sources of CA certificates."""

from __future__ import annotations

import datetime as dt
import functools
import ssl
import warnings
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from .fault import HEALTHY, RECORD, Fault, Peer, Play, dripped, encoded, flooded, http, responds, sends

_NOW = dt.datetime.now(dt.timezone.utc)
_DAY = dt.timedelta(days=1)
_HOSTS = ("127.0.0.1", "::1", "localhost")


def write(folder: Path) -> None:
    """Write C(ca.pem), the certificates that it signed, and others, for the rows to use."""
    authority, other = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    other.cert_pem.write_to_path(str(folder / "other-ca.pem"))
    (folder / "both-cas.pem").write_bytes(other.cert_pem.bytes() + authority.cert_pem.bytes())
    (folder / "self.pem").write_bytes(other.private_key_pem.bytes() + other.cert_pem.bytes())
    issued = {
        "good": authority.issue_cert(*_HOSTS),
        "stranger": other.issue_cert(*_HOSTS),
        "other-name": authority.issue_cert("other.example"),
        "expired": authority.issue_cert(*_HOSTS, not_before=_NOW - 9 * _DAY, not_after=_NOW - _DAY),
        "future": authority.issue_cert(*_HOSTS, not_before=_NOW + _DAY, not_after=_NOW + 9 * _DAY),
        "client": authority.issue_cert("client@talkover.example"),
        "client-stranger": other.issue_cert("client@talkover.example"),
    }
    for name, leaf in issued.items():
        (folder / f"{name}.pem").write_bytes(leaf.private_key_and_cert_chain_pem.bytes())
    key = issued["client"].private_key_pem.bytes()
    locked = load_pem_private_key(key, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"a passphrase")
    )
    (folder / "locked.key").write_bytes(locked)
    (folder / "stranger.key").write_bytes(issued["stranger"].private_key_pem.bytes())
    (folder / "empty").write_bytes(b"")
    (folder / "folder").mkdir()


@functools.lru_cache(maxsize=4)
def contexts(folder: Path) -> dict[str, ssl.SSLContext]:
    """Return the contexts of servers, by the name of their certificate, or of what is odd about them."""
    names = ("good", "stranger", "other-name", "expired", "future", "self")
    made = {name: _context(folder / f"{name}.pem") for name in names}
    made["asking"] = _context(folder / "good.pem")
    made["asking"].verify_mode = ssl.CERT_REQUIRED
    made["asking"].load_verify_locations(folder / "ca.pem")
    made["old"] = _context(folder / "good.pem")
    with warnings.catch_warnings():
        # Deprecated, which is the fault to simulate.
        warnings.simplefilter("ignore", DeprecationWarning)
        made["old"].minimum_version = made["old"].maximum_version = ssl.TLSVersion.TLSv1
    made["old"].set_ciphers("ALL:@SECLEVEL=0")
    return made


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


_BODY = encoded(RECORD)
_WELL = responds(_BODY)
_HTTPS = {"api_url": "https://127.0.0.1:{port}/api/v1"}
_FILES = {"right": "{folder}/ca.pem", "wrong": "{folder}/other-ca.pem", "missing": "{folder}/no-such.pem"}
_ENDS = {"right": "healthy", "wrong": "tls", "missing": "config"}
_CAPITALS = {"api_url": "HTTPS://LOCALHOST:{port}/api/v1"}
_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


def dripping_handshake(peer: Peer) -> None:
    """Send the header of a 16 kB handshake message, and then one byte at a time."""
    peer.drip(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03" + bytes(900))


def _silent(peer: Peer) -> None:
    peer.silence()


def _sends(data: bytes) -> Play:
    def play(peer: Peer) -> None:
        peer.send(data)
        peer.silence()

    return play


def _client(name: str, kinds: str, certificate: str | None = None, key: str | None = None) -> Fault:
    files = {"client_cert": certificate, "client_key": key}
    return Fault(
        f"a client certificate {name}",
        _WELL,
        kinds,
        tls="asking",
        options={option: f"{{folder}}/{file}" for option, file in files.items() if file},
    )


def _bundles() -> tuple[Fault, ...]:
    rows = []
    for variable in _VARIABLES:
        for state, path in _FILES.items():
            name, environ = f"{variable} {state}", {variable: path}
            for beside, kind, options in (
                ("", _ENDS[state], {}),
                (", with ca_path", "healthy", {"ca_path": "{folder}/ca.pem"}),
                (", with a wrong ca_path", "tls", {"ca_path": "{folder}/other-ca.pem"}),
                (", with validate_certs: false", "healthy", {"validate_certs": False}),
            ):
                rows.append(Fault(name + beside, _WELL, kind, tls="good", environ=environ, options=options))
    return tuple(rows)


ROWS = (
    Fault("a valid response", _WELL, "healthy", tls="good"),
    Fault(
        "a name instead of an address", _WELL, "healthy", tls="good", options={"api_url": "https://localhost:{port}"}
    ),
    Fault("IPv6", _WELL, "healthy", tls="good", host="::1"),
    Fault("an unknown authority", _WELL, "tls", tls="stranger"),
    Fault("HTTPS:// in capitals", _WELL, "healthy", tls="good", options=_CAPITALS),
    Fault("HTTPS:// in capitals, an unknown authority", _WELL, "tls", tls="stranger", options=_CAPITALS),
    Fault(
        "HTTPS:// in capitals, with validate_certs: false",
        _WELL,
        "healthy",
        tls="stranger",
        options={**_CAPITALS, "validate_certs": False},
    ),
    Fault(
        "HTTPS:// in capitals, with a client certificate",
        _WELL,
        "healthy",
        tls="asking",
        options={**_CAPITALS, "client_cert": "{folder}/client.pem"},
    ),
    Fault(
        "HTTPS:// in capitals, dripping in the body",
        dripped(HEALTHY[: -len(_BODY)], _BODY),
        "timeout",
        retried=True,
        waits=True,
        tls="good",
        options=_CAPITALS,
    ),
    Fault(
        "HTTPS:// in capitals, endless headers",
        flooded(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        "bad_response",
        tls="good",
        options=_CAPITALS,
    ),
    Fault(
        "an authority that is one of two",
        _WELL,
        "healthy",
        tls="stranger",
        options={"ca_path": "{folder}/both-cas.pem"},
    ),
    Fault("the authorities of requests, which do not know it", _WELL, "tls", tls="good", options={"ca_path": None}),
    Fault("a certificate for another name", _WELL, "tls", tls="other-name"),
    Fault("an expired certificate", _WELL, "tls", tls="expired"),
    Fault("a certificate not yet valid", _WELL, "tls", tls="future"),
    Fault("a self-signed certificate", _WELL, "tls", tls="self"),
    *(
        Fault(f"{name}, with validate_certs: false", _WELL, "healthy", tls=name, options={"validate_certs": False})
        for name in ("stranger", "other-name", "expired", "self")
    ),
    Fault("plain HTTP on the port of TLS", _sends(http(400, b"speak TLS")), "tls", options=_HTTPS),
    Fault(
        "TLS on the port of plain HTTP",
        _WELL,
        "bad_response network",
        tls="good",
        options={"api_url": "http://127.0.0.1:{port}"},
    ),
    Fault("closed before the handshake", lambda peer: peer.half_close(), "network", retried=True, options=_HTTPS),
    Fault("reset before the handshake", lambda peer: peer.reset(), "network", retried=True, options=_HTTPS),
    Fault("a handshake that does not begin", _silent, "timeout", retried=True, waits=True, options=_HTTPS),
    Fault("a handshake that drips", dripping_handshake, "timeout", retried=True, waits=True, options=_HTTPS),
    Fault("an alert instead of a handshake", _sends(b"\x15\x03\x03\x00\x02\x02\x28"), "tls", options=_HTTPS),
    Fault("TLS 1.0 only", _WELL, "tls", tls="old"),
    Fault("no close-notify, no length, complete", sends(http(200, _BODY, length=False)), "healthy", tls="good"),
    Fault("no close-notify, no length, cut", sends(http(200, _BODY[:-1], length=False)), "bad_response", tls="good"),
    Fault("no close-notify, cut in the body", sends(HEALTHY[:-1]), "network", retried=True, tls="good"),
    Fault("no close-notify, cut in the headers", sends(HEALTHY[:20]), "network bad_response", tls="good"),
    _client("required and missing", "tls network"),
    _client("of another authority", "tls network", "client-stranger.pem"),
    _client("that is right", "healthy", "client.pem"),
    _client("with its key beside it", "healthy", "client.pem", "client.pem"),
    _client("and a key with a passphrase", "config", "client.pem", "locked.key"),
    _client("and a key that does not fit", "config", "client.pem", "stranger.key"),
    _client("that is missing", "config", "no-such.pem"),
    _client("that is empty", "config", "empty"),
    _client("that is a folder", "config", "folder"),
    _client("without its key", "config", "ca.pem"),
    _client("and a key that is missing", "config", "client.pem", "no-such.key"),
    _client("missing, and its key given", "config", None, "client.pem"),
    *(
        Fault(f"ca_path that is {name}", _WELL, kind, tls="good", options={"ca_path": f"{{folder}}/{file}"})
        for name, file, kind in (
            ("missing", "no-such.pem", "config"),
            ("empty", "empty", "config"),
            ("a key instead", "locked.key", "config"),
            ("an empty folder", "folder", "tls"),
        )
    ),
    *_bundles(),
)
