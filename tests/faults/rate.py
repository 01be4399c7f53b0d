# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rate limits: response headers about the window, and requested waits."""

from __future__ import annotations

from .fault import RECORD, Fault, Peer, Play, encoded, http

_THREE = ["trunk-1", "trunk-2", "trunk-3"]
_HOUR = '{"error": {"message": "Slow down.", "details": {"retry_after": %s}}}'


def _limited(*headers: str, body: str = "", status: int = 429, times: int = 1) -> Play:
    """Return a play that refuses some requests, and then responds with a healthy trunk."""

    def play(peer: Peer) -> None:
        for _refused in range(times):
            peer.request()
            peer.send(http(status, body.encode(), *headers))
        peer.request()
        peer.send(http(200, encoded(RECORD)))

    return play


def _with_headers(*headers: str) -> Play:
    """Return a play that responds with a healthy trunk and these headers each time."""

    def play(peer: Peer) -> None:
        while True:
            trunk_id = peer.request().split()[1].rsplit("/", 1)[1]
            peer.send(http(200, encoded({**RECORD, "id": trunk_id}), *headers))

    return play


def _passes(name: str, *headers: str, body: str = "", status: int = 429) -> Fault:
    return Fault(name, _limited(*headers, body=body, status=status), "healthy")


def _fails_at_once(name: str, *headers: str, body: str = "", status: int = 429, message: str = "asks to wait") -> Fault:
    kind = "rate_limited" if status == 429 else "server"
    return Fault(name, _limited(*headers, body=body, status=status), kind, message=message)


def _window(name: str, *headers: str) -> Fault:
    return Fault(f"a window with {name}", _with_headers(*headers), "healthy", options={"trunk_ids": _THREE})


def _waits(name: str, play: Play, max_wait: float) -> Fault:
    """Return the row of waits that would take longer than C(max_wait) allows."""
    given = {"trunk_ids": _THREE, "max_wait": max_wait, "max_connections": 1, "retries": 1}
    return Fault(f"{name}, beyond max_wait", play, "rate_limited", options=given, message="Raise max_wait")


_NO_RETRIES = {"retries": 0}
_SOON_RESET = "X-RateLimit-Reset: 1"
_NONE_LEFT = "X-RateLimit-Remaining: 0"
_FORMS = {
    "RFC 1123": ("Fri, 01 Jan 2100 00:00:00 GMT", "Fri, 31 Jan 2020 00:00:00 GMT"),
    "RFC 850": ("Friday, 01-Jan-68 00:00:00 GMT", "Friday, 31-Jan-20 00:00:00 GMT"),
    "asctime": ("Fri Jan  1 00:00:00 2100", "Fri Jan 31 00:00:00 2020"),
}

# The clock of this service is decades ahead, so that "in an hour" does not depend on the local clock.
_THEN = "Date: Sat, 01 Jan 2050 00:00:00 GMT"
_SOON = {
    "RFC 1123": "Sat, 01 Jan 2050 {} GMT",
    "RFC 850": "Saturday, 01-Jan-50 {} GMT",
    "asctime": "Sat Jan  1 {} 2050",
}

