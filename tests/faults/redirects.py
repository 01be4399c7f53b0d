# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Redirects, which are never followed."""

from __future__ import annotations

from .fault import HEALTHY, TOKEN, Fault, Peer, Play, http


def to(location: str | None, status: int = 302) -> Play:
    """Return a play that redirects the first request, and returns a healthy trunk to a second one."""

    def play(peer: Peer) -> None:
        peer.request()
        target = () if location is None else (f"Location: {location.replace('{port}', str(peer.port))}",)
        peer.send(http(status, b"", *target))
        peer.request()
        peer.send(HEALTHY)

    return play


def _bad(name: str, location: str | None, status: int = 302, message: str = "") -> Fault:
    return Fault(name, to(location, status), "bad_response", message=message)


_SAME = "http://127.0.0.1:{port}/api/v1/other"

ROWS = (
    *(_bad(f"{status} to the same host", _SAME, status, "/api/v1/other") for status in (301, 302, 303, 307, 308)),
    *(_bad(f"status {status}", _SAME, status) for status in (300, 304, 305, 306, 399)),
    _bad("to another host", "https://evil.example/steal", message="https://evil.example/steal"),
    _bad("to another port", "http://127.0.0.1:1/api/v1", message="127.0.0.1:1"),
    _bad("to clear text elsewhere", "http://example.com/api/v1/sip-trunks/trunk-1", message="http://example.com"),
    Fault(
        "from TLS to clear text", to("http://127.0.0.1:{port}/api/v1"), "bad_response", tls="good", message="http://127"
    ),
    _bad("a relative one", "../login", message="../login"),
    _bad("to itself", "http://127.0.0.1:{port}/api/v1/sip-trunks/trunk-1"),
    _bad("without a Location", None, message="302"),
    _bad("a Location that echoes the token", f"https://evil.example/?t={TOKEN}", message="evil.example"),
    _bad("a Location that echoes the token, encoded", "https://e.example/?t=talq_F4ult%2fs3cret%2Bt0ken%3d%3D"),
    _bad("a Location of 60,000 characters", "https://evil.example/" + "a" * 60_000),
    _bad("a Location that is no URL", "http://[::1:/\x01\x1b[31m"),
    _bad("a Location that is not ASCII", "https://münchen.example/\u202e"),
)
