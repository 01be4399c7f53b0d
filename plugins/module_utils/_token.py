# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""The token: carried, sent, and kept out of everything else."""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
from urllib.parse import unquote

from ._errors import TalkoverError

HIDDEN = "********"

SHORTEST_FORM = 8
"""The characters that a form of the token in base64 or hexadecimal must have to be hidden. Others occur by chance."""
SHORTEST_ESCAPED = 4
"""The characters that a token must have to be looked for behind escapes, for the same reason."""

_ESCAPE_SIGNS = re.compile(r"[%&\\]")
_BACKSLASH_ESCAPE = re.compile(r"\\(?:u00([0-9A-Fa-f]{2})|x([0-9A-Fa-f]{2})|([^ux]))")
# As lenient as a sloppy encoder: without a semicolon, an ASCII character still ends after its own digits.
_NUMERIC_ENTITY = re.compile("&#(?:[xX]0*([2-7][0-9A-Fa-f])|0*(1[01][0-9]|12[0-6]|[3-9][0-9]));?")
_NAMED_ENTITY = re.compile("&[A-Za-z]{2,31};?")
_MAX_DECODINGS = 8
"""How often a text is decoded to find a token that was encoded several times."""
_DIGIT = "[A-Za-z0-9+/_-]"
"""A character of base64, in either alphabet."""


class Token:
    """An API token that no repr, message or result shows.

    :param text: the token as the user gave it; surrounding white space is dropped.
    :raises TalkoverError: kind ``config``, when it is empty or cannot travel in a header.
    """

    __slots__ = ("_encoded", "_literal", "_shortest", "_text")

    def __init__(self, text: str) -> None:
        self._text = text.strip()
        if not self._text:
            raise TalkoverError("config", "api_token is empty. Set it, or the environment variable TALKOVER_TOKEN.")
        if not re.fullmatch(r"[\x21-\x7e]+", self._text):
            raise TalkoverError(
                "config",
                "api_token contains white space, a control character or a non-ASCII character. Check the token.",
            )
        # A token that was echoed in another letter case is still most of the secret.
        flags = re.IGNORECASE if len(self._text) >= SHORTEST_FORM else 0
        self._literal = re.compile(re.escape(self._text), flags)
        self._encoded = _encoded_forms(self._text)
        self._shortest = min(len(form) for form in (self._text, *self._encoded))

    def __repr__(self) -> str:
        return HIDDEN

    def __reduce__(self) -> str:
        raise TypeError("A token is not to be stored.")

    def header(self) -> str:
        """Give the value of the Authorization header: the one place where the token leaves."""
        return f"Bearer {self._text}"

    def digest(self, key: bytes, text: str) -> bytes:
        """Give 32 bytes that tell this token with this text from all others, and nothing to whoever lacks the key."""
        return hmac.digest(key, f"{self._text} {text}".encode(), "sha256")

    def fingerprint(self, scope: str) -> str:
        """Give a text that tells this token in a scope from all others, and that takes long to guess the token from."""
        return hashlib.pbkdf2_hmac("sha256", self._text.encode(), scope.encode(), 200_000).hex()

    def hide(self, text: str) -> str:
        """Replace the token in a text, in each form that a service or a library may echo it in.

        These are the token itself, base64 in both alphabets and at any offset, and hexadecimal. When the text has the
        token behind percent-encoding, HTML entities or backslash escapes, all of the text is replaced.
        """
        if len(text) < self._shortest:
            return text
        for form in self._encoded:
            if form in text:
                # The characters at both ends hold some bits of the token as well.
                core = re.escape(form)
                text = re.sub(f"{_DIGIT}?{core}(?:(?!{core}){_DIGIT})?={{0,2}}", HIDDEN, text)
        text = self._literal.sub(HIDDEN, text)
        return HIDDEN if _ESCAPE_SIGNS.search(text) and self._is_escaped_in(text) else text

    def _is_escaped_in(self, text: str) -> bool:
        if len(self._text) < SHORTEST_ESCAPED:
            return False
        # Decoding may change the token as well, when it has escape characters of its own.
        decoded_token = self._text
        for _decoding in range(_MAX_DECODINGS):
            before, decoded_token = text, _decode(decoded_token)
            for step in (unquote, _unescape_html, _unescape_backslashes):
                text = step(text)
                if self._literal.search(text):
                    return True
            if len(decoded_token) >= SHORTEST_FORM and decoded_token.lower() in text.lower():
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
    # Imported late: its table of entities takes longer to load than all else here.
    import html

    return _NAMED_ENTITY.sub(lambda match: html.unescape(match[0]), text)


def _unescape_backslashes(text: str) -> str:
    return _BACKSLASH_ESCAPE.sub(lambda match: match[3] or chr(int(match[1] or match[2], 16)), text)


def _encoded_forms(text: str) -> list[str]:
    """Return hexadecimal forms, and the parts of base64 that depend on the text alone, for each offset."""
    forms: list[str] = [text.encode().hex(), text.encode().hex().upper()]
    for offset in range(3):
        encoded = binascii.b2a_base64(bytes(offset) + text.encode(), newline=False).decode()
        # Six bits a character: those that share bits with what stands before or behind are cut off.
        form = encoded[(8 * offset + 5) // 6 : 8 * (offset + len(text)) // 6]
        forms += {form, form.replace("+", "-").replace("/", "_")}
    return [form for form in forms if len(form) >= SHORTEST_FORM]
