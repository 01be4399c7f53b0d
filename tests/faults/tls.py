# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates for the table of faults, and what a server speaks TLS with."""

from __future__ import annotations

import functools
import ssl
from pathlib import Path

import trustme


def write(folder: Path) -> None:
    """Write what the rows name: C(ca.pem) and the certificates that it signed, and those that it did not."""
    authority, other = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    other.cert_pem.write_to_path(str(folder / "other-ca.pem"))
    (folder / "both-cas.pem").write_bytes(authority.cert_pem.bytes() + other.cert_pem.bytes())
    _issue(authority, folder / "good.pem", "127.0.0.1", "::1", "localhost")


def _issue(authority: trustme.CA, path: Path, *names: str) -> None:
    path.write_bytes(authority.issue_cert(*names).private_key_and_cert_chain_pem.bytes())


@functools.lru_cache(maxsize=4)
def contexts(folder: Path) -> dict[str, ssl.SSLContext]:
    """Give the contexts of servers, by name."""
    return {"good": _context(folder / "good.pem")}


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
