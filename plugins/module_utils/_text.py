# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Sanitize untrusted text for messages."""

from __future__ import annotations

import unicodedata

MAX_QUOTE = 300
"""The maximum number of characters that a message quotes."""


def sanitize(text: str, longest: int = MAX_QUOTE) -> str:
    """Return text as one line without control, format and surrogate characters, cut to longest characters.

    Format characters (Unicode category Cf) include bidirectional marks, which can reorder a message.
    """
    # Each character yields at most one, so text far beyond the cut is skipped.
    head = text[: 20 * longest]
    kept = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in head)
    line = " ".join(kept.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
