# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Other people's words, made fit to be printed."""

from __future__ import annotations

import unicodedata

MAX_QUOTE = 300
"""How many characters of foreign text one message may hold."""


def sanitize(text: str, longest: int = MAX_QUOTE) -> str:
    """Give text on one line, without control, format or surrogate characters, cut to longest characters.

    Format characters (Unicode category Cf) go as well: bidirectional marks can turn a message around.
    """
    # A character makes at most one of the result, so what is far beyond the cut need not be looked at.
    head = text[: 20 * longest]
    kept = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in head)
    line = " ".join(kept.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