ROWS = (
    _passes("429 once, without a time"),
    _passes("429 once, Retry-After in seconds", "Retry-After: 1"),
    _passes("429 once, Retry-After at once", "Retry-After: 0"),
    _passes("503 once, Retry-After in seconds", "Retry-After: 1", status=503),
    *(
        _passes(f"429 once, Retry-After in the past, {form}", f"Retry-After: {past}")
        for form, (_far, past) in _FORMS.items()
    ),
    *(
        _passes(f"429 once, Retry-After {value!r}", f"Retry-After: {value}")
        for value in ("-5", "soon", "", "1e1", "NaN", "Fri, 99 Foo 2020 99:99:99 GMT", "0" * 999, "0x10")
    ),
    *(
        _passes(f"429 once, reset {value!r}", f"X-RateLimit-Reset: {value}", "X-RateLimit-Remaining: 0")
        for value in ("1", "0", "-1", "soon", "", "1e9", "1580428800", "1.5", "NaN", "0" * 400)
    ),
    _passes("429 once, a wait in the body", body=_HOUR % "0.5"),
    *(
        _passes(f"429 once, a wait of {value} in the body", body=_HOUR % value)
        for value in ("null", '"soon"', "-5", "[]", "true")
    ),
    _fails_at_once("429, an hour to wait", "Retry-After: 3600", message="3600 s"),
    _fails_at_once("429, 61 seconds to wait", "Retry-After: 61", message="61 s"),
    *(
        _fails_at_once(f"429, Retry-After far ahead, {form}", f"Retry-After: {far}")
        for form, (far, _past) in _FORMS.items()
    ),
    *(
        _fails_at_once(
            f"429, Retry-After in an hour, {form}", _THEN, f"Retry-After: {soon.format('01:00:00')}", message="3600 s"
        )
        for form, soon in _SOON.items()
    ),
    *(
        _passes(f"429 once, Retry-After in a second, {form}", _THEN, f"Retry-After: {soon.format('00:00:01')}")
        for form, soon in _SOON.items()
    ),
    _passes("429 once, and room for 99 more", "X-RateLimit-Remaining: 99", "X-RateLimit-Reset: 0"),
    _fails_at_once("429, an hour in the body", body=_HOUR % 3600, message="3600 s"),
    _fails_at_once("429, an hour in the body and a second in the header", "Retry-After: 1", body=_HOUR % 3600),
    _fails_at_once("503, an hour to wait", "Retry-After: 3600", status=503, message="3600 s"),
    Fault("429 always", _limited("X-RateLimit-Reset: 0", times=99), "rate_limited", retried=True),
    Fault("429 always, Retry-After at once", _limited("Retry-After: 0", times=99), "rate_limited", retried=True),
    Fault("429 always, without a time", _limited(times=99), "rate_limited", retried=True),
    Fault("429 once, Retry-After in seconds, no retries", _limited("Retry-After: 1"), "healthy", options=_NO_RETRIES),
    Fault("429 once, reset in seconds, no retries", _limited(_SOON_RESET), "healthy", options=_NO_RETRIES),
    Fault("429 three times, Retry-After in seconds", _limited("Retry-After: 1", times=3), "healthy"),
    Fault("429 once, without a time, no retries", _limited(), "rate_limited", options=_NO_RETRIES),
    _waits("429 always, Retry-After in seconds", _limited("Retry-After: 1", times=99), 2.5),
    _waits("429 always, reset in seconds", _limited(_SOON_RESET, times=99), 2.5),
    _waits("429 once, reset in a minute", _limited("X-RateLimit-Reset: 60"), 30),
    _waits("429 once, Retry-After in seconds, no time to wait", _limited("Retry-After: 1"), 0),
    _waits("a window with none left until later than max_wait", _with_headers(_NONE_LEFT, "X-RateLimit-Reset: 60"), 30),
    Fault("503 always", _limited(status=503, times=99), "server", retried=True),
    _window("room", "X-RateLimit-Remaining: 99", "X-RateLimit-Reset: 60"),
    _window("none left, each time, and a reset now", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 0"),
    _window("none left, and a reset in the past", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1580428800"),
    _window("none left, and no reset", "X-RateLimit-Remaining: 0"),
    _window("none left, and a negative reset", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: -9"),
    _window("less than none left", "X-RateLimit-Remaining: -5", "X-RateLimit-Reset: 60"),
    _window("words instead of numbers", "X-RateLimit-Remaining: some", "X-RateLimit-Reset: soon"),
    _window("a reset a year ahead, and room", "X-RateLimit-Remaining: 50", "X-RateLimit-Reset: 31536000"),
    _window("a year as Unix time ahead, and room", "X-RateLimit-Remaining: 50", "X-RateLimit-Reset: 4000000000"),
    _window("a Remaining of 400 digits", "X-RateLimit-Remaining: " + "9" * 400, "X-RateLimit-Reset: 60"),
)
