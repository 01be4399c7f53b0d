# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Untrusted text in messages: one line, printable, and short."""

from __future__ import annotations

import pytest

from ansible_collections.talkover.voice.plugins.module_utils._text import MAX_QUOTE, sanitize


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        ("plain é 日本", "plain é 日本"),
        ("a\r\n\tb", "a b"),
        ("\x1b[31mred\x00", "[31mred"),
        ("a\u202eb\u200bc", "a b c"),
        ("\ud800x", "x"),
    ],
)
def test_text_becomes_one_printable_line(text: str, line: str) -> None:
    assert sanitize(text) == line


def test_long_text_is_cut() -> None:
    assert sanitize("x" * 10**6) == "x" * (MAX_QUOTE - 1) + "…"
    assert sanitize("abcdef", 3) == "ab…"
    assert sanitize("abc", 3) == "abc"
