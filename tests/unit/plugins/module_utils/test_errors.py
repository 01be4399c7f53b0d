# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The error type: its kinds, its text, and the dictionary of a failed result."""

from __future__ import annotations

import pytest

from ansible_collections.talkover.voice.plugins.module_utils import _errors
from ansible_collections.talkover.voice.plugins.module_utils._errors import ADVICE, TalkoverError


@pytest.mark.parametrize("kind", ADVICE)
def test_each_kind_is_in_the_hierarchy_and_adds_its_advice(kind: str) -> None:
    assert f'kind "{kind}"' in str(_errors.__doc__)
    text = str(TalkoverError(kind, "Connection refused."))
    assert text.startswith("Connection refused.")
    assert ADVICE[kind] in text


def test_the_text_gives_the_number_of_attempts() -> None:
    error = TalkoverError("network", "Connection refused.")
    assert "3" not in str(error)
    error.attempts = 3
    assert "3" in str(error)


def test_the_dictionary_has_only_what_is_known() -> None:
    assert TalkoverError("config", "Wrong.").as_dict() == {"kind": "config"}
    error = TalkoverError("rejected", "No.", status=422, code="E1", trunk_id="a", url="https://x", wait=3.0)
    assert error.as_dict() == {
        "kind": "rejected",
        "status": 422,
        "code": "E1",
        "trunk_id": "a",
        "url": "https://x",
    }
