# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""The token: carried, sent, and kept out of everything else."""

from __future__ import annotations

import binascii
import functools
import hashlib
import hmac
import itertools
import re

from ._errors import TalkoverError

HIDDEN = "********"

SHORTEST_FORM = 8
"""The characters that an encoded form of the token must have to be hidden. Shorter ones occur in innocent text."""

_ESCAPE_SIGNS = re.compile(r"[%&\\]")
_DIGIT = "[A-Za-z0-9+/_-]"
"""A character of base64, in either alphabet."""

# Those of HTML 5 for ASCII, by character. The module html takes longer to load than all else here.
_ENTITY_NAMES = (
    "excl quot num dollar percnt amp apos lpar rpar ast|midast plus comma period sol colon semi lt equals gt quest "
    "commat lsqb|lbrack bsol rsqb|rbrack hat lowbar|underbar grave|diacriticalgrave lcub|lbrace "
    "verbar|vert|verticalline rcub|rbrace"
)
_ENTITIES = dict(zip("!\"#$%&'()*+,./:;<=>?@[\\]^_`{|}", _ENTITY_NAMES.split()))


class Token:
    """An API token that no repr, message or result shows.

    :param text: the token as the user gave it; surrounding white space is dropped.
    :raises TalkoverError: kind ``config``, when it is empty or cannot travel in a header.
    """

    __slots__ = ("_base64", "_escaped", "_flags", "_literal", "_shortest", "_text")

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
        self._flags = re.IGNORECASE if len(self._text) >= SHORTEST_FORM else 0
        self._literal = re.compile(re.escape(self._text), self._flags)
        self._base64 = _base64_forms(self._text)
        self._shortest = min(len(form) for form in (self._text, *self._base64))
        self._escaped: re.Pattern[str] | None = None

    def __repr__(self) -> str:
        return HIDDEN

    def __reduce__(self) -> str:
        raise TypeError("A token is not to be stored.")

    def header(self) -> str:
        """Give the value of the Authorization header: the one place where the token leaves."""
        return f"Bearer {self._text}"

    def digest(self, text: str) -> bytes:
        """Return 32 bytes that tell this token with this text from all others, and that show neither of them."""
        return hmac.digest(self._text.encode(), text.encode(), "sha256")

    def fingerprint(self, scope: str) -> str:
        """Give a text that tells this token in a scope from all others, and that takes long to guess the token from."""
        return hashlib.pbkdf2_hmac("sha256", self._text.encode(), scope.encode(), 200_000).hex()

    def hide(self, text: str) -> str:
        """Replace the token in a text, in each form that a service or a library may echo it in.

        These are, in any mixture: the token itself, percent-encoding (also repeated), the escapes of JSON and other
        languages, and the entities of HTML; and base64, in both alphabets and at any offset. An encoded form of less
        than C(SHORTEST_FORM) characters stays, as hiding it would damage innocent text. The token itself never stays.
        """
        if len(text) < self._shortest:
            return text
        for form in self._base64:
            if form in text:
                # The characters at both ends hold some bits of the token as well.
                core = re.escape(form)
                text = re.sub(f"{_DIGIT}?{core}(?:(?!{core}){_DIGIT})?={{0,2}}", HIDDEN, text)
        text = self._literal.sub(HIDDEN, text)
        if not _ESCAPE_SIGNS.search(text):
            return text
        if self._escaped is None:
            # It takes some milliseconds to compile, and most runs never need it.
            self._escaped = re.compile(_escaped_forms(self._text), self._flags)
        return self._escaped.sub(self._hidden, text)

    def _hidden(self, match: re.Match[str]) -> str:
        found = match.group()
        return HIDDEN if len(found) >= SHORTEST_FORM or found == self._text else found


def _base64_forms(text: str) -> list[str]:
    """Return the parts of base64 that depend on the text alone, for each offset at which it may start."""
    forms: list[str] = []
    for offset in range(3):
        encoded = binascii.b2a_base64(bytes(offset) + text.encode(), newline=False).decode()
        # Six bits a character: those that share bits with what stands before or behind are cut off.
        form = encoded[(8 * offset + 5) // 6 : 8 * (offset + len(text)) // 6]
        if len(form) >= SHORTEST_FORM:
            forms += {form, form.replace("+", "-").replace("/", "_")}
    return forms


def _escaped_forms(text: str) -> str:
    """Return a pattern for the text with each character escaped in any way, or not at all.

    All repetitions have bounds, so that no text makes the search slow.
    """
    pattern = ""
    for char, run in itertools.groupby(text):
        count = len(list(run))
        # Escaping may double each backslash again and again, so their number is not known.
        pattern += f"{_escaped_char(char)}{{1,{8 * count}}}" if char == "\\" else _escaped_char(char) * count
    return pattern


# Each sign that begins or ends an escape may be percent-encoded itself.
_PERCENT = "%(?:25){0,4}"
_BACKSLASH = rf"(?:\\|{_PERCENT}5[Cc])"
_SEMICOLON = f"(?:;|{_PERCENT}3[Bb])?"
_AMPERSAND = f"(?:&|{_PERCENT}26)(?:(?i:amp){_SEMICOLON}){{0,4}}"


@functools.cache
def _escaped_char(char: str) -> str:
    code, digits = ord(char), f"(?i:{ord(char):02x})"
    coded = rf"{_BACKSLASH}{{1,8}}(?:u00|x){digits}"
    forms = [
        f"{_PERCENT}{digits}",
        f"{_AMPERSAND}(?:#|{_PERCENT}23)(?:0{{0,8}}{code}|[xX]0{{0,8}}{digits}){_SEMICOLON}",
        re.escape(char),
    ]
    if char in _ENTITIES:
        forms.insert(0, f"{_AMPERSAND}(?i:{_ENTITIES[char]}){_SEMICOLON}")
    any_form = f"(?:{'|'.join(forms)})"
    if char == "\\" or char.isalnum():
        return f"(?:{coded}|{any_form})"
    return f"(?:{coded}|{_BACKSLASH}{{0,8}}{any_form})"
