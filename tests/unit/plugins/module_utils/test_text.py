# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Untrusted text in messages: one line, printable, and short."""

from __future__ import annotations

import pytest

from ansible_collections.talkover.voice.plugins.module_utils._text import MAX_QUOTE, neutralize, neutralize_id, sanitize


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        ("plain é 日本", "plain é 日本"),
        ("a\r\n\tb", "a b"),
        ("\x1b[31mred\x00", "[31mred"),
        ("a\u202eb\u200bc", "a b c"),
        ("\ud800x", "x"),
        ("{{ a }} {%- b %} {# c #}", "{ { a } } { %- b % } { # c # }"),
        ("{{{%}{\u200b{", "{ { { % }{ {"),
        ("#jinja2: x", "# jinja2: x"),
        ("{a} 5% # {", "{a} 5% # {"),
    ],
)
def test_text_becomes_one_printable_line(text: str, line: str) -> None:
    assert sanitize(text) == line


def test_long_text_is_cut() -> None:
    assert sanitize("x" * 10**6) == "x" * (MAX_QUOTE - 1) + "…"
    assert sanitize("abcdef", 3) == "ab…"
    assert sanitize("abc", 3) == "abc"


@pytest.mark.parametrize(
    ("text", "neutral"),
    [
        ("Primary Carrier — US", "Primary Carrier — US"),
        ("Primary (US)", "Primary \u2768US\u2769"),
        ("{{ a['b'] | c }}", "\u2774\u2774 a\u2772\u2019b\u2019\u2773 \u00a6 c \u2775\u2775"),
        ("$ANSIBLE_VAULT;1.1\n00", "\uff04ANSIBLE_VAULT;1.1 00"),
    ],
)
def test_neutral_text_is_readable(text: str, neutral: str) -> None:
    assert neutralize(text) == neutral


@pytest.mark.parametrize(
    ("trunk_id", "neutral"),
    [
        ("3f2b7c1a-9d54-4e0b-8a6f-52c1d7e90b34", "3f2b7c1a-9d54-4e0b-8a6f-52c1d7e90b34"),
        ("{{ x }}\u202e%7B", "%7B%7B x %7D%7D%E2%80%AE%257B"),
        ("\ud800", "%3F"),
    ],
)
def test_neutral_ids_are_encoded(trunk_id: str, neutral: str) -> None:
    assert neutralize_id(trunk_id) == neutral
