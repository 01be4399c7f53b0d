# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a row of the table: send the requests of the module, and return the outcome."""

from __future__ import annotations

import base64
import contextlib
import functools
import html
import html.entities
import json
import os
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from ...plugins.module_utils import _trunks
from ...plugins.module_utils._errors import TalkoverError
from ...plugins.module_utils._options import ConnectionOptions, TrunkQuery
from ..defaults import defaults
from . import tls
from .fault import TOKEN, TRUNK, Fault
from .server import Server

TIMEOUT = 30.0
"""The timeout in seconds where the server ends the attempt. Long, so that slow machines pass."""
SHORT = 1.0
"""The timeout in seconds where only the client ends the attempt."""
RETRIES = 1
LONGEST_BACKOFF = 0.5
SLACK = 20.0
"""The additional seconds for a busy machine. An attempt without a limit would never end."""


@dataclass
class Outcome:
    """Hold the outcome of a row.

    :param kind: C(healthy), C(unhealthy), an error kind, or C(crash).
    :param text: all text that a user could see.
    :param attempts: the number of attempts, if the outcome is an error.
    """

    kind: str
    text: str
    seconds: float
    attempts: int = 0
    accepted: int = 0
    error: TalkoverError | None = None


def bound(fault: Fault) -> float:
    """Return the seconds that a row may take: the formula of the guide, and what a busy machine may add."""
    return (RETRIES + 1) * (SHORT if fault.waits else TIMEOUT) + RETRIES * LONGEST_BACKOFF + SLACK


def options(url: str, **changed: Any) -> dict[str, Any]:
    """Return all options as an argument specification would, for a question about one trunk."""
    given = defaults() | {"api_token": TOKEN, "api_url": url, "timeout": TIMEOUT, "retries": RETRIES}
    return given | ({} if "all_trunks" in changed else {"trunk_ids": [TRUNK]}) | changed


def fetch_outcome(given: Mapping[str, Any]) -> Outcome:
    """Fetch with these options, and return the outcome."""
    started = time.monotonic()
    try:
        report = _trunks.fetch(ConnectionOptions.from_options(given), TrunkQuery.from_options(given))
        shown = json.dumps([report.trunks, report.missing, report.problems], ensure_ascii=False) + repr(report)
        return Outcome("healthy" if report.healthy else "unhealthy", shown, time.monotonic() - started)
    except TalkoverError as error:
        shown = "\n".join((str(error), repr(error), repr(error.args), json.dumps(error.as_dict()), _trace()))
        return Outcome(error.kind, shown, time.monotonic() - started, error.attempts, error=error)
    except BaseException:  # noqa: BLE001  # any other exception is a failure of the test
        return Outcome("crash", _trace(), time.monotonic() - started)


@contextlib.contextmanager
def played(fault: Fault, folder: Path) -> Iterator[tuple[Server, dict[str, Any]]]:
    """Run the server of a row for the duration of the block, and yield it with all options for requests to it.

    :param folder: the directory with the certificates of C(tls.write).
    """
    context = tls.contexts(folder)[fault.tls] if fault.tls else None
    with Server(fault.play, context, fault.host) as server:
        filled = _Filler(port=str(server.port), folder=str(folder))
        scheme, host = ("https" if fault.tls else "http"), f"[{fault.host}]" if ":" in fault.host else fault.host
        timeout = SHORT if fault.waits else TIMEOUT
        given = options(
            f"{scheme}://{host}:{server.port}/api/v1",
            **{"timeout": timeout, **{name: filled(value) for name, value in fault.options.items()}},
        )
        if fault.tls and "ca_path" not in fault.options and not fault.environ:
            given["ca_path"] = str(folder / "ca.pem")
        with environment({name: filled(value) for name, value in fault.environ.items()}):
            yield server, given


def run(fault: Fault, folder: Path) -> Outcome:
    """Run a row once, and return the outcome."""
    with played(fault, folder) as (server, given):
        # End even without a working limit, but too late for the test to pass.
        watchdog = threading.Timer(bound(fault), server.close)
        watchdog.start()
        outcome = fetch_outcome(given)
        watchdog.cancel()
        outcome.accepted = server.accepted
    return outcome


@contextlib.contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for the duration of the block."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def leaks(text: str, secret: str = TOKEN) -> list[str]:
    """Return the forms of the token that a text holds."""
    lower = text.lower()
    return [form for form in echoes(secret) | _parts(secret) if form.lower() in lower]


@functools.cache
def echoes(secret: str) -> frozenset[str]:
    """Return the forms in which a service or a library may echo a token."""
    signs = [char for char in secret if not char.isalnum()]
    plain = {
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        html.escape(secret),
        json.dumps(secret)[1:-1],
        secret.replace("/", "\\/"),
        repr(secret)[1:-1],
        *(_convert(secret, chars, form) for chars in (signs, secret) for form in _ESCAPES),
        *(_convert(secret, sign, form) for sign in signs for form in _ESCAPES),
    }
    twice = {form for once in plain for form in (quote(once, safe=""), html.escape(once), json.dumps(once)[1:-1])}
    return frozenset(plain | twice | {form for _first, form in _base64(secret)})


_NAMES = {char: name for name, char in html.entities.html5.items() if name.endswith(";")}
_ESCAPES: tuple[Callable[[str], str], ...] = (
    lambda char: f"\\u{ord(char):04x}",
    lambda char: f"\\u{ord(char):04X}",
    lambda char: f"\\x{ord(char):02x}",
    lambda char: f"%{ord(char):02X}",
    lambda char: f"%25{ord(char):02x}",
    lambda char: f"%2525{ord(char):02X}",
    lambda char: f"&#{ord(char)};",
    lambda char: f"&#{ord(char)}",
    lambda char: f"&#{ord(char):05};",
    lambda char: f"&#x{ord(char):x};",
    lambda char: f"&#X{ord(char):04X};",
    lambda char: f"&#x{ord(char):x}",
    lambda char: f"&{_NAMES[char]}" if char in _NAMES else char,
)


def _convert(secret: str, chars: Iterable[str], form: Callable[[str], str]) -> str:
    """Return the secret with some of its characters in another form."""
    return "".join(form(char) if char in chars else char for char in secret)


def _base64(secret: str) -> Iterator[tuple[int, str]]:
    """Return what base64 makes of a secret, and how many of its characters depend on what stands before it."""
    for lead in ("", "Bearer ", "x", "xx", "Authorization: Bearer "):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield -(-len(lead) * 8 // 6), encode(f"{lead}{secret}".encode()).decode()


@functools.cache
def _parts(secret: str) -> frozenset[str]:
    """Return parts of a token that count as leaks."""
    encoded = [form.rstrip("=")[first:-1] for first, form in _base64(secret)]
    return frozenset((secret[:9], secret[-9:], *(part for form in encoded for part in (form[:12], form[-12:]))))


class _Filler:
    def __init__(self, **values: str) -> None:
        self._values = values

    def __call__(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        for name, text in self._values.items():
            value = value.replace(f"{{{name}}}", text)
        return value


def _trace() -> str:
    return traceback.format_exc()
