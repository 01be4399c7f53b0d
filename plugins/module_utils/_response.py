# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Decode a response body, and parse it to data that Ansible supports or to an API error.

The envelope and the four error formats are documented at docs.talkover.ai, under API errors.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from typing import Any, NamedTuple

from ._text import sanitize
from ._token import HIDDEN, Token

MAX_DEPTH = 64
"""The maximum nesting depth. With 500 levels, ansible-core 2.21 loses the task's result without an error."""

MAX_DIGITS = 4300
"""The maximum number of digits of an integer, which is Python's default limit for printing one."""

_MAX_SECONDS = 10**15
_SURROGATE = re.compile("[\ud800-\udfff]")
_TAG = re.compile("<[^<>]*>")


class InvalidResponse(Exception):
    """Report an invalid response. The text completes a sentence that starts with "The response"."""


class APIError(NamedTuple):
    """Hold an error of the API, in whichever format it was sent. ``wait`` is in seconds."""

    message: str = ""
    code: str | None = None
    wait: float | None = None


def inflate(body: bytes, encoding: str, limit: int) -> bytes:
    """Decompress a body, and stop as soon as the result is larger than limit bytes.

    :raises InvalidResponse: for an encoding that was not requested, and for data that is damaged or too large.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        inflated = body
    elif name in ("gzip", "x-gzip", "deflate"):
        inflated = _inflate(body, name, limit)
    else:
        raise InvalidResponse(f"has the content encoding {sanitize(encoding, 40)!r}, which was not requested")
    if len(inflated) > limit:
        raise InvalidResponse(f"is larger than {limit} bytes")
    return inflated


def _inflate(body: bytes, name: str, limit: int) -> bytes:
    # "deflate" is a zlib stream in the standard, but some servers send a raw deflate stream.
    windows = (zlib.MAX_WBITS, -zlib.MAX_WBITS) if name == "deflate" else (16 + zlib.MAX_WBITS,)
    for window in windows:
        engine = zlib.decompressobj(window)
        try:
            inflated = engine.decompress(body, limit + 1)
        except zlib.error:
            continue
        if len(inflated) <= limit and (not engine.eof or engine.unused_data):
            raise InvalidResponse(f"has {name} data that is incomplete or has more data after its end")
        return inflated
    raise InvalidResponse(f"has invalid {name} data")


def parse_json(body: bytes, token: Token) -> Any:
    """Parse strict JSON (RFC 8259), limited to the values that ansible-core supports.

    C(password) is removed at any depth (the API documents it as write-only), and the token is hidden.

    :raises InvalidResponse: for invalid or unsupported JSON.
    """
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_printable_integer,
        )
    except UnicodeDecodeError:
        raise InvalidResponse("is not UTF-8") from None
    except RecursionError:
        raise InvalidResponse(f"is nested deeper than {MAX_DEPTH} levels") from None
    except json.JSONDecodeError as error:
        raise InvalidResponse(f"is not JSON ({error.msg} at character {error.pos})") from None
    return _clean_value(value, token, MAX_DEPTH)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidResponse("is not strict JSON: an object has a duplicate name")
    if any(name.startswith("__ansible_") for name in members):
        # ansible-core reserves these names for tagged, encrypted and unsafe values, and would lose the result.
        raise InvalidResponse("has a name that begins with __ansible_, which ansible-core reserves")
    members.pop("password", None)
    return members


def _no_constant(name: str) -> Any:
    raise InvalidResponse(f"is not strict JSON: {name} is not a JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise InvalidResponse("contains a number that is too large")
    return number


def _printable_integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise InvalidResponse("contains an integer that is too long")
    return int(digits)


def _clean_value(value: Any, token: Token, levels: int) -> Any:
    if isinstance(value, str):
        if _SURROGATE.search(value):
            raise InvalidResponse("contains a lone surrogate")
        return token.hide(value)
    if isinstance(value, (dict, list)):
        if not levels:
            raise InvalidResponse(f"is nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, list):
            return [_clean_value(item, token, levels - 1) for item in value]
        return {_clean_value(name, token, 0): _clean_value(item, token, levels - 1) for name, item in value.items()}
    if isinstance(value, int) and not isinstance(value, bool) and token.hide(str(value)) != str(value):
        return HIDDEN
    return value


def parse_error_body(body: bytes, token: Token) -> APIError:
    """Parse an error response, in one of the four documented formats or any other text."""
    try:
        envelope = parse_json(body, token)
    except InvalidResponse:
        # Hide the token before and after tags are removed, because a tag may split it.
        text = token.hide(body.decode("utf-8", "replace"))
        if token.hide(_TAG.sub("", text)) != _TAG.sub("", text):
            return APIError()
        text = _TAG.sub(" ", text)
        if '"password"' in text:
            # A password cannot be removed from damaged JSON.
            return APIError()
        return APIError(sanitize(token.hide(text)))
    return parse_error(envelope)


def parse_error(envelope: Any) -> APIError:
    """Return the message, the code and the wait of an error envelope.

    Formats 1 and 2 have them under C(error), formats 3 and 4 at the top level. C(errors) has the fields of a 422.
    """
    if not isinstance(envelope, dict):
        return APIError()
    inner = envelope.get("error")
    inner = inner if isinstance(inner, dict) else {"message": inner}
    details = inner.get("details")
    message = next((text for text in (inner.get("message"), envelope.get("message")) if isinstance(text, str)), "")
    fields = envelope.get("errors")
    if isinstance(fields, dict) and fields:
        message += " " + json.dumps(fields, ensure_ascii=False)
    code = next((text for text in (inner.get("code"), envelope.get("code")) if isinstance(text, str)), None)
    return APIError(
        sanitize(message),
        sanitize(code, 80) if code else None,
        seconds(details.get("retry_after")) if isinstance(details, dict) else None,
    )


def seconds(value: Any) -> float | None:
    """Return a header or JSON value as seconds, zero or more, or C(None) for anything else."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        # A JSON integer may be too large for a float.
        return float(min(value, _MAX_SECONDS))
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,9})?", value.strip()):
        return float(value)
    return None
