# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the JSON envelope of responses: one format for success, and the four documented formats for errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

ERROR_SHAPES = (1, 2, 3, 4)


def success(data: Any, meta: Mapping[str, int] | None = None) -> bytes:
    """Return the body of a successful response, with C(meta) for a paged list."""
    return encode({"success": True, "data": data} if meta is None else {"success": True, "data": data, "meta": meta})


def failure(
    shape: int,
    code: str,
    message: str,
    details: Mapping[str, Any] | None = None,
    errors: Mapping[str, list[str]] | None = None,
) -> bytes:
    """Return the body of an error in one of the four formats, without fields that the format does not have.

    Args:
        shape: 1 to 4, numbered as in the list that the collection keeps of what is known of the API.
        code: Machine-readable, such as C(INVALID_API_KEY). Shape 4 has no place for it.
        message: A sentence for a person.
        details: Additional fields of shapes 1 and 2, such as C({"retry_after": 60}).
        errors: The messages of shape 3 by field of an invalid request.

    Raises:
        ValueError: There is no such shape.
    """
    if shape in (1, 2):
        error: dict[str, Any] = {"code": code, "message": message}
        if details or errors:
            error["details"] = {**(details or {}), **(errors or {})}
        return encode({"success": False, "error": error} if shape == 1 else {"error": error})
    if shape == 3:
        body: dict[str, Any] = {"success": False, "message": message, "code": code}
        if errors:
            body["errors"] = errors
        return encode(body)
    if shape == 4:
        return encode({"message": message})
    raise ValueError(f"There is no error shape {shape!r}; there are {ERROR_SHAPES}.")


def encode(value: Any) -> bytes:
    """Encode JSON as UTF-8 without escapes, so that tests detect a client that guesses another encoding."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
