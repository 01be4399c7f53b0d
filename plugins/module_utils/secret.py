# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""The token: carried, sent, and kept out of everything else."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from urllib.parse import quote

from .errors import TalkoverError

HIDDEN = "********"


class Token:
    """An API token that no repr, message or result shows.

    :param text: the token as the user gave it; surrounding white space is dropped.
    :raises TalkoverError: kind ``config``, when it is empty or cannot travel in a header.
    """

    __slots__ = ("_pattern", "_text")

    def __init__(self, text: str) -> None:
        self._text = text.strip()
        if not self._text:
            raise TalkoverError("config", "api_token is empty. Set it, or the environment variable TALKOVER_TOKEN.")
        if not re.fullmatch(r"[\x21-\x7e]+", self._text):
            raise TalkoverError(
                "config",
                "api_token has white space inside, a control character or one outside ASCII, which no token has.",
            )
        forms = {
            self._text,
            quote(self._text, safe=""),
            _escaped(self._text),
            json.dumps(self._text)[1:-1],
            json.dumps(self._text)[1:-1].replace("/", "\\/"),
        }
        # The longest first, so that no form is cut by a shorter one inside it; percent-encoding may use either case.
        self._pattern = re.compile(
            "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)),
            0 if len(forms) == 1 else re.IGNORECASE,
        )

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
        """Replace the token in a text, in each form that a service or a library may echo it in."""
        return self._pattern.sub(HIDDEN, text)


def _escaped(text: str) -> str:
    if not re.search("[&<>\"']", text):
        return text
    # Hardly any token needs its table of entities, which takes longer to load than all else here.
    import html

    return html.escape(text)
