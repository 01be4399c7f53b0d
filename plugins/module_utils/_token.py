# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Hold the API token."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING

from ._errors import TalkoverError

if TYPE_CHECKING:
    from ._redaction import Redactor

HIDDEN = "********"


class Token:
    """Hold an API token without showing it in any repr, message or result.

    :param text: the token; surrounding white space is removed.
    :raises TalkoverError: kind ``config``, when it is empty or not valid in a header.
    """

    __slots__ = ("_redactor", "_text")

    def __init__(self, text: str) -> None:
        self._text = text.strip()
        if not self._text:
            raise TalkoverError("config", "api_token is empty. Set it, or the environment variable TALKOVER_TOKEN.")
        if not re.fullmatch(r"[\x21-\x7e]+", self._text):
            raise TalkoverError(
                "config",
                "api_token contains white space, a control character or a non-ASCII character. Check the token.",
            )
        self._redactor: Redactor | None = None

    def __repr__(self) -> str:
        return HIDDEN

    def __reduce__(self) -> str:
        raise TypeError("A token is not to be stored.")

    def header(self) -> str:
        """Return the value of the Authorization header."""
        return f"Bearer {self._text}"

    def digest(self, text: str) -> bytes:
        """Return the 32-byte HMAC of a text, with the token as the key."""
        return hmac.digest(self._text.encode(), text.encode(), "sha256")

    def fingerprint(self, scope: str) -> str:
        """Return a slow salted hash of the token that identifies it in a scope and resists guessing."""
        return hashlib.pbkdf2_hmac("sha256", self._text.encode(), scope.encode(), 200_000).hex()

    def hide(self, text: str) -> str:
        """Redact the token in a text, in each form that a service or a library may echo."""
        if self._redactor is None:
            # Imported late: a lookup of a cached record hides nothing.
            from ._redaction import Redactor

            self._redactor = Redactor(self._text, HIDDEN)
        return self._redactor.hide(text)
