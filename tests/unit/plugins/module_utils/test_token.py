# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that the token is in one header only."""

from __future__ import annotations

import copy
import pickle

import pytest

from ansible_collections.talkover.voice.plugins.module_utils._errors import TalkoverError
from ansible_collections.talkover.voice.plugins.module_utils._token import HIDDEN, Token


@pytest.mark.parametrize("text", ["talq_abc", "  talq_abc\n", "acme_1", "x"])
def test_a_token_of_any_prefix_is_stripped_and_sent(text: str) -> None:
    assert Token(text).header() == f"Bearer {text.strip()}"


@pytest.mark.parametrize(
    "text", ["", "  ", "talq_a\nbc", "talq_a bc", "talq_a\x00bc", "talq_é", "talq_a\x7fbc", "talq\u200b_a"]
)
def test_an_impossible_token_is_an_error_that_does_not_show_it(text: str) -> None:
    with pytest.raises(TalkoverError) as caught:
        Token(text)
    assert caught.value.kind == "config"
    assert "talq" not in str(caught.value)


def test_no_view_of_the_object_shows_it() -> None:
    token = Token("talq_abc")
    assert "talq" not in f"{token} {token!r} {[token]}"
    for escape in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError, match="not to be stored"):
            escape(token)


def test_it_is_redacted_in_text() -> None:
    token = Token(" talq_abcdefgh\n")
    for _use in range(2):
        assert token.hide("Bad talq_abcdefgh.") == f"Bad {HIDDEN}."
