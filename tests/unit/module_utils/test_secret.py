# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token goes into one header, and nowhere else."""

from __future__ import annotations

import copy
import pickle

import pytest

from ansible_collections.talkover.voice.plugins.module_utils.errors import TalkoverError
from ansible_collections.talkover.voice.plugins.module_utils.secret import HIDDEN, Token


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


@pytest.mark.parametrize(
    "echo",
    ["talq_a/b+c&d", "talq_a%2Fb%2Bc%26d", "talq_a%2fb%2bc%26d", "talq_a/b+c&amp;d", "talq_a\\/b+c&d"],
)
def test_the_token_is_hidden_in_each_form_it_is_echoed_in(echo: str) -> None:
    assert Token("talq_a/b+c&d").hide(f"<{echo}>") == f"<{HIDDEN}>"


def test_no_view_of_the_object_shows_it() -> None:
    token = Token("talq_abc")
    assert "talq" not in f"{token} {token!r} {[token]}"
    for escape in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError, match="not to be stored"):
            escape(token)
