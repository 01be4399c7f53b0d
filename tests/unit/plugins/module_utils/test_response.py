# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The response parser: content encodings, strict JSON, and the shapes of errors."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.module_utils._response import (
    MAX_DEPTH,
    MAX_DIGITS,
    APIError,
    InvalidResponse,
    inflate,
    parse_error,
    parse_error_body,
    parse_json,
    seconds,
)
from ansible_collections.talkover.voice.plugins.module_utils._token import Token

SECRET = "talq_do_not_print_me_7f3a"
TOKEN = Token(SECRET)
TEXT = b'{"success": true}' * 10


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return engine.compress(data) + engine.flush()


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (TEXT, ""),
        (TEXT, " Identity "),
        (gzip.compress(TEXT, mtime=0), "gzip"),
        (gzip.compress(TEXT, mtime=0), "X-GZIP"),
        (zlib.compress(TEXT), "deflate"),
        (raw_deflate(TEXT), "deflate"),
    ],
)
def test_content_encoding_is_decoded(body: bytes, encoding: str) -> None:
    assert inflate(body, encoding, len(TEXT)) == TEXT


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (TEXT, "br"),
        (TEXT, "gzip, gzip"),
        (TEXT, "gzip"),
        (gzip.compress(TEXT, mtime=0)[:-1], "gzip"),
        (gzip.compress(TEXT, mtime=0) + b"more", "gzip"),
    ],
)
def test_damaged_or_unknown_encoding_is_invalid(body: bytes, encoding: str) -> None:
    with pytest.raises(InvalidResponse):
        inflate(body, encoding, 1000)


@pytest.mark.parametrize("body", [TEXT, gzip.compress(b"0" * 10**7, mtime=0), zlib.compress(TEXT)])
def test_body_above_the_limit_is_invalid(body: bytes) -> None:
    encoding = "gzip" if body[:2] == b"\x1f\x8b" else "deflate" if body != TEXT else ""
    with pytest.raises(InvalidResponse, match=f"larger than {len(TEXT) - 1} bytes"):
        inflate(body, encoding, len(TEXT) - 1)


@pytest.mark.parametrize("value", [None, True, 0, -1.5, "", "é", [], {}, {"a": [{"b": None}]}, 10**MAX_DIGITS // 10])
def test_json_is_parsed(value: Any) -> None:
    assert parse_json(json.dumps(value).encode(), TOKEN) == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{} {}",
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"NaN",
        b"-Infinity",
        b"1e999",
        b'{"a": 1, "a": 1}',
        b'{"__ansible_unsafe": "x"}',
        b'"\\ud800"',
        b'{"\\ud800": 1}',
        b"1" * (MAX_DIGITS + 1),
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b"[" * 10**5,
    ],
)
def test_anything_but_strict_json_is_invalid(body: bytes) -> None:
    with pytest.raises(InvalidResponse):
        parse_json(body, TOKEN)


def test_the_deepest_nesting_is_accepted() -> None:
    assert parse_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, TOKEN)


def test_passwords_and_the_token_are_removed_at_any_depth() -> None:
    body = json.dumps({"a": [{"password": "x", SECRET: f"Bearer {SECRET}"}], "password": 1}).encode()
    parsed = parse_json(body, TOKEN)
    assert list(parsed) == ["a"]
    assert "password" not in parsed["a"][0]
    assert SECRET not in json.dumps(parsed)


@pytest.mark.parametrize(
    ("envelope", "error"),
    [
        ({"error": {"message": "No.", "code": "E1"}}, APIError("No.", "E1")),
        ({"error": {"message": "No.", "details": {"retry_after": 3}}}, APIError("No.", None, 3.0)),
        ({"error": "No."}, APIError("No.")),
        ({"message": "No.", "code": "E1"}, APIError("No.", "E1")),
        ({"message": "No.", "errors": {"id": ["bad"]}}, APIError('No. {"id": ["bad"]}')),
        ({"error": {"message": 1, "code": []}, "message": "Outer."}, APIError("Outer.")),
        ({}, APIError()),
        ([], APIError()),
        (None, APIError()),
    ],
)
def test_error_is_parsed_from_each_shape(envelope: Any, error: APIError) -> None:
    assert parse_error(envelope) == error
    assert parse_error_body(json.dumps(envelope).encode(), TOKEN) == error


def test_error_page_is_quoted_without_markup_and_token() -> None:
    error = parse_error_body(f"<h1>Bad</h1>\r\n<p>{SECRET}\x1b[31m".encode(), TOKEN)
    assert error.message.startswith("Bad ")
    assert not {"<", "\x1b", SECRET} & {*error.message, error.message}
    assert SECRET not in error.message


def test_damaged_json_with_a_password_is_not_quoted() -> None:
    assert parse_error_body(b'{"password": "hunter2"', TOKEN) == APIError()


@pytest.mark.parametrize(
    ("value", "number"),
    [(0, 0.0), (1.5, 1.5), ("7", 7.0), (" 7.25 ", 7.25), (10**400, 1e15)],
)
def test_seconds_are_parsed(value: Any, number: float) -> None:
    assert seconds(value) == number


@pytest.mark.parametrize("value", [None, True, -1, float("nan"), "", "-1", "1e3", "٣", "1" * 16, [], {}])
def test_anything_else_is_not_seconds(value: Any) -> None:
    assert seconds(value) is None
