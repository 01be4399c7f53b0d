# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Sanitize untrusted text for messages."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

MAX_QUOTE = 300
"""The maximum number of characters that a message quotes."""

# The characters of templates, strings, calls, subscripts, filters and powers, and those that start a header of template
# options and a vaulted text.
_CODE = str.maketrans("{}()[]'\"`|*#$", "❴❵❨❩❲❳\u2019\u201d\u2019¦∗♯＄")  # noqa: RUF001  # they look alike on purpose

# Where a blank separates the characters of a template marker, and the number sign of a header of template options.
_MARKER = re.compile(r"(?<=\{)(?=[{%#])|(?<=[}%#])(?=\})|(?<=#)(?=jinja2:)")


def sanitize(text: str, longest: int = MAX_QUOTE) -> str:
    """Return text as one line without control, format and surrogate characters, cut to longest characters.

    Format characters (Unicode category Cf) include bidirectional marks, which can reorder a message. Template markers
    are separated by a blank, because ansible-core 2.18 and older can forget that a text is unsafe.
    """
    # Each character yields at most one, so text far beyond the cut is skipped.
    head = text[: 20 * longest]
    kept = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in head)
    line = _MARKER.sub(" ", " ".join(kept.split()))
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def neutralize(text: str, longest: int = MAX_QUOTE) -> str:
    """Return sanitized text that Jinja2 cannot evaluate to more than names and numbers.

    Each character that a template, a string, a call, a subscript or a filter needs is replaced by a similar one. So is
    the asterisk, because a large power takes hours, the number sign, because Ansible reads C(#jinja2:) as a header of a
    template, and the dollar sign, because ansible-rulebook tries to decrypt a text with C($ANSIBLE_VAULT), and fails.
    """
    # Similar characters first: they are no markers, so none of them is separated.
    return sanitize(text.translate(_CODE), longest)


def neutralize_id(text: str) -> str:
    """Return an ID with the same characters, and with control characters, in percent-encoding.

    An ID without such characters is not changed, so that it can be used in a request.
    """
    unsafe = {*map(chr, _CODE), "%"}
    return "".join(
        quote(char, safe="", errors="replace") if char in unsafe or unicodedata.category(char)[0] == "C" else char
        for char in text[:MAX_QUOTE]
    )
