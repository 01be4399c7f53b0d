# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Collect all rows of the table of faults, by section."""

from __future__ import annotations

from pathlib import Path

from . import bodies, framing, https_proxies, messages, options, rate, redirects, surroundings, tls, verdict, wire
from .fault import Fault

SECTIONS: dict[str, tuple[Fault, ...]] = {
    "Wire": wire.ROWS + framing.ROWS,
    "TLS": tls.ROWS,
    "Proxies": surroundings.ROWS,
    "HTTPS proxies": https_proxies.ROWS,
    "netrc": surroundings.NETRC,
    "Redirects": redirects.ROWS,
    "Messages": messages.ROWS,
    "JSON": bodies.ROWS,
    "Verdict": verdict.ROWS,
    "Rate": rate.ROWS,
    "Options": options.ROWS,
}

FAULTS: dict[str, Fault] = {f"{section}: {fault.name}": fault for section, rows in SECTIONS.items() for fault in rows}


def write(folder: Path) -> None:
    """Write the files that rows use to a directory."""
    tls.write(folder)
    surroundings.write(folder)
    tls.contexts(folder)
