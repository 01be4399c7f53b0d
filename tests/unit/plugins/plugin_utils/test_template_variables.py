# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test which variables of a template are found, and which templates hide some."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.module_utils._errors import TalkoverError
from ansible_collections.talkover.voice.plugins.plugin_utils._template_variables import used_variables


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("url", set()),
        ("{{ 'url' }}", set()),
        ("{{ url }}", {"url"}),
        ("{{ url | mandatory }}", {"url"}),
        ([{"a": {"b": "{{ url }}"}}, "{{ other }}"], {"url", "other"}),
        ("{{ outer }}", {"outer", "url"}),
        ("{{ endless }}", {"endless"}),
    ],
)
def test_the_variables_of_a_value_and_those_behind_them_are_found(value: Any, names: set[str]) -> None:
    assert used_variables(value, {"outer": "{{ url }}", "url": "a", "endless": "{{ endless }}"}) == names


@pytest.mark.parametrize(
    "template",
    [
        "{{ lookup('vars', 'url') }}",
        "{{ query('ansible.builtin.vars', 'url') | first }}",
        "{{ q('ansible.builtin.template', 'url.j2') }}",
        "{{ lookup('v' ~ 'ars', 'url') }}",
        "{% set read = lookup %}{{ read('vars', 'url') }}",
        "{{ vars['url'] }}",
        "{{ vars.url }}",
        "{% include 'url.j2' %}",
        "{{ url",
        "{% unknown %}",
    ],
)
def test_a_template_that_hides_its_variables_is_an_error(template: str) -> None:
    with pytest.raises(TalkoverError, match="module_defaults or environment") as caught:
        used_variables([{"api_url": template}], {"url": "a"}, "module_defaults or environment")
    assert caught.value.kind == "config"
    # Elsewhere, it is no error.
    used_variables(template, {})
