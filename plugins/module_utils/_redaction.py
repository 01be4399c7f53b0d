# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Redact a secret in text, in each form that a service or a library may echo."""

from __future__ import annotations

import binascii
import re
from urllib.parse import unquote

SHORTEST_FORM = 8
"""The minimum length of a base64 or hexadecimal form to redact. Shorter ones occur by chance."""
SHORTEST_ESCAPED = 4
"""The minimum length of a secret to search for in escaped text, for the same reason."""

_ESCAPE_SIGNS = re.compile(r"[%&\\]")
_BACKSLASH_ESCAPE = re.compile(r"\\(?:u00([0-9A-Fa-f]{2})|x([0-9A-Fa-f]{2})|([^ux]))")
# The semicolon is optional, because some encoders omit it.
_NUMERIC_ENTITY = re.compile("&#(?:[xX]0*([2-7][0-9A-Fa-f])|0*(1[01][0-9]|12[0-6]|[3-9][0-9]));?")
_NAMED_ENTITY = re.compile("&[A-Za-z]{2,31};?")
_MAX_DECODINGS = 8
"""The maximum number of decoding passes, for a secret that was encoded several times."""
_DIGIT = "[A-Za-z0-9+/_-]"
"""A base64 character, in either alphabet."""


class Redactor:
    """Redact one secret.

    :param secret: the secret, without white space.
    :param replacement: the text to show instead.
    """

    __slots__ = ("_encoded", "_literal", "_replacement", "_secret", "_shortest")

    def __init__(self, secret: str, replacement: str) -> None:
        self._secret = secret
        self._replacement = replacement
        # In another letter case, an echoed secret still reveals most of it.
        flags = re.IGNORECASE if len(secret) >= SHORTEST_FORM else 0
        self._literal = re.compile(re.escape(secret), flags)
        self._encoded = _encoded_forms(secret)
        self._shortest = min(len(form) for form in (secret, *self._encoded))

    def hide(self, text: str) -> str:
        """Redact the secret in a text.

        The forms are plain text, base64 in both alphabets at any offset, and hexadecimal. When the text has the secret
        in percent-encoding, HTML entities or backslash escapes, the whole text is replaced.
        """
        if len(text) < self._shortest:
            return text
        for form in self._encoded:
            if form in text:
                # The characters at both ends have some bits of the secret as well.
                core = re.escape(form)
                text = re.sub(f"{_DIGIT}?{core}(?:(?!{core}){_DIGIT})?={{0,2}}", self._replacement, text)
        text = self._literal.sub(self._replacement, text)
        return self._replacement if _ESCAPE_SIGNS.search(text) and self._is_escaped_in(text) else text

    def _is_escaped_in(self, text: str) -> bool:
        if len(self._secret) < SHORTEST_ESCAPED:
            return False
        # Decoding changes a secret that has escape characters itself, so both are compared.
        decoded_secret = self._secret
        for _decoding in range(_MAX_DECODINGS):
            before, decoded_secret = text, _decode(decoded_secret)
            for step in (unquote, _unescape_html, _unescape_backslashes):
                text = step(text)
                if self._literal.search(text):
                    return True
            if len(decoded_secret) >= SHORTEST_FORM and decoded_secret.lower() in text.lower():
                return True
            if text == before:
                break
        return False


def _decode(text: str) -> str:
    return _unescape_backslashes(_unescape_html(unquote(text)))


def _unescape_html(text: str) -> str:
    text = _NUMERIC_ENTITY.sub(lambda match: chr(int(match[1], 16) if match[1] else int(match[2])), text)
    if not _NAMED_ENTITY.search(text):
        return text
    # Imported late, because its table of entities is slow to load.
    import html

    return _NAMED_ENTITY.sub(lambda match: html.unescape(match[0]), text)


def _unescape_backslashes(text: str) -> str:
    return _BACKSLASH_ESCAPE.sub(lambda match: match[3] or chr(int(match[1] or match[2], 16)), text)


def _encoded_forms(text: str) -> list[str]:
    """Return the hexadecimal forms, and the base64 forms at each offset without the ends that depend on other text."""
    forms: list[str] = [text.encode().hex(), text.encode().hex().upper()]
    for offset in range(3):
        encoded = binascii.b2a_base64(bytes(offset) + text.encode(), newline=False).decode()
        # A base64 character has six bits. Those that share bits with surrounding text are cut off.
        form = encoded[(8 * offset + 5) // 6 : 8 * (offset + len(text)) // 6]
        forms += {form, form.replace("+", "-").replace("/", "_")}
    return [form for form in forms if len(form) >= SHORTEST_FORM]
